import * as pulumi from "@pulumi/pulumi";
import { Enforcement, SigsciIstioIntegration } from "pulumi-sigsci-istio";

const config = new pulumi.Config();

// No provider, no AuthorizationPolicy: the mesh ConfigMap stays as it is.
const waf = new SigsciIstioIntegration("waf", {
  enforcement: Enforcement.EnvoyFilter,
  credentials: {
    site: "shop-prod",
    accessKeyId: config.require("accessKeyId"),
    secretAccessKey: config.requireSecret("secretAccessKey"),
  },
  envoyFilter: {
    // One request in ten at first; the other nine pass without inspection.
    rolloutPercent: 10,
    excludedPaths: ["/healthz"],
    // The application sees which requests passed because the agent could not be asked.
    failOpenHeader: true,
  },
  targets: [{ name: "storefront", namespace: "shop", matchLabels: { app: "web" } }],
});

export const filters = waf.envoyFilters;
export const notInspected = waf.notInspected;
