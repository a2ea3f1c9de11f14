import * as pulumi from "@pulumi/pulumi";
import { SigsciIstioIntegration } from "pulumi-sigsci-istio";

const config = new pulumi.Config();

// The agent runs once, in its own namespace; the proxies of the pods labelled app=web ask it about each request.
const waf = new SigsciIstioIntegration("waf", {
  credentials: {
    site: "shop-prod",
    accessKeyId: config.require("accessKeyId"),
    secretAccessKey: config.requireSecret("secretAccessKey"),
  },
  targets: [{ name: "storefront", namespace: "shop", matchLabels: { app: "web" } }],
});

export const agent = waf.serviceHost;
