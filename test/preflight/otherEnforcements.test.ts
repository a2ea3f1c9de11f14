import assert from "node:assert/strict";
import { Enforcement } from "../../src/args/integration";
import { secondProvider } from "../../src/preflight/checks/secondProvider";
import type { ClusterFacts } from "../../src/preflight/clusterFacts";
import type { LiveObject } from "../../src/kubernetes/liveObject";
import { customPolicy, findings, istiod, object, subject } from "./objects";

const own = (component: string): { labels: Record<string, string>; annotations: Record<string, string> } => ({
  labels: { "app.kubernetes.io/part-of": "sigsci-istio" },
  annotations: { "pulumi-sigsci-istio/component": component },
});
const madeBy = (component: string, policy: LiveObject): LiveObject => ({
  ...policy,
  metadata: { ...(policy.metadata as object), ...own(component) },
});
const filter = (kind: string, cluster: string, app = "web"): LiveObject =>
  object("shop/filter", {
    workloadSelector: { labels: { app } },
    configPatches: [
      {
        applyTo: "HTTP_FILTER",
        patch: {
          operation: "INSERT_FIRST",
          value: {
            name: `envoy.filters.http.${kind}`,
            typed_config: { grpc_service: { envoy_grpc: { cluster_name: cluster } } },
          },
        },
      },
    ],
  });
const agent = "outbound|9999||waf-agent.security.svc.cluster.local";

describe("preflight: another enforcement on the same proxies", () => {
  const messages = (facts: ClusterFacts, enforcement = Enforcement.EnvoyFilter): string[] =>
    findings([secondProvider], facts, subject({ enforcement })).map(
      ({ severity, where, message }) => `${severity} ${where}: ${message.split(":", 1).join("")}`,
    );
  const twice = (other: string): string[] => [
    `warning target storefront: ${other} asks an agent about requests of the same workloads`,
  ];

  it("is named with what it does and the ways out", () => {
    const authorizationPolicies = [
      madeBy("shield", customPolicy("shop/shield-web", "shield-ext-authz", { app: "web" })),
    ];
    const [found] = findings(
      [secondProvider],
      { authorizationPolicies },
      subject({ enforcement: Enforcement.EnvoyFilter }),
    );
    assert.equal(
      found?.message,
      "AuthorizationPolicy shop/shield-web asks an agent about requests of the same workloads: each would be inspected " +
        "twice and wait for both, and either of the two could block it.",
    );
    assert.equal(
      found.remedy,
      "Remove that one once this one is in force, or tell them apart by one label: " +
        'matchLabels: { app: "web" } here and { app: "api" } there.',
    );
  });

  it("is found whatever it is: a policy or a filter of another component, or one made by hand as in the guide", () => {
    const byHand = customPolicy("shop/waf", "sigsci-agent-ext-authz", { app: "web" });
    assert.deepEqual(messages({ authorizationPolicies: [byHand] }), twice("AuthorizationPolicy shop/waf"));
    for (const envoyFilter of [
      madeBy("shield", filter("ext_authz", agent)),
      filter("ext_authz", "sigsci-agent-grpc"),
      filter("ext_proc", agent),
    ]) {
      assert.deepEqual(messages({ envoyFilters: [envoyFilter] }), twice("EnvoyFilter shop/filter"));
    }
    const [maybe] = messages({
      authorizationPolicies: [customPolicy("shop/waf", "sigsci", { tier: "edge" })],
    });
    assert.match(maybe ?? "", /about requests of workloads that may be the same$/);
  });

  it("is found also where istiod takes several providers", () => {
    const istiods = [istiod({ PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS: "true" })];
    assert.deepEqual(
      messages({ istiods, envoyFilters: [filter("ext_proc", agent)] }),
      twice("EnvoyFilter shop/filter"),
    );
  });

  it("is none of this component, of another kind, or for others", () => {
    assert.deepEqual(
      messages({
        authorizationPolicies: [
          madeBy("waf", customPolicy("shop/waf-web", "waf-ext-authz", { app: "web" })),
          customPolicy("shop/login", "oauth2-proxy", { app: "web" }),
        ],
        envoyFilters: [
          madeBy("waf", filter("ext_authz", agent)),
          filter("ext_authz", "outbound|4180||oauth2-proxy.login.svc.cluster.local"),
          filter("ext_proc", "outbound|9002||picker.models.svc.cluster.local"),
          filter("ext_proc", agent, "api"),
        ],
      }),
      [],
    );
    assert.deepEqual(
      messages({ envoyFilters: [filter("ext_proc", agent)] }, Enforcement.AuthorizationPolicy),
      [],
    );
  });
});
