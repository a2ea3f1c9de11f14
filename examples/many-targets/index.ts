import * as pulumi from "@pulumi/pulumi";
import { SigsciIstioIntegration } from "pulumi-sigsci-istio";

const config = new pulumi.Config();

const waf = new SigsciIstioIntegration("waf", {
  credentials: {
    site: "shop-prod",
    accessKeyId: config.require("accessKeyId"),
    secretAccessKey: config.requireSecret("secretAccessKey"),
  },
  agent: {
    // Four targets share this agent, so it is larger; its option max-procs follows the CPU limit.
    resources: { requests: { cpu: "2", memory: "1Gi" }, limits: { cpu: "2", memory: "2Gi" } },
  },
  targets: [
    {
      name: "storefront",
      namespace: "shop",
      matchLabels: { app: "web" },
      // Health checks and static files never reach the agent.
      notPaths: ["/healthz", "/assets/*"],
    },
    {
      name: "checkout",
      namespace: "payments",
      matchLabels: { app: "checkout" },
      // Only what can change something. The port keeps the policy off the TCP ports of the same pods.
      methods: ["POST", "PUT", "PATCH", "DELETE"],
      ports: [8443],
    },
    {
      name: "catalogue",
      namespace: "shop",
      matchLabels: { app: "catalogue" },
      // A request is inspected when one of the rules matches it.
      rules: [
        { hosts: ["api.shop.example"], paths: ["/v2/*"] },
        { headers: [{ name: "x-partner", notValues: ["warehouse"] }], notMethods: ["OPTIONS"] },
      ],
    },
    // Without labels: every workload of the namespace.
    { name: "partners", namespace: "partners" },
  ],
});

export const targets = waf.targets;
export const policies = waf.authorizationPolicies;
