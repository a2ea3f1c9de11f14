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
    // The pods of an Istio gateway, by their labels.
    {
      name: "edge",
      kind: TargetKind.Gateway,
      namespace: "istio-ingress",
      matchLabels: { istio: "ingress" },
      notPaths: ["/healthz"],
    },
    // The proxies that Istio makes for a Gateway of the Gateway API.
    {
      name: "partners",
      kind: TargetKind.Gateway,
      namespace: "partners",
      targetRefs: [{ kind: TargetRefKind.Gateway, name: "partner-gateway" }],
      hosts: ["api.partners.example"],
    },
  ],
});

export const coverage = waf.coverage;
