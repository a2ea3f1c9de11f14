import * as pulumi from "@pulumi/pulumi";
import { Enforcement, InspectionMode, SigsciIstioIntegration } from "pulumi-sigsci-istio";

const config = new pulumi.Config();
const step = config.get("step") ?? "observe";

const waf = new SigsciIstioIntegration("waf", {
  // It observes with every version of Istio, and nothing waits for the agent meanwhile.
  enforcement: Enforcement.ExternalProcessing,
  credentials: {
    site: "shop-prod",
    accessKeyId: config.require("accessKeyId"),
    secretAccessKey: config.requireSecret("secretAccessKey"),
  },
  inspection:
    step === "observe"
      ? // 1. The agent sees every request, and none is blocked.
        { mode: InspectionMode.Observe, observeUntil: config.get("observeUntil") }
      : { mode: InspectionMode.Block },
  // 2. It decides about one request in ten; the other nine pass uninspected. 3. It decides about all.
  envoyFilter: { rolloutPercent: step === "share" ? 10 : 100 },
  targets: [{ name: "storefront", namespace: "shop", matchLabels: { app: "web" } }],
});

export const coverage = waf.coverage;
export const notInspected = waf.notInspected;
