import assert from "node:assert/strict";
import fc from "fast-check";
import { TargetKind, TargetRefKind } from "../../src/args/targets";
import { describeProxies, proxiesOfTarget, selectionOverlap } from "../../src/enforcement/proxySelection";
import type { ProxyTarget } from "../../src/enforcement/proxySelection";
import { hasLabels } from "../../src/kubernetes/liveObject";

const root = "istio-system";
const target = (changes: Partial<ProxyTarget> = {}): ProxyTarget => ({ namespace: "shop", ...changes });
const labelled = (matchLabels: Record<string, string>, namespace = "shop"): ProxyTarget =>
  target({ namespace, matchLabels });
const referring = (kind: TargetRefKind, name: string, changes: Partial<ProxyTarget> = {}): ProxyTarget =>
  target({ kind: TargetKind.Gateway, targetRefs: [{ kind, name }], ...changes });
const waypoint = { kind: TargetKind.Waypoint };
const overlap = (one: ProxyTarget, other: ProxyTarget): string =>
  selectionOverlap(proxiesOfTarget(one), proxiesOfTarget(other), root);
const bothWays = (one: ProxyTarget, other: ProxyTarget): string[] => [
  overlap(one, other),
  overlap(other, one),
];

describe("selectionOverlap", () => {
  const web = labelled({ app: "web" });

  it("is certain for who asks for more than the other, and open for the other", () => {
    assert.deepEqual(bothWays(web, web), ["certain", "certain"]);
    assert.deepEqual(bothWays(labelled({ app: "web", tier: "edge" }), web), ["certain", "open"]);
    assert.deepEqual(bothWays(web, target()), ["certain", "open"]);
  });

  it("is left to the cluster where the labels neither contradict nor contain each other", () => {
    assert.deepEqual(bothWays(web, labelled({ tier: "edge" })), ["open", "open"]);
    assert.deepEqual(bothWays(labelled({ app: "web", a: "1" }), labelled({ app: "web", b: "1" })), [
      "open",
      "open",
    ]);
  });

  it("is none for labels that contradict and for other namespaces", () => {
    assert.deepEqual(bothWays(web, labelled({ app: "api", tier: "edge" })), ["none", "none"]);
    assert.deepEqual(bothWays(web, labelled({ app: "web" }, "bank")), ["none", "none"]);
  });

  it("knows that selectors of the root namespace reach every namespace, and references do not", () => {
    assert.deepEqual(bothWays(web, target({ namespace: root })), ["certain", "open"]);
    assert.deepEqual(bothWays(web, labelled({ app: "web" }, root)), ["certain", "certain"]);
    assert.deepEqual(bothWays(web, labelled({ app: "api" }, root)), ["none", "none"]);
    const edge = referring(TargetRefKind.Gateway, "edge", { namespace: root });
    assert.deepEqual(bothWays(edge, target()), ["none", "none"]);
    assert.deepEqual(bothWays(edge, referring(TargetRefKind.Gateway, "edge")), ["none", "none"]);
    const [elsewhere] = [selectionOverlap(proxiesOfTarget(web), proxiesOfTarget(edge), undefined)];
    assert.equal(elsewhere, "none");
  });

  it("compares the reference to a Gateway with the labels of its pods", () => {
    const edge = referring(TargetRefKind.Gateway, "edge");
    const named = (name: string): ProxyTarget => labelled({ "gateway.networking.k8s.io/gateway-name": name });
    assert.deepEqual(bothWays(edge, edge), ["certain", "certain"]);
    assert.deepEqual(bothWays(edge, named("edge")), ["certain", "certain"]);
    assert.deepEqual(bothWays(edge, named("other")), ["none", "none"]);
    assert.deepEqual(bothWays(edge, target()), ["certain", "open"]);
    assert.deepEqual(bothWays(edge, target({ namespace: root })), ["certain", "open"]);
    assert.deepEqual(bothWays(edge, labelled({ istio: "ingress" })), ["open", "open"]);
    assert.deepEqual(bothWays(edge, referring(TargetRefKind.Gateway, "other")), ["none", "none"]);
  });

  it("compares waypoints with waypoints only, and leaves to the cluster which Service goes through which", () => {
    const through = referring(TargetRefKind.Gateway, "w", waypoint);
    const web = referring(TargetRefKind.Service, "web", waypoint);
    const all = referring(TargetRefKind.GatewayClass, "istio-waypoint", { ...waypoint, namespace: root });
    assert.deepEqual(bothWays(through, target()), ["none", "none"]);
    assert.deepEqual(bothWays(web, target({ namespace: root })), ["none", "none"]);
    assert.deepEqual(bothWays(through, through), ["certain", "certain"]);
    assert.deepEqual(bothWays(web, web), ["certain", "certain"]);
    assert.deepEqual(bothWays(through, web), ["open", "open"]);
    assert.deepEqual(bothWays(web, referring(TargetRefKind.Service, "api", waypoint)), ["none", "none"]);
    assert.deepEqual(bothWays(web, referring(TargetRefKind.ServiceEntry, "web", waypoint)), ["none", "none"]);
    assert.deepEqual(bothWays(through, all), ["certain", "open"]);
    assert.deepEqual(bothWays(web, all), ["certain", "open"]);
    assert.deepEqual(bothWays(all, referring(TargetRefKind.Gateway, "edge")), ["none", "none"]);
  });

  it("looks at every reference", () => {
    const refs = (...names: string[]): ProxyTarget =>
      target({
        kind: TargetKind.Gateway,
        targetRefs: names.map((name) => ({ kind: TargetRefKind.Gateway, name })),
      });
    assert.deepEqual(bothWays(refs("a", "b"), refs("b", "c")), ["certain", "certain"]);
    assert.deepEqual(bothWays(refs("a", "b"), refs("c", "d")), ["none", "none"]);
  });

  it("is never none when some pod carries the labels of both, and certain when the one's pods are the other's", () => {
    const labels = fc.dictionary(fc.constantFrom("app", "tier", "constructor"), fc.constantFrom("a", "b"), {
      maxKeys: 3,
    });
    const places = fc.constantFrom("shop", "bank", root);
    fc.assert(
      fc.property(labels, places, labels, places, labels, places, (mine, here, theirs, there, pod, place) => {
        const selects = (wanted: Record<string, string>, namespace: string): boolean =>
          (namespace === place || namespace === root) && hasLabels(pod, wanted);
        const found = overlap(labelled(mine, here), labelled(theirs, there));
        if (selects(mine, here) && selects(theirs, there)) {
          assert.notEqual(found, "none");
        }
        if (found === "certain" && here === there && selects(mine, here)) {
          assert.ok(selects(theirs, there));
        }
      }),
    );
  });
});

describe("describeProxies", () => {
  it("names the namespace and what is selected there", () => {
    assert.equal(describeProxies(target()), "namespace shop, all workloads");
    assert.equal(
      describeProxies(labelled({ app: "web", tier: "edge" })),
      "namespace shop, app=web tier=edge",
    );
    assert.equal(describeProxies(referring(TargetRefKind.Gateway, "edge")), "namespace shop, Gateway/edge");
  });
});
