import assert from "node:assert/strict";
import fc from "fast-check";
import { injectionOf, runsGateway, type Injection } from "../../src/kubernetes/injection";
import { selectorMatches } from "../../src/kubernetes/liveObject";

type Labels = Record<string, string>;

const inject = (value: unknown): object => ({ "sidecar.istio.io/inject": value });
const enabled = { "istio-injection": "enabled" };
const disabled = { "istio-injection": "disabled" };
const canary = { "istio.io/rev": "canary" };
const ambientMode = { "istio.io/dataplane-mode": "ambient" };
const noMode = { "istio.io/dataplane-mode": "none" };
const proxy = { name: "istio-proxy" };

const sidecar = (revision?: string): Injection => ({ proxy: "sidecar", revision });
const ambient: Injection = { proxy: "ambient" };
const none = (reason: string): Injection => ({ proxy: "none", reason });
const off = none("sidecar injection is off");
const namespaceOff = none("sidecar injection is off for the namespace");
const notAsked = none("the namespace does not ask for sidecars");

interface Case {
  /** labels of the namespace; `undefined` when they are not known */
  readonly namespace: Labels | undefined;
  readonly labels?: object;
  readonly annotations?: object;
  readonly spec?: object;
  readonly name?: string;
  readonly expected: Injection;
}

