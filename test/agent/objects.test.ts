import assert from "node:assert/strict";
import {
  agentNamespace,
  agentNetworkPolicy,
  agentPodDisruptionBudget,
  agentServiceAccount,
} from "../../src/agent/objects";
import { agentContainer } from "../../src/agent/container";
import { agentSettings } from "../../src/settings/agent";
import { createdSecretReference } from "../../src/settings/secretReference";
import { context, metadata, plain } from "./agentObjects";

describe("agent ServiceAccount", () => {
  it("has no token, and is not made when one is given", () => {
    assert.deepEqual(agentServiceAccount(agentSettings("waf"), context), {
      metadata,
      automountServiceAccountToken: false,
    });
    assert.equal(
      agentServiceAccount(agentSettings("waf", { serviceAccountName: "mine" }), context),
      undefined,
    );
  });
});

describe("agent PodDisruptionBudget", () => {
  it("is made for more than one replica only", () => {
    assert.equal(agentPodDisruptionBudget(agentSettings("waf"), context), undefined);
    assert.deepEqual(agentPodDisruptionBudget(agentSettings("waf", { replicas: 2 }), context), {
      metadata,
      spec: {
        maxUnavailable: 1,
        selector: { matchLabels: { app: "waf-agent" } },
        unhealthyPodEvictionPolicy: "AlwaysAllow",
      },
    });
  });
});

describe("agent NetworkPolicy", () => {
  it("lets in to the port of each pod by the name that the pod gives it, as another port rolls out", () => {
    const old = agentSettings("waf", { networkPolicy: {} });
    const changed = agentSettings("waf", { networkPolicy: {}, port: 5000 });
    const allowed = plain(agentNetworkPolicy(changed, context))?.spec?.ingress?.[0]?.ports ?? [];
    for (const settings of [old, changed]) {
      const [grpc] =
        plain(agentContainer(settings, { secret: createdSecretReference("keys", false), listenHost: "" }))
          .ports ?? [];
      assert.equal(grpc?.containerPort, settings.port);
      assert.ok(allowed.some(({ port }) => port === grpc.name));
    }
  });

  it("is made only when asked for", () => {
    assert.equal(agentNetworkPolicy(agentSettings("waf"), context), undefined);
  });

  it("lets in gRPC from every namespace and out DNS and HTTPS", () => {
    assert.deepEqual(agentNetworkPolicy(agentSettings("waf", { networkPolicy: {} }), context), {
      metadata,
      spec: {
        podSelector: { matchLabels: { app: "waf-agent" } },
        policyTypes: ["Ingress", "Egress"],
        ingress: [
          {
            from: [{ namespaceSelector: {} }],
            ports: [
              { protocol: "TCP", port: "sigsci-grpc" },
              { protocol: "TCP", port: 9999 },
            ],
          },
        ],
        egress: [
          {
            ports: [
              { protocol: "UDP", port: 53 },
              { protocol: "TCP", port: 53 },
            ],
          },
          {
            to: [{ ipBlock: { cidr: "0.0.0.0/0" } }, { ipBlock: { cidr: "::/0" } }],
            ports: [{ protocol: "TCP", port: 443 }],
          },
        ],
      },
    });
  });

  it("is narrowed by namespaces and CIDR blocks", () => {
    const networkPolicy = { fromNamespaces: ["shop", "pay"], toCidrs: ["203.0.113.0/24"] };
    const { spec } = plain(agentNetworkPolicy(agentSettings("waf", { networkPolicy }), context)) ?? {};
    assert.deepEqual(spec?.ingress?.[0]?.from, [
      {
        namespaceSelector: {
          matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: ["shop", "pay"] }],
        },
      },
    ]);
    assert.deepEqual(spec.egress?.[1]?.to, [{ ipBlock: { cidr: "203.0.113.0/24" } }]);
  });
});

describe("agent namespace", () => {
  it("enforces the restricted profile and takes no proxies", () => {
    const labelled = {
      ...context,
      labels: { team: "edge", "istio-injection": "enabled" },
      annotations: { owner: "o" },
    };
    assert.deepEqual(agentNamespace(labelled), {
      metadata: {
        name: "sigsci",
        labels: {
          team: "edge",
          "app.kubernetes.io/part-of": "sigsci-istio",
          "app.kubernetes.io/managed-by": "pulumi",
          "istio-injection": "disabled",
          "pod-security.kubernetes.io/enforce": "restricted",
          "pod-security.kubernetes.io/audit": "restricted",
          "pod-security.kubernetes.io/warn": "restricted",
        },
        annotations: { owner: "o" },
      },
    });
    assert.ok(!("annotations" in (agentNamespace(context).metadata ?? {})));
  });
});
