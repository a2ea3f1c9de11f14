import * as pulumi from "@pulumi/pulumi";
import { SigsciIstioIntegration } from "pulumi-sigsci-istio";

const config = new pulumi.Config();

const waf = new SigsciIstioIntegration("waf", {
  credentials: {
    site: "shop-prod",
    accessKeyId: config.require("accessKeyId"),
    secretAccessKey: config.requireSecret("secretAccessKey"),
  },
  agent: {
    // Four targets share this agent, so it is larger; its option max-procs follows the CPU limit.
    resources: { requests: { cpu: "2", memory: "1Gi" }, limits: { cpu: "2", memory: "2Gi" } },
  },
  targets: [
    {
      name: "storefront",
      namespace: "shop",
      matchLabels: { app: "web" },
      // Health checks never reach the agent. Exact paths only: what begins with /assets/ may be /assets/..%2fadmin.
      notPaths: ["/healthz", "/readyz"],
    },
    {
      name: "checkout",
      namespace: "payments",
      matchLabels: { app: "checkout" },
      // The port of the container. It keeps the policy off the TCP ports of the same pods.
      ports: [8443],
    },
    {
      name: "catalogue",
      namespace: "shop",
      matchLabels: { app: "catalogue" },
      // A request is inspected when one of the rules matches it. The warehouse is told by the address of its
      // connection; a header that says so could come from anybody.
      rules: [{ ports: [8080] }, { ports: [8081], notIpBlocks: ["10.20.0.0/16"] }],
    },
    // Without labels: every workload of the namespace.
    { name: "partners", namespace: "partners" },
  ],
});

export const coverage = waf.coverage;
export const policies = waf.authorizationPolicies;