const cases: Record<string, Case> = {
  // The namespace's labels, with a pod that says nothing.
  "no labels at all": { namespace: {}, expected: notAsked },
  "istio-injection=enabled": { namespace: enabled, expected: sidecar("default") },
  "istio-injection=disabled": { namespace: disabled, expected: namespaceOff },
  "istio-injection with another value": { namespace: { "istio-injection": "yes" }, expected: namespaceOff },
  "a revision": { namespace: canary, expected: sidecar("canary") },
  "istio-injection before a revision": {
    namespace: { ...enabled, ...canary },
    expected: sidecar("default"),
  },
  "istio-injection=disabled before a revision": {
    namespace: { ...disabled, ...canary },
    expected: namespaceOff,
  },
  "ambient mode": { namespace: ambientMode, expected: ambient },
  "sidecar before ambient mode": { namespace: { ...enabled, ...ambientMode }, expected: sidecar("default") },
  "a revision before ambient mode": { namespace: { ...canary, ...ambientMode }, expected: sidecar("canary") },
  "ambient mode where injection is off": { namespace: { ...disabled, ...ambientMode }, expected: ambient },
  "ambient mode of the namespace with an unknown mode of the pod": {
    namespace: ambientMode,
    labels: { "istio.io/dataplane-mode": "" },
    expected: ambient,
  },
  "labels that are not known": { namespace: undefined, expected: sidecar() },
  // The pod's label and annotation `sidecar.istio.io/inject`.
  "a pod that asks, in a namespace that says nothing": {
    namespace: {},
    labels: inject("true"),
    expected: sidecar("default"),
  },
  "a pod that asks, in a namespace that refuses": {
    namespace: disabled,
    labels: inject("true"),
    expected: namespaceOff,
  },
  "a pod that asks, in an ambient namespace": {
    namespace: ambientMode,
    labels: inject("true"),
    expected: sidecar("default"),
  },
  "a pod that refuses": { namespace: enabled, labels: inject("false"), expected: off },
  "a pod that refuses, of a revision": {
    namespace: {},
    labels: { ...inject("false"), ...canary },
    expected: off,
  },
  "an unquoted false": { namespace: enabled, labels: inject(false), expected: off },
  "a pod that refuses, in an ambient namespace": {
    namespace: { ...enabled, ...ambientMode },
    labels: inject("false"),
    expected: ambient,
  },
  "a pod that refuses, labels not known": { namespace: undefined, labels: inject("false"), expected: off },
  "an annotation that asks, which no webhook selects": {
    namespace: {},
    annotations: inject("true"),
    expected: notAsked,
  },
  "an annotation that refuses": { namespace: enabled, annotations: inject("false"), expected: off },
  "a label before an annotation that refuses": {
    namespace: enabled,
    labels: inject("true"),
    annotations: inject("false"),
    expected: sidecar("default"),
  },
  "a label without a value before an annotation that refuses": {
    namespace: enabled,
    labels: inject(""),
    annotations: inject("false"),
    expected: sidecar("default"),
  },
  "a label that refuses before an annotation": {
    namespace: enabled,
    labels: inject("false"),
    annotations: inject("true"),
    expected: off,
  },
  "a value that Istio does not know": {
    namespace: enabled,
    labels: inject("maybe"),
    expected: sidecar("default"),
  },
  // The pod's revision.
  "a pod of a revision": { namespace: {}, labels: canary, expected: sidecar("canary") },
  "a pod of a revision that asks": {
    namespace: {},
    labels: { ...canary, ...inject("true") },
    expected: sidecar("canary"),
  },
  "a pod of a revision, whose annotation refuses": {
    namespace: {},
    labels: canary,
    annotations: inject("false"),
    expected: off,
  },
  "a pod of a revision in a namespace of another": {
    namespace: { "istio.io/rev": "stable" },
    labels: canary,
    expected: sidecar("stable"),
  },
  "a pod of a revision in a namespace of the default one": {
    namespace: enabled,
    labels: canary,
    expected: sidecar("default"),
  },
  "a pod of a revision, labels not known": {
    namespace: undefined,
    labels: canary,
    expected: sidecar("canary"),
  },
  // What keeps Istio away.
  hostNetwork: { namespace: enabled, spec: { hostNetwork: true }, expected: none("hostNetwork") },
  "hostNetwork, though it asks": {
    namespace: enabled,
    labels: inject("true"),
    spec: { hostNetwork: true },
    expected: none("hostNetwork"),
  },
  "hostNetwork in an ambient namespace": {
    namespace: ambientMode,
    spec: { hostNetwork: true },
    expected: none("hostNetwork"),
  },
  "a namespace that Istio ignores": {
    namespace: enabled,
    name: "kube-system",
    expected: none("Istio leaves namespace kube-system alone"),
  },
  "a namespace that Istio ignores, labels not known": {
    namespace: undefined,
    name: "local-path-storage",
    expected: none("Istio leaves namespace local-path-storage alone"),
  },
  "a namespace that Istio ignores, in ambient mode": {
    namespace: ambientMode,
    name: "kube-system",
    expected: none("Istio leaves namespace kube-system alone"),
  },
  "a namespace that the injector ignores and the node agent does not": {
    namespace: { ...enabled, ...ambientMode },
    name: "kube-public",
    expected: ambient,
  },
  "a revision without a name": { namespace: { "istio.io/rev": "" }, expected: notAsked },
  // The pod's own mode.
  "a pod that asks for ambient mode": { namespace: {}, labels: ambientMode, expected: ambient },
  "a pod that asks for ambient mode, labels not known": {
    namespace: undefined,
    labels: ambientMode,
    expected: ambient,
  },
  "a pod that asks for ambient mode in a namespace of sidecars": {
    namespace: enabled,
    labels: ambientMode,
    expected: sidecar("default"),
  },
  "a pod that opts out of ambient mode": { namespace: ambientMode, labels: noMode, expected: notAsked },
  "a pod that opts out of ambient mode, in a namespace of sidecars": {
    namespace: { ...enabled, ...ambientMode },
    labels: noMode,
    expected: sidecar("default"),
  },
  // What is a proxy by its name only, or sees no port.
  "gRPC without a proxy": {
    namespace: enabled,
    annotations: { "inject.istio.io/templates": "other, grpc-agent" },
    expected: none("gRPC without a proxy"),
  },
  "the simpler template of gRPC": {
    namespace: undefined,
    annotations: { "inject.istio.io/templates": "grpc-simple" },
    expected: none("gRPC without a proxy"),
  },
  "another template": {
    namespace: enabled,
    annotations: { "inject.istio.io/templates": "sidecar,spire" },
    expected: sidecar("default"),
  },
  "the agent of gRPC without a proxy, which is there": {
    namespace: enabled,
    spec: { containers: [{ ...proxy, env: [{ name: "DISABLE_ENVOY", value: "true" }] }] },
    expected: none("gRPC without a proxy"),
  },
  "ports that its rules all leave out": {
    namespace: enabled,
    annotations: { "traffic.sidecar.istio.io/includeInboundPorts": "" },
    expected: none("traffic.sidecar.istio.io/includeInboundPorts leaves out its ports"),
  },
  "such a port of a proxy that is there": {
    namespace: enabled,
    annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "80" },
    spec: { containers: [proxy, { name: "web", ports: [{ containerPort: 80 }] }] },
    expected: none("traffic.sidecar.istio.io/excludeInboundPorts names all its ports"),
  },
  "annotations of a sidecar in ambient mode": {
    namespace: ambientMode,
    annotations: { "traffic.sidecar.istio.io/includeInboundPorts": "" },
    expected: ambient,
  },
  // What a pod shows.
  "a proxy that is there": {
    namespace: disabled,
    labels: inject("false"),
    spec: { containers: [proxy], hostNetwork: true },
    expected: sidecar(),
  },
  "a proxy that is there as a native sidecar": {
    namespace: {},
    spec: { initContainers: [{ name: "istio-init" }, { ...proxy, restartPolicy: "Always" }] },
    expected: sidecar(),
  },
  "a proxy that is there, with its revision": {
    namespace: enabled,
    annotations: canary,
    spec: { containers: [proxy] },
    expected: sidecar("canary"),
  },
  "a proxy that is there, in an ambient namespace": {
    namespace: ambientMode,
    spec: { containers: [proxy] },
    expected: sidecar(),
  },
  "a ztunnel, whose container is called like the proxy": {
    namespace: {},
    labels: { app: "ztunnel", ...inject("false"), ...noMode },
    annotations: inject("false"),
    spec: { containers: [{ ...proxy, args: ["proxy", "ztunnel"] }] },
    expected: off,
  },
  "a gateway's proxy": {
    namespace: {},
    labels: { ...inject("false"), ...noMode },
    spec: { containers: [{ ...proxy, args: ["proxy", "router"] }] },
    expected: sidecar(),
  },
  "a waypoint's proxy": {
    namespace: {},
    labels: { ...inject("false"), ...noMode },
    annotations: canary,
    spec: { containers: [{ ...proxy, args: ["proxy", "waypoint"] }] },
    expected: { proxy: "waypoint", revision: "canary" },
  },
  "a pod that says it was injected, which ambient mode leaves alone": {
    namespace: ambientMode,
    annotations: { "sidecar.istio.io/status": "{}" },
    expected: notAsked,
  },
  "a pod that ambient mode has taken": {
    namespace: {},
    annotations: { "ambient.istio.io/redirection": "enabled" },
    expected: ambient,
  },
};

