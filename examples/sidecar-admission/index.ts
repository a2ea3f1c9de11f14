import * as pulumi from "@pulumi/pulumi";
import { Placement, SidecarInjection, SigsciIstioIntegration } from "pulumi-sigsci-istio";

const config = new pulumi.Config();

// Every pod that is created in the namespace gets the agent from the API server itself, whoever owns its workload.
const waf = new SigsciIstioIntegration("waf", {
  placement: Placement.Sidecar,
  sidecar: {
    injection: SidecarInjection.Admission,
    // Pods without a proxy have nobody who would ask the agent.
    excludedPods: [{ matchLabels: { "sidecar.istio.io/inject": "false" } }],
    requireAgent: true,
  },
  credentials: {
    site: "shop-prod",
    accessKeyId: config.require("accessKeyId"),
    secretAccessKey: config.requireSecret("secretAccessKey"),
  },
  targets: [{ name: "storefront", namespace: "shop" }],
});

export const secret = waf.secretName;
