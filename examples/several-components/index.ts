import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { SigsciIstioIntegration } from "pulumi-sigsci-istio";

const config = new pulumi.Config();

// Both components edit the same ConfigMap. They do it one after the other because they use the same provider object;
// with two provider objects each would write without the other's entries.
const cluster = new k8s.Provider("cluster");

const shop = new SigsciIstioIntegration(
  "shop-waf",
  {
    credentials: {
      site: "shop-prod",
      accessKeyId: config.require("shopAccessKeyId"),
      secretAccessKey: config.requireSecret("shopSecretAccessKey"),
    },
    namespace: "sigsci-shop",
    targets: [{ name: "storefront", namespace: "shop", matchLabels: { app: "web" } }],
  },
  { provider: cluster },
);

const payments = new SigsciIstioIntegration(
  "payments-waf",
  {
    credentials: {
      site: "payments-prod",
      accessKeyId: config.require("paymentsAccessKeyId"),
      secretAccessKey: config.requireSecret("paymentsSecretAccessKey"),
    },
    namespace: "sigsci-payments",
    // A request that cannot be inspected is refused here, and the agent gets more time to answer.
    inspection: { failOpen: false, timeout: "500ms", statusOnError: 503 },
    targets: [{ name: "checkout", namespace: "payments", matchLabels: { app: "checkout" } }],
  },
  { provider: cluster },
);

export const agents = [shop.serviceHost, payments.serviceHost];
