import assert from "node:assert/strict";
import { Enforcement } from "../../../src/args/integration";
import { PreflightCheck } from "../../../src/args/preflight";
import { TargetKind, TargetRefKind } from "../../../src/args/targets";
import type { LiveObject } from "../../../src/kubernetes/liveObject";
import { observing } from "../../../src/preflight/checks/observing";
import type { ClusterFacts } from "../../../src/preflight/clusterFacts";
import type { PreflightSubject } from "../../../src/preflight/subject";
import { customPolicy, findings, object, subject } from "../objects";

const istiodOf = (image: string | undefined, status?: object, name = "istiod"): LiveObject => ({
  ...object(`istio-system/${name}`, { template: { spec: { containers: [{ name: "discovery", image }] } } }),
  ...(status && { status }),
});
const podOf = (
  id: string,
  image: string | undefined,
  labels: Record<string, string> = { app: "web" },
): LiveObject => object(id, { containers: [{ name: "web" }, { name: "istio-proxy", image }] }, { labels });
const current = "istio/proxyv2:1.31.0";

const good: ClusterFacts = {
  istiods: [istiodOf("istio/pilot:1.31.0")],
  pods: [podOf("shop/web-1", current)],
  workloads: [],
  authorizationPolicies: [],
  envoyFilters: [],
  meshConfigMaps: [],
};

const found = (facts: ClusterFacts, changes: Partial<PreflightSubject> = {}): string[] =>
  findings([observing], { ...good, ...facts }, subject({ shadowed: ["storefront"], ...changes })).map(
    ({ severity, where, message }) => `${severity} ${where}: ${message}`,
  );

/** The start of each finding, whose end is always the same. */
const starts = (...given: Parameters<typeof found>): string[] =>
  found(...given).map((text) => text.replace(/: an? [^:]*$/, ""));

describe("preflight: observing, the versions", () => {
  it("has nothing to say where istiod and all proxies are new enough, or nothing is observed", () => {
    assert.deepEqual(found({}), []);
    assert.deepEqual(found({ istiods: [istiodOf("istio/pilot:1.32.4-distroless")] }), []);
    assert.deepEqual(found({ istiods: undefined, pods: undefined }, { shadowed: [] }), []);
  });

  it("refuses an older istiod in words that say what would happen, and the ways out", () => {
    const facts = { ...good, istiods: [istiodOf("istio/pilot:1.30.2")] };
    assert.deepEqual(findings([observing], facts, subject({ shadowed: ["storefront"] })), [
      {
        check: PreflightCheck.Observing,
        severity: "error",
        where: "istiod istio-system/istiod",
        message:
          "it runs Istio 1.30.2: an istiod before 1.31 drops Envoy's shadow mode, and what is to be observed would be blocked.",
        remedy:
          "Upgrade Istio to 1.31 or newer and start the pods again, use enforcement ExternalProcessing, which observes with " +
          "every version, or let the target block.",
      },
    ]);
  });

  it("looks at every istiod", () => {
    const istiods = [istiodOf("istio/pilot:1.31.0"), istiodOf("istio/pilot:1.29.0", undefined, "istiod-old")];
    assert.deepEqual(starts({ istiods }), ["error istiod istio-system/istiod-old: it runs Istio 1.29.0"]);
  });

  it("refuses what it cannot see of istiod", () => {
    const of = (istiods: ClusterFacts["istiods"]): string[] => starts({ istiods });
    assert.deepEqual(of(undefined), ["error istiod in namespace istio-system: it could not be read"]);
    assert.deepEqual(of([]), [
      "error istiod in namespace istio-system: there is no Deployment with the label app=istiod",
    ]);
    assert.deepEqual(of([istiodOf(undefined)]), ["error istiod istio-system/istiod: its image is not named"]);
    assert.deepEqual(of([istiodOf("istio/pilot:latest")]), [
      "error istiod istio-system/istiod: its image istio/pilot:latest names no release of Istio",
    ]);
  });

  it("refuses while pods of an earlier istiod may run", () => {
    const isRefused = (status: object, generation = 1): boolean => {
      const istiod = istiodOf("istio/pilot:1.31.0", status);
      const metadata = { ...(istiod.metadata as object), generation };
      return found({ istiods: [{ ...istiod, metadata }] }).length > 0;
    };
    assert.equal(isRefused({ observedGeneration: 1, replicas: 2, updatedReplicas: 2 }), false);
    assert.equal(isRefused({ observedGeneration: 1, replicas: 3, updatedReplicas: 2 }), true);
    assert.equal(isRefused({ observedGeneration: 1, replicas: 1 }), true);
    assert.equal(isRefused({ observedGeneration: 1, replicas: 1, updatedReplicas: 1 }, 2), true);
  });

  it("refuses older proxies of the target, and those of which it cannot see the version", () => {
    const pods = [
      podOf("shop/web-1", current),
      podOf("shop/web-2", "istio/proxyv2:1.30.1"),
      podOf("shop/web-3", "istio/proxyv2:1.30.1"),
      podOf("shop/web-4", "mesh/proxy@sha256:12"),
    ];
    assert.deepEqual(starts({ pods }), [
      "error target storefront: of the proxy in web-2, web-3 is seen that it runs Istio 1.30.1",
      "error target storefront: of the proxy in web-4 is seen that its image mesh/proxy@sha256:12 names no release of Istio",
    ]);
    assert.deepEqual(starts({ pods: undefined }), ["error target storefront: its pods could not be listed"]);
  });

  it("says nothing of pods that no observed target selects, have ended, or have no proxy", () => {
    const old = "istio/proxyv2:1.30.1";
    const pods = [
      podOf("shop/api-1", old, { app: "api" }),
      podOf("pay/web-1", old),
      { ...podOf("shop/web-job", old), status: { phase: "Succeeded" } },
      object("shop/web-bare", { containers: [{ name: "web", image: "web:1" }] }, { labels: { app: "web" } }),
    ];
    assert.deepEqual(found({ pods }), []);
  });

  it("finds the proxies of a Gateway by its name", () => {
    const gateway = {
      name: "storefront",
      namespace: "shop",
      kind: TargetKind.Gateway,
      targetRefs: [{ kind: TargetRefKind.Gateway, name: "edge" }],
    };
    const labels = { "gateway.networking.k8s.io/gateway-name": "edge" };
    const pods = [podOf("shop/edge-1", "istio/proxyv2:1.30.1", labels)];
    assert.equal(found({ pods }, { targets: [gateway] }).length, 1);
    const other = [podOf("shop/edge-1", "istio/proxyv2:1.30.1", { app: "web" })];
    assert.deepEqual(found({ pods: other }, { targets: [gateway] }), []);
  });

  it("refuses a workload whose next pods get an older proxy", () => {
    const annotations = { "sidecar.istio.io/proxyImage": "istio/proxyv2:1.28.0" };
    const template = { metadata: { labels: { app: "web" }, annotations }, spec: {} };
    assert.deepEqual(starts({ workloads: [object("shop/web", { template })] }), [
      "error target storefront: of the proxy in web is seen that it runs Istio 1.28.0",
    ]);
  });

  it("refuses a target in the root namespace, which reaches proxies that are not looked at", () => {
    const targets = [{ name: "storefront", namespace: "istio-system" }];
    assert.match(
      starts({}, { targets }).join("\n"),
      /^error target storefront: it is in Istio's root namespace/,
    );
  });

  it("looks at the versions for EnvoyFilters too, and at no other authorizers", () => {
    const changes = { enforcement: Enforcement.EnvoyFilter };
    const facts = { authorizationPolicies: [customPolicy("shop/opa", "opa")], envoyFilters: undefined };
    assert.deepEqual(found(facts, changes), []);
    assert.equal(found({ ...facts, istiods: [istiodOf("istio/pilot:1.30.0")] }, changes).length, 1);
  });
});