const ignored = ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"];

interface Selectors {
  readonly name: string;
  readonly namespaceSelector: object;
  readonly objectSelector: object;
}

// Source: Istio, chart istio-discovery, templates/mutatingwebhook.yaml; the webhooks of an installation of a revision.
function webhooksOf(revision: string, byDefault: boolean): Selectors[] {
  const expression = (key: string, operator: string, ...values: string[]): object => ({
    key,
    operator,
    values,
  });
  const webhook = (prefix: string, namespace: object[], pod: object[]): Selectors => ({
    name: `${prefix}.sidecar-injector.istio.io`,
    namespaceSelector: { matchExpressions: namespace },
    objectSelector: { matchExpressions: pod },
  });
  const inject = "sidecar.istio.io/inject";
  const notOff = expression(inject, "NotIn", "false");
  const noInjection = expression("istio-injection", "DoesNotExist");
  const noRevision = expression("istio.io/rev", "DoesNotExist");
  const ofRevision = expression("istio.io/rev", "In", revision);
  const notIgnored = expression("kubernetes.io/metadata.name", "NotIn", ...ignored);
  return [
    webhook("rev.namespace", [ofRevision, noInjection], [notOff]),
    webhook("rev.object", [noRevision, noInjection], [notOff, ofRevision]),
    ...(revision === "default"
      ? [
          webhook("namespace", [expression("istio-injection", "In", "enabled")], [notOff]),
          webhook("object", [noInjection, noRevision], [expression(inject, "In", "true"), noRevision]),
        ]
      : []),
    ...(revision === "default" && byDefault
      ? [
          webhook(
            "auto",
            [noInjection, noRevision, notIgnored],
            [expression(inject, "DoesNotExist"), noRevision],
          ),
        ]
      : []),
  ];
}

