import * as pulumi from "@pulumi/pulumi";
import { Enforcement, SigsciIstioIntegration } from "pulumi-sigsci-istio";

const config = new pulumi.Config();

// One stream carries a request and its response to one agent: any number of agents shares the work, and the mesh
// ConfigMap stays as it is.
const waf = new SigsciIstioIntegration("waf", {
  enforcement: Enforcement.ExternalProcessing,
  credentials: {
    site: "shop-prod",
    accessKeyId: config.require("accessKeyId"),
    secretAccessKey: config.requireSecret("secretAccessKey"),
  },
  agent: { autoscaling: { minReplicas: 2, maxReplicas: 10 } },
  envoyFilter: { excludedPaths: ["/healthz"] },
  targets: [{ name: "storefront", namespace: "shop", matchLabels: { app: "web" } }],
});

export const filters = waf.envoyFilters;
export const notInspected = waf.notInspected;
