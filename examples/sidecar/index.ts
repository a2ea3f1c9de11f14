import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Placement, SigsciIstioIntegration, withSigsciAgent } from "pulumi-sigsci-istio";

const config = new pulumi.Config();
const namespace = "shop";

const keys = new k8s.core.v1.Secret("agent-keys", {
  metadata: { namespace },
  stringData: {
    accesskeyid: config.require("accessKeyId"),
    secretaccesskey: config.requireSecret("secretAccessKey"),
  },
});

const labels = { app: "web" };
const web = new k8s.apps.v1.Deployment("web", {
  metadata: { name: "web", namespace },
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: withSigsciAgent(
        {
          automountServiceAccountToken: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 10001,
            runAsGroup: 10001,
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [
            {
              name: "web",
              image: "registry.example/shop/web:2.4.1",
              ports: [{ name: "http", containerPort: 8080 }],
              resources: {
                requests: { cpu: "250m", memory: "128Mi" },
                limits: { cpu: "500m", memory: "256Mi" },
              },
              securityContext: {
                runAsNonRoot: true,
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
              },
            },
          ],
        },
        { secret: { name: keys.metadata.name } },
      ),
    },
  },
});

// The proxies ask the agent once every pod has one.
const waf = new SigsciIstioIntegration(
  "waf",
  {
    placement: Placement.Sidecar,
    credentials: { existingSecret: { name: keys.metadata.name } },
    targets: [{ name: "storefront", namespace, matchLabels: labels }],
  },
  { dependsOn: web },
);

export const agent = waf.serviceHost;