/** What the API server and istiod hold of some revisions; a tag has webhooks of its own. */
function configurations(revisions: readonly string[], byDefault: boolean): object[] {
  return revisions.map((revision) => ({
    kind: "MutatingWebhookConfiguration",
    metadata: { labels: { "istio.io/rev": revision } },
    webhooks: webhooksOf(revision, byDefault),
  }));
}

/** The revision that injects a pod, as the API server asks the webhooks and `injectRequired` of inject.go answers. */
function injectedBy(
  pod: { labels: Labels; annotations: Labels; hostNetwork: boolean },
  namespace: string,
  namespaceLabels: Labels,
  revisions: readonly string[],
  byDefault: boolean,
): string | undefined {
  const asked = revisions.find((revision) =>
    webhooksOf(revision, byDefault).some(
      ({ namespaceSelector, objectSelector }) =>
        selectorMatches(namespaceSelector, {
          ...namespaceLabels,
          "kubernetes.io/metadata.name": namespace,
        }) && selectorMatches(objectSelector, pod.labels),
    ),
  );
  const said = pod.labels["sidecar.istio.io/inject"] ?? pod.annotations["sidecar.istio.io/inject"];
  return pod.hostNetwork || ignored.includes(namespace) || said === "false" ? undefined : asked;
}

/** Whether the node agent takes a pod that has no sidecar. */
function isTaken(
  { labels, hostNetwork }: { labels: Labels; hostNetwork: boolean },
  namespace: string,
  namespaceLabels: Labels,
): boolean {
  const [pod, space] = [labels["istio.io/dataplane-mode"], namespaceLabels["istio.io/dataplane-mode"]];
  return (
    !hostNetwork &&
    namespace !== "kube-system" &&
    (pod === "ambient" || (space === "ambient" && pod !== "none"))
  );
}

/** Every combination of one choice from each list. */
function product(...lists: readonly (readonly Labels[])[]): Labels[] {
  return lists.reduce<Labels[]>(
    (found, list) => found.flatMap((labels) => list.map((more) => ({ ...labels, ...more }))),
    [{}],
  );
}

const absentOr = (key: string, ...values: string[]): Labels[] => [
  {},
  ...values.map((value) => ({ [key]: value })),
];
const injectValues = absentOr("sidecar.istio.io/inject", "true", "false", "", "yes");
const modes = absentOr("istio.io/dataplane-mode", "ambient", "none");
const revisionValues = absentOr("istio.io/rev", "default", "canary", "");
const everyNamespace = product(
  absentOr("istio-injection", "enabled", "disabled", "other"),
  revisionValues,
  modes,
);
const everyPod = product(injectValues, revisionValues, modes).flatMap((labels) =>
  absentOr("sidecar.istio.io/inject", "true", "false").flatMap((annotations) =>
    [false, true].map((hostNetwork) => ({ metadata: { labels, annotations }, spec: { hostNetwork } })),
  ),
);

