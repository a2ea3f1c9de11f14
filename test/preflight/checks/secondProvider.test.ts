import assert from "node:assert/strict";
import fc from "fast-check";
import { Enforcement } from "../../../src/args/integration";
import { TargetKind, TargetRefKind } from "../../../src/args/targets";
import type { ClaimedTarget } from "../../../src/enforcement/claimProxies";
import type { LiveObject } from "../../../src/kubernetes/liveObject";
import type { ClusterFacts } from "../../../src/preflight/clusterFacts";
import { secondProvider } from "../../../src/preflight/checks/secondProvider";
import { PreflightCheck } from "../../../src/args/preflight";
import { customPolicy, findings, istiod, object, pod, storefront, subject } from "../objects";

const of = (facts: ClusterFacts, changes = {}): string[] =>
  findings([secondProvider], facts, subject(changes)).map(({ severity, where }) => `${severity} ${where}`);

describe("preflight: a second external authorizer", () => {
  it("says what Istio would do, and the ways out", () => {
    const facts = { authorizationPolicies: [customPolicy("shop/opa", "opa", { app: "web" })] };
    assert.deepEqual(findings([secondProvider], facts, subject()), [
      {
        check: PreflightCheck.SecondProvider,
        severity: "error",
        where: "target storefront",
        message:
          "AuthorizationPolicy shop/opa sends the same workloads to provider opa. Istio takes one external authorizer " +
          "for a workload: with waf-ext-authz as a second one it would answer 403 to every request that either policy " +
          "matches.",
        remedy:
          "Remove that policy or narrow one of the two selectors; from Istio 1.30 on istiod can also be told to take " +
          "several: PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS=true.",
      },
    ]);
  });

  it("says of the policy of a component how that is renamed, and how a target moves", () => {
    const made = customPolicy("shop/shield-storefront", "shield-ext-authz", { app: "web" });
    const labels = { "app.kubernetes.io/part-of": "sigsci-istio" };
    const policy = { ...made, metadata: { name: "shield-storefront", namespace: "shop", labels } };
    const [found] = findings([secondProvider], { authorizationPolicies: [policy] }, subject());
    const remedy = found?.remedy ?? "";
    assert.match(remedy, /keep its provider, and say the name in the options:\n {6}mesh: \{ providerNames: /);
    assert.match(
      remedy,
      /extAuthz: "shield-ext-authz" \} \}\n {6}aliases: \[\{ name: "<earlier name>" \}\]\n/,
    );
    assert.match(remedy, /two `pulumi up`, .*: first take it out there, then add it here\.$/);
  });

  it("finds policies of the whole namespace and of the root namespace", () => {
    assert.deepEqual(of({ authorizationPolicies: [customPolicy("shop/opa", "opa")] }), [
      "error target storefront",
    ]);
    const root = [customPolicy("istio-system/opa", "opa", { app: "web" })];
    assert.deepEqual(of({ authorizationPolicies: root }), ["error target storefront"]);
    assert.deepEqual(of({ authorizationPolicies: [customPolicy("mesh-root/opa", "opa")] }), []);
    const meshes = [{ id: "istio-system/istio", text: "rootNamespace: mesh-root\n" }];
    assert.deepEqual(of({ authorizationPolicies: [customPolicy("mesh-root/opa", "opa")] }, { meshes }), [
      "error target storefront",
    ]);
  });

  it("leaves alone what is not CUSTOM, ours, of our provider or for others", () => {
    const policies = [
      object("shop/deny", { action: "DENY", rules: [{}] }),
      customPolicy("shop/waf-storefront", "an-older-name", { app: "web" }),
      customPolicy("shop/hand-made", "waf-ext-authz", { app: "web" }),
      customPolicy("shop/api", "opa", { app: "api" }),
      customPolicy("bank/opa", "opa"),
    ];
    assert.deepEqual(of({ authorizationPolicies: policies }), []);
  });

  it("decides by the pods where the selectors leave it open", () => {
    const authorizationPolicies = [customPolicy("shop/opa", "opa", { tier: "edge" })];
    assert.deepEqual(of({ authorizationPolicies }), ["warning target storefront"]);
    const both = [pod("shop/web-1", { app: "web", tier: "edge" })];
    assert.deepEqual(of({ authorizationPolicies, pods: both }), ["error target storefront"]);
    const ours = [pod("shop/web-1", { app: "web" }), pod("shop/api-1", { app: "api", tier: "edge" })];
    assert.deepEqual(of({ authorizationPolicies, pods: ours }), []);
  });

  it("asks the pod templates where no pod runs at the moment, and no pod that has ended", () => {
    const authorizationPolicies = [customPolicy("shop/opa", "opa", { tier: "edge" })];
    const workload = (labels: object): object => object("shop/web", { template: { metadata: { labels } } });
    const both = [workload({ app: "web", tier: "edge" })] as LiveObject[];
    assert.deepEqual(of({ authorizationPolicies, pods: [], workloads: both }), ["error target storefront"]);
    const ours = [workload({ app: "web" })] as LiveObject[];
    assert.deepEqual(of({ authorizationPolicies, pods: [], workloads: ours }), []);
    const ended = [{ ...pod("shop/web-1", { app: "web", tier: "edge" }), status: { phase: "Failed" } }];
    assert.deepEqual(of({ authorizationPolicies, pods: ended, workloads: ours }), []);
  });

  it("leaves a target of the root namespace open where not all pods are known", () => {
    const targets = [{ ...storefront, namespace: "istio-system" }];
    const edge = (namespace: string): ClusterFacts["authorizationPolicies"] => [
      customPolicy(`${namespace}/opa`, "opa", { tier: "edge" }),
    ];
    const inRoot = [pod("istio-system/web-1", { app: "web" })];
    const found = (policies: ClusterFacts["authorizationPolicies"], pods: LiveObject[]): string[] =>
      of({ authorizationPolicies: policies, pods }, { targets });
    assert.deepEqual(found(edge("istio-system"), inRoot), ["warning target storefront"]);
    assert.deepEqual(found(edge("shop"), inRoot), ["warning target storefront"]);
    assert.deepEqual(found(edge("shop"), [pod("shop/web-1", { app: "web" })]), []);
    assert.deepEqual(found(edge("shop"), [pod("shop/web-1", { app: "web", tier: "edge" })]), [
      "error target storefront",
    ]);
    assert.deepEqual(found([customPolicy("shop/opa", "opa", { app: "api" })], []), []);
    assert.deepEqual(found([customPolicy("shop/opa", "opa")], []), ["error target storefront"]);
  });

  it("reads a policy of the root namespace on the pods of the target's namespace", () => {
    const authorizationPolicies = [customPolicy("istio-system/opa", "opa", { tier: "edge" })];
    const found = (...pods: LiveObject[]): string[] => of({ authorizationPolicies, pods });
    assert.deepEqual(found(pod("shop/web-1", { app: "web", tier: "edge" })), ["error target storefront"]);
    assert.deepEqual(found(pod("shop/web-1", { app: "web" })), []);
    assert.deepEqual(found(pod("bank/web-1", { app: "web", tier: "edge" })), ["warning target storefront"]);
  });

  it("follows the reference to a Gateway to the pods that run it, and to no waypoint", () => {
    const edgePod = (args: string[]): LiveObject =>
      object(
        "shop/edge-1",
        { containers: [{ name: "istio-proxy", args }] },
        { labels: { "gateway.networking.k8s.io/gateway-name": "edge", istio: "ingress" } },
      );
    const targets = [
      { name: "edge", namespace: "shop", kind: TargetKind.Gateway, matchLabels: { istio: "ingress" } },
    ];
    const targetRefs = [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "edge" }];
    const authorizationPolicies = [
      object("shop/opa", { action: "CUSTOM", provider: { name: "opa" }, targetRefs }),
    ];
    const router = [edgePod(["proxy", "router"])];
    assert.deepEqual(of({ authorizationPolicies, pods: router }, { targets }), ["error target edge"]);
    const waypoint = [edgePod(["proxy", "waypoint"]), pod("shop/in-1", { istio: "ingress" })];
    assert.deepEqual(of({ authorizationPolicies, pods: waypoint }, { targets }), []);
  });

  it("warns of a waypoint and a Service, which only istiod can bring together", () => {
    const targets = [
      {
        name: "w",
        namespace: "shop",
        kind: TargetKind.Waypoint,
        targetRefs: [{ kind: TargetRefKind.Gateway, name: "w" }],
      },
    ];
    const targetRefs = [{ group: "", kind: "Service", name: "web" }];
    const authorizationPolicies = [
      object("shop/opa", { action: "CUSTOM", provider: { name: "opa" }, targetRefs }),
    ];
    assert.deepEqual(of({ authorizationPolicies, pods: [] }, { targets }), ["warning target w"]);
  });

  it("compares the targets of other components, whose policies are not there yet", () => {
    const other: ClaimedTarget = {
      component: "pay",
      name: "edge",
      namespace: "shop",
      matchLabels: { tier: "edge" },
      enforcement: Enforcement.AuthorizationPolicy,
    };
    const otherTargets = [other];
    const both = [pod("shop/web-1", { app: "web", tier: "edge" })];
    assert.deepEqual(findings([secondProvider], { pods: both }, subject({ otherTargets })), [
      {
        check: PreflightCheck.SecondProvider,
        severity: "error",
        where: "target storefront",
        message:
          'target edge of component "pay" (namespace shop, tier=edge) selects pods that this target selects too. Istio ' +
          "takes one external authorizer for a workload, and two EnvoyFilters would check each request twice.",
        remedy:
          "Let one component protect them, or tell them apart by one label: " +
          'matchLabels: { app: "web" } here and { app: "api" } there.',
      },
    ]);
    assert.deepEqual(of({}, { otherTargets }), ["warning target storefront"]);
    assert.deepEqual(of({ pods: [pod("shop/web-1", { app: "web" })] }, { otherTargets }), []);
    const enforcement = Enforcement.EnvoyFilter;
    assert.deepEqual(of({ pods: both }, { otherTargets, enforcement }), ["error target storefront"]);
    const gateway = { ...other, enforcement, kind: TargetKind.Gateway };
    assert.deepEqual(of({ pods: both }, { otherTargets: [gateway], enforcement }), []);
    const several = [istiod({ PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS: "true" })];
    assert.deepEqual(of({ pods: both, istiods: several }, { otherTargets }), []);
  });

  it("compares references with references", () => {
    const ref = (name: string): object => ({ group: "gateway.networking.k8s.io", kind: "Gateway", name });
    const targets = [{ name: "edge", namespace: "shop", targetRefs: [ref("edge")] }];
    const policy = (name: string): Record<string, unknown> => ({
      ...object("shop/opa", { action: "CUSTOM", provider: { name: "opa" }, targetRefs: [ref(name)] }),
    });
    assert.deepEqual(of({ authorizationPolicies: [policy("edge")] }, { targets }), ["error target edge"]);
    assert.deepEqual(of({ authorizationPolicies: [policy("other")] }, { targets }), []);
  });

  it("is silent when every istiod takes several, and with EnvoyFilters", () => {
    const authorizationPolicies = [customPolicy("shop/opa", "opa")];
    const several = istiod({ PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS: "true" });
    assert.deepEqual(of({ authorizationPolicies, istiods: [several] }), []);
    assert.deepEqual(of({ authorizationPolicies, istiods: [several, istiod()] }), [
      "error target storefront",
    ]);
    assert.deepEqual(of({ authorizationPolicies }, { enforcement: Enforcement.EnvoyFilter }), []);
  });

  it("is an error exactly when some pod matches both selectors, whatever the labels are", () => {
    const labels = fc.dictionary(fc.constantFrom("app", "tier", "track"), fc.constantFrom("a", "b"), {
      maxKeys: 3,
    });
    fc.assert(
      fc.property(
        labels,
        labels,
        fc.array(labels, { minLength: 1, maxLength: 5 }),
        (ours, theirs, podLabels) => {
          const matches = (wanted: Record<string, string>, given: Record<string, string>): boolean =>
            Object.entries(wanted).every(([key, value]) => given[key] === value);
          const mine = podLabels.filter((given) => matches(ours, given));
          fc.pre(mine.length > 0);
          const facts = {
            authorizationPolicies: [customPolicy("shop/opa", "opa", theirs)],
            pods: podLabels.map((given, index) => pod(`shop/pod-${index}`, given)),
          };
          const targets = [{ ...storefront, matchLabels: ours }];
          const expected = mine.some((given) => matches(theirs, given)) ? ["error target storefront"] : [];
          assert.deepEqual(of(facts, { targets }), expected);
        },
      ),
    );
  });
});