const insertion = {
  applyTo: "HTTP_FILTER",
  patch: { operation: "INSERT_FIRST", value: { name: "envoy.filters.http.ext_authz" } },
};
const filterOf = (id: string, labels: Record<string, string>, patch: object = insertion): LiveObject =>
  object(id, { workloadSelector: { labels }, configPatches: [patch] });

describe("preflight: observing, what else blocks by ext_authz", () => {
  it("refuses to switch a policy of another provider off, also where istiod allows several", () => {
    const facts = { ...good, authorizationPolicies: [customPolicy("shop/opa", "opa", { app: "web" })] };
    assert.deepEqual(findings([observing], facts, subject({ shadowed: ["storefront"] })), [
      {
        check: PreflightCheck.Observing,
        severity: "error",
        where: "target storefront",
        message:
          "AuthorizationPolicy shop/opa blocks by ext_authz in proxies of this target, or may: a proxy observes with all of " +
          "its checks or with none, and what that one refuses would pass.",
        remedy:
          "Tell them apart by one label, give both the same mode, or use enforcement EnvoyFilter or ExternalProcessing, where " +
          "each target has a filter of its own.",
      },
    ]);
  });

  it("finds EnvoyFilters that insert such a filter for the same proxies, and no others", () => {
    const of = (filter: LiveObject): number => found({ envoyFilters: [filter] }).length;
    assert.equal(of(filterOf("shop/login", { app: "web" })), 1);
    assert.equal(of(filterOf("istio-system/login", {})), 1);
    assert.equal(of(filterOf("shop/login", { app: "api" })), 0);
    assert.equal(of(filterOf("pay/login", {})), 0);
    const merge = { ...insertion, patch: { ...insertion.patch, operation: "MERGE" } };
    assert.equal(of(filterOf("shop/login", { app: "web" }, merge)), 0);
    const own = filterOf("shop/waf-storefront", { app: "web" });
    const annotations = { "pulumi-sigsci-istio/component": "waf" };
    assert.equal(of({ ...own, metadata: { ...(own.metadata as object), annotations } }), 0);
  });

  it("refuses a blocking target that may have proxies in common with an observed one", () => {
    const storefront = { name: "storefront", namespace: "shop", matchLabels: { app: "web" } };
    const other = (matchLabels: Record<string, string>): string[] =>
      starts({}, { targets: [storefront, { name: "edge", namespace: "shop", matchLabels }] });
    assert.deepEqual(other({ app: "api" }), []);
    assert.deepEqual(other({ app: "web", tier: "front" }), [
      "error target storefront: target edge blocks by ext_authz in proxies of this target, or may",
    ]);
    const both = { targets: [storefront, { ...storefront, name: "edge" }], shadowed: ["storefront", "edge"] };
    assert.deepEqual(found({}, both), []);
  });

  it("refuses where policies or EnvoyFilters could not be listed", () => {
    assert.deepEqual(starts({ authorizationPolicies: undefined, envoyFilters: undefined }), [
      "error target storefront: AuthorizationPolicies could not be listed, one of which may block by ext_authz",
      "error target storefront: EnvoyFilters could not be listed, one of which may block by ext_authz",
    ]);
  });
});
