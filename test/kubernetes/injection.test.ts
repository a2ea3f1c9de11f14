import assert from "node:assert/strict";
import fc from "fast-check";
import { injectionOf, type Injection } from "../../src/kubernetes/injection";
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
  "a pod that ambient mode has taken": {
    namespace: {},
    annotations: { "ambient.istio.io/redirection": "enabled" },
    expected: ambient,
  },
};

// Source: Istio, chart istio-discovery, templates/mutatingwebhook.yaml; the selectors of an installation of a revision.
function webhooks(revision: string): { namespace: object; pod: object; revision: string }[] {
  const expression = (key: string, operator: string, ...values: string[]): object => ({
    key,
    operator,
    values,
  });
  const all = (...matchExpressions: object[]): object => ({ matchExpressions });
  const notOff = expression("sidecar.istio.io/inject", "NotIn", "false");
  const [noInjection, noRevision] = ["istio-injection", "istio.io/rev"].map((key) =>
    expression(key, "DoesNotExist"),
  ) as [object, object];
  const ofRevision = expression("istio.io/rev", "In", revision);
  const found = [
    { namespace: all(ofRevision, noInjection), pod: all(notOff) },
    { namespace: all(noRevision, noInjection), pod: all(notOff, ofRevision) },
  ];
  if (revision === "default") {
    const asks = expression("sidecar.istio.io/inject", "In", "true");
    found.push(
      { namespace: all(expression("istio-injection", "In", "enabled")), pod: all(notOff) },
      { namespace: all(noInjection, noRevision), pod: all(asks, noRevision) },
    );
  }
  return found.map((webhook) => ({ ...webhook, revision }));
}

const everyWebhook = ["default", "canary", "stable"].flatMap(webhooks);

const optional = (key: string, ...values: string[]): fc.Arbitrary<Labels> =>
  fc.constantFrom(undefined, ...values).map((value): Labels => (value === undefined ? {} : { [key]: value }));
const merged = (...parts: fc.Arbitrary<Labels>[]): fc.Arbitrary<Labels> =>
  fc.tuple(...parts).map((labels) => Object.assign({}, ...labels) as Labels);
const injectValues = optional("sidecar.istio.io/inject", "true", "false", "", "maybe");
const revisions = optional("istio.io/rev", "default", "canary", "stable");
const modes = optional("istio.io/dataplane-mode", "ambient", "none", "", "other");
const namespaceLabels = merged(optional("istio-injection", "enabled", "disabled", "other"), revisions, modes);

describe("injectionOf", () => {
  for (const [what, { namespace, labels, annotations, spec, name, expected }] of Object.entries(cases)) {
    it(`knows ${what}`, () => {
      const pod = { metadata: { labels, annotations }, spec };
      assert.deepEqual(injectionOf(pod, name ?? "shop", namespace), expected);
    });
  }

  it("injects exactly where a webhook of some revision selects the pod and the injector agrees", () => {
    fc.assert(
      fc.property(
        namespaceLabels,
        merged(injectValues, revisions, modes),
        injectValues,
        (namespace, labels, annotations) => {
          const selected = everyWebhook.filter(
            (webhook) =>
              selectorMatches(webhook.namespace, namespace) && selectorMatches(webhook.pod, labels),
          );
          const said = labels["sidecar.istio.io/inject"] ?? annotations["sidecar.istio.io/inject"];
          const [one] = said === "false" ? [] : selected;
          const found = injectionOf({ metadata: { labels, annotations } }, "shop", namespace);
          if (one !== undefined) {
            assert.deepEqual(found, sidecar(one.revision));
            return;
          }
          const mode = labels["istio.io/dataplane-mode"];
          const ofNamespace = namespace["istio.io/dataplane-mode"] === "ambient" && mode !== "none";
          assert.equal(found.proxy, mode === "ambient" || ofNamespace ? "ambient" : "none");
        },
      ),
      { numRuns: 1000 },
    );
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
      fc.property(pods, fc.string(), fc.option(namespaceLabels, { nil: undefined }), (pod, name, labels) => {
        assert.ok(["sidecar", "ambient", "none"].includes(injectionOf(pod, name, labels).proxy));
      }),
    );
  });
});
