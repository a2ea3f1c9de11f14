import * as pulumi from "@pulumi/pulumi";
import { SigsciIstioIntegration, TargetKind, TargetRefKind } from "pulumi-sigsci-istio";

const config = new pulumi.Config();

const waf = new SigsciIstioIntegration("waf", {
  credentials: {
    site: "shop-prod",
    accessKeyId: config.require("accessKeyId"),
    secretAccessKey: config.requireSecret("secretAccessKey"),
  },
  targets: [
    // Requests to one Service; they pass a waypoint when the Service or its namespace names one.
    {
      name: "storefront",
      kind: TargetKind.Waypoint,
      namespace: "shop",
      targetRefs: [{ kind: TargetRefKind.Service, name: "web" }],
    },
    // Everything that passes one waypoint.
    {
      name: "payments",
      kind: TargetKind.Waypoint,
      namespace: "payments",
      targetRefs: [{ kind: TargetRefKind.Gateway, name: "waypoint" }],
    },
  ],
});

export const coverage = waf.coverage;