describe("injectionOf", () => {
  for (const [what, { namespace, labels, annotations, spec, name, expected }] of Object.entries(cases)) {
    it(`knows ${what}`, () => {
      const pod = { metadata: { labels, annotations }, spec };
      assert.deepEqual(injectionOf(pod, name ?? "shop", namespace), expected);
    });
  }

  for (const { byDefault, given } of [
    { byDefault: false, given: false },
    { byDefault: false, given: true },
    { byDefault: true, given: true },
  ]) {
    const by = given ? "the webhooks of the cluster" : "those of Istio's chart";
    it(`knows every combination of labels, by ${by}${byDefault ? ", with namespaces by default" : ""}`, () => {
      const revisions = ["default", "canary"];
      const webhooks = given ? configurations(revisions, byDefault) : [];
      let combinations = 0;
      for (const name of ["shop", "kube-system", "kube-public"]) {
        for (const namespaceLabels of everyNamespace) {
          for (const pod of everyPod) {
            const { labels, annotations } = pod.metadata;
            const { hostNetwork } = pod.spec;
            const facts = { labels, annotations, hostNetwork };
            const revision = injectedBy(facts, name, namespaceLabels, revisions, byDefault);
            const taken = isTaken(facts, name, namespaceLabels);
            const expected = revision === undefined ? (taken ? "ambient" : "none") : sidecar(revision);
            const found = injectionOf(pod, name, namespaceLabels, webhooks);
            const seen = "revision" in found ? found : found.proxy;
            // Comparing deeply takes too long for each.
            if (JSON.stringify(seen) !== JSON.stringify(expected)) {
              assert.deepEqual(seen, expected, JSON.stringify({ name, namespaceLabels, pod }));
            }
            combinations += 1;
          }
        }
      }
      assert.equal(combinations, 3 * 48 * 60 * 3 * 2);
    });
  }

  it("asks the webhooks of a cluster for a revision that is not there, and of other owners nothing", () => {
    const webhooks = configurations(["canary"], false);
    const other = { webhooks: [{ name: "pods.example.com" }] };
    const injected = (labels: Labels, given: object[]): Injection => injectionOf({}, "shop", labels, given);
    const notSelected = none("no webhook of Istio selects it");
    assert.deepEqual(injected({ "istio.io/rev": "stable" }, webhooks), notSelected);
    assert.deepEqual(injected(enabled, webhooks), notSelected);
    assert.deepEqual(injected({}, webhooks), notAsked);
    assert.deepEqual(injected(enabled, [other]), sidecar("default"));
    const tag = {
      metadata: { labels: { "istio.io/tag": "prod", ...canary } },
      webhooks: webhooksOf("prod", false),
    };
    assert.deepEqual(injected({ "istio.io/rev": "prod" }, [other, tag]), sidecar("prod"));
  });

  it("answers whatever it is given", () => {
    const anything = fc.anything();
    const pods = fc.oneof(
      anything,
      fc.record({ metadata: anything, spec: anything }),
      fc.record({
        metadata: fc.record({ labels: anything, annotations: anything }),
        spec: fc.record({ containers: anything, initContainers: fc.array(anything) }),
      }),
    );
    fc.assert(
      fc.property(pods, fc.string(), fc.constantFrom(undefined, ...everyNamespace), (pod, name, labels) => {
        assert.ok(["sidecar", "ambient", "none"].includes(injectionOf(pod, name, labels).proxy));
      }),
    );
  });
});

describe("runsGateway", () => {
  const cases: [string, string | undefined, string | undefined, boolean | undefined][] = [
    ["a gateway that runs", "router", undefined, true],
    ["a sidecar that runs, whatever was asked for", "sidecar", "gateway", false],
    ["a gateway as its chart writes it", "", "gateway", true],
    ["a container of the proxy that says nothing", "", undefined, undefined],
    ["a template that asks for nothing", undefined, undefined, false],
    ["a template that asks for the sidecar", undefined, " sidecar", false],
    ["a template that asks for a gateway", undefined, "gateway, extra", true],
    ["a template that asks for a template of somebody's own", undefined, "edge", undefined],
  ];
  for (const [what, role, templates, expected] of cases) {
    it(`judges ${what}`, () => {
      const args = role === "" ? {} : { args: ["proxy", role] };
      const pod = {
        metadata: { annotations: templates === undefined ? {} : { "inject.istio.io/templates": templates } },
        spec: { containers: role === undefined ? [] : [{ name: "istio-proxy", ...args }] },
      };
      assert.equal(runsGateway(pod), expected);
    });
  }
});
