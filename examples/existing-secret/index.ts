import * as pulumi from "@pulumi/pulumi";
import { SigsciIstioIntegration } from "pulumi-sigsci-istio";

const config = new pulumi.Config();

const waf = new SigsciIstioIntegration("waf", {
  credentials: {
    existingSecret: {
      // Kubernetes does not restart pods when a Secret changes: a new name for each rotation does.
      name: config.require("secretName"),
      accessKeyIdKey: "agent-access-key",
      secretAccessKeyKey: "agent-secret-key",
    },
  },
  // The Secret has to be in the agent's namespace, so that namespace is there before this program.
  namespace: "security",
  createNamespace: false,
  targets: [{ name: "storefront", namespace: "shop", matchLabels: { app: "web" } }],
});

export const secretName = waf.secretName;
