import assert from "node:assert/strict";
import { targetKindProblems } from "../../src/validation/targetKindProblems";
import type { ArgumentProblem } from "../../src/validation/problem";
import { targetShape } from "../../src/validation/shapes/targets";
import { TargetKind, TargetRefKind } from "../../src/args/targets";
import type { TargetArgs } from "../../src/args/targets";

const problemsOf = (target: TargetArgs): ArgumentProblem[] => [
  ...targetShape(target, "targets[0]"),
  ...targetKindProblems(target, "targets[0]"),
];
const reasons = (target: Partial<TargetArgs>): string[] =>
  problemsOf({ name: "t", namespace: "n", ...target }).map(({ path, reason }) => `${path}: ${reason}`);
const gateway = { kind: TargetRefKind.Gateway, name: "edge" };
const service = { kind: TargetRefKind.Service, name: "web" };
const matchLabels = { app: "web" };

describe("targetKindProblems", () => {
  it("accepts every way that Istio reads", () => {
    const accepted: Partial<TargetArgs>[] = [
      {},
      { matchLabels },
      { kind: TargetKind.Gateway, matchLabels },
      { kind: TargetKind.Gateway, targetRefs: [gateway] },
      { kind: TargetKind.Waypoint, targetRefs: [gateway, service] },
      {
        kind: TargetKind.Waypoint,
        targetRefs: [{ kind: TargetRefKind.GatewayClass, name: "istio-waypoint" }],
      },
    ];
    assert.deepEqual(
      accepted.map(reasons),
      accepted.map(() => []),
    );
  });

  it("refuses references for sidecars, which ignore them", () => {
    assert.deepEqual(reasons({ targetRefs: [gateway] }), [
      "targets[0].targetRefs: sidecars ignore references without an error, so nothing would be inspected",
    ]);
  });

  it("refuses a gateway with neither or both of labels and references", () => {
    const both = "targets[0]: a gateway is named by either matchLabels or targetRefs";
    assert.deepEqual(reasons({ kind: TargetKind.Gateway }), [both]);
    assert.deepEqual(reasons({ kind: TargetKind.Gateway, matchLabels, targetRefs: [gateway] }), [both]);
  });

  it("refuses a gateway that refers to something else", () => {
    assert.deepEqual(reasons({ kind: TargetKind.Gateway, targetRefs: [gateway, service] }), [
      "targets[0].targetRefs[1]: it refers to no gateway",
    ]);
  });

  it("refuses labels for a waypoint, which ignores them", () => {
    const labels = "targets[0]: waypoints ignore labels without an error, so nothing would be inspected";
    assert.deepEqual(reasons({ kind: TargetKind.Waypoint, matchLabels }), [labels]);
    assert.deepEqual(reasons({ kind: TargetKind.Waypoint, matchLabels, targetRefs: [service] }), [labels]);
  });

  it("refuses other gateway classes, bad names, and none or too many references", () => {
    const waypoint = (targetRefs: TargetArgs["targetRefs"]): string[] =>
      reasons({ kind: TargetKind.Waypoint, targetRefs });
    assert.deepEqual(waypoint([{ kind: TargetRefKind.GatewayClass, name: "istio" }]), [
      "targets[0].targetRefs[0]: Istio knows no other class than istio-waypoint here",
    ]);
    assert.equal(waypoint([{ kind: TargetRefKind.Service, name: "Web" }]).length, 1);
    const many = Array.from({ length: 17 }, (_, index) => ({
      kind: TargetRefKind.Service,
      name: `s${index}`,
    }));
    for (const list of [[], many]) {
      assert.deepEqual(waypoint(list), ["targets[0].targetRefs: Istio takes 1 to 16 references"]);
    }
  });
});
