import * as pulumi from "@pulumi/pulumi";
import { Placement, SigsciIstioIntegration } from "pulumi-sigsci-istio";

const config = new pulumi.Config();

const waf = new SigsciIstioIntegration("waf", {
  placement: Placement.NodeLocal,
  credentials: {
    site: "shop-prod",
    accessKeyId: config.require("accessKeyId"),
    secretAccessKey: config.requireSecret("secretAccessKey"),
  },
  agent: {
    // One agent serves the proxies of one node only, so it can be smaller.
    resources: { requests: { cpu: "500m", memory: "512Mi" }, limits: { cpu: "1", memory: "1Gi" } },
    nodeSelector: { "kubernetes.io/os": "linux" },
  },
  targets: [
    { name: "storefront", namespace: "shop", matchLabels: { app: "web" } },
    { name: "checkout", namespace: "payments", matchLabels: { app: "checkout" } },
  ],
});

export const notInspected = waf.notInspected;
