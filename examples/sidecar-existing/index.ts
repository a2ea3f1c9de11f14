import * as pulumi from "@pulumi/pulumi";
import { Placement, SigsciIstioIntegration } from "pulumi-sigsci-istio";

const config = new pulumi.Config();

// Deployment `web` comes from a chart or another stack: its pods get the agent by a patch, which a destroy takes back.
const waf = new SigsciIstioIntegration("waf", {
  placement: Placement.Sidecar,
  credentials: {
    site: "shop-prod",
    accessKeyId: config.require("accessKeyId"),
    secretAccessKey: config.requireSecret("secretAccessKey"),
  },
  targets: [
    { name: "storefront", namespace: "shop", matchLabels: { app: "web" }, workload: { name: "web" } },
  ],
});

export const secret = waf.secretName;
