import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { SigsciIstioIntegration } from "pulumi-sigsci-istio";

const config = new pulumi.Config();

const system = new k8s.core.v1.Namespace("istio-system", { metadata: { name: "istio-system" } });
const chart = {
  namespace: system.metadata.name,
  version: config.require("istioVersion"),
  repositoryOpts: { repo: config.require("istioCharts") },
};
const base = new k8s.helm.v3.Release("istio-base", { ...chart, name: "istio-base", chart: "base" });
const istiod = new k8s.helm.v3.Release(
  "istiod",
  { ...chart, name: "istiod", chart: "istiod", values: { meshConfig: { accessLogFile: "/dev/stdout" } } },
  { dependsOn: base },
);

const shop = new k8s.core.v1.Namespace("shop", {
  metadata: { name: "shop", labels: { "istio-injection": "enabled" } },
});

const waf = new SigsciIstioIntegration(
  "waf",
  {
    credentials: {
      site: "shop-prod",
      accessKeyId: config.require("accessKeyId"),
      secretAccessKey: config.requireSecret("secretAccessKey"),
    },
    targets: [{ name: "storefront", namespace: shop.metadata.name, matchLabels: { app: "web" } }],
  },
  // Without it the first preview fails: it would read a mesh config that is not there before the chart is installed.
  { dependsOn: istiod },
);

export const meshConfigMaps = waf.meshConfigMaps;
