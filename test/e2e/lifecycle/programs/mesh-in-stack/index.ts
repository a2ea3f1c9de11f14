import * as k8s from "@pulumi/kubernetes";
import { SigsciIstioIntegration } from "pulumi-sigsci-istio";

// Stands for whatever installs Istio: at the first preview the ConfigMap is not there.
const mesh = new k8s.core.v1.ConfigMap("mesh", {
  metadata: { name: "istio", namespace: "istio-system" },
  data: { mesh: "rootNamespace: istio-system\ntrustDomain: cluster.local" },
});

const waf = new SigsciIstioIntegration(
  "waf",
  {
    credentials: { site: "shop-prod", accessKeyId: "a", secretAccessKey: "b" },
    targets: [{ name: "storefront", namespace: "shop", matchLabels: { app: "web" } }],
  },
  { dependsOn: mesh },
);

export const agent = waf.serviceHost;
