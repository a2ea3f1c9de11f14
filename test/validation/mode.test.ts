import assert from "node:assert/strict";
import { Enforcement, InspectionMode, Placement, PreflightCheck, TargetKind, TargetRefKind } from "../../src";
import type { SigsciIstioIntegrationArgs, TargetArgs } from "../../src";
import { argumentProblems, argumentWarnings } from "../../src/validation";
import { modeProblems } from "../../src/validation/modeProblems";
import { modeWarnings } from "../../src/validation/modeWarnings";

const { Observe, Block } = InspectionMode;

const argsWith = (
  targets: readonly Partial<TargetArgs>[],
  args: Partial<SigsciIstioIntegrationArgs> = {},
): SigsciIstioIntegrationArgs => ({
  credentials: { site: "shop", existingSecret: { name: "keys" } },
  targets: targets.map((target, index) => ({ name: `t${index}`, namespace: "shop", ...target })),
  ...args,
});

const pathsOf = (...given: Parameters<typeof argsWith>): string[] =>
  modeProblems(argsWith(...given)).map(({ path }) => path);

describe("modeProblems", () => {
  it("refuses a day for a target that blocks, where the day is given", () => {
    assert.deepEqual(modeProblems(argsWith([{ observeUntil: "2027-01-31" }])), [
      {
        path: "targets[0].observeUntil",
        value: "2027-01-31",
        reason: "it is the last day of observing, and requests are blocked already",
        remedy: "Leave it out, or set `mode` beside it to Observe.",
      },
    ]);
    assert.deepEqual(pathsOf([{}], { inspection: { observeUntil: "2027-01-31" } }), [
      "inspection.observeUntil",
    ]);
  });

  it("refuses to observe waypoints, naming the argument that says so", () => {
    const waypoint = {
      kind: TargetKind.Waypoint,
      targetRefs: [{ kind: TargetRefKind.Gateway, name: "waypoint" }],
    };
    const [problem] = modeProblems(argsWith([{ mode: Block }, { ...waypoint, mode: Observe }]));
    assert.deepEqual([problem?.path, problem?.value], ["targets[1].mode", "Observe"]);
    assert.match(problem?.reason ?? "", /^target t1 is for waypoints, where Istio ignores the EnvoyFilter/);
    assert.deepEqual(pathsOf([waypoint], { inspection: { mode: Observe } }), ["inspection.mode"]);
    assert.deepEqual(pathsOf([{ ...waypoint, mode: Block }], { inspection: { mode: Observe } }), []);
  });

  it("refuses to observe in the guide's form", () => {
    const [problem] = modeProblems(
      argsWith([{}], {
        enforcement: Enforcement.EnvoyFilter,
        placement: Placement.Sidecar,
        envoyFilter: { guideCompatible: true },
        inspection: { mode: Observe },
      }),
    );
    assert.equal(problem?.reason, "the guide's EnvoyFilter (guideCompatible) has no place for it");
  });

  it("refuses to leave out the look at the version of Istio, by which an older one would block", () => {
    const inspection = { mode: Observe };
    const reason =
      "an Istio before 1.31 blocks what is to be observed, and only preflight sees which one runs";
    const otherwise = 'or set enforcement to "ExternalProcessing", which observes with every version.';
    assert.deepEqual(modeProblems(argsWith([{}], { inspection, preflight: { enabled: false } })), [
      { path: "preflight.enabled", value: false, reason, remedy: `Leave it out, ${otherwise}` },
    ]);
    const ignore = [PreflightCheck.TcpPorts, PreflightCheck.Observing];
    assert.deepEqual(modeProblems(argsWith([{}], { inspection, preflight: { ignore } })), [
      { path: "preflight.ignore", value: ignore, reason, remedy: `Leave out Observing, ${otherwise}` },
    ]);
    assert.deepEqual(pathsOf([{}], { preflight: { enabled: false, ignore } }), []);
  });

  it("refuses the answer 413 for what is observed", () => {
    const body = { allowPartial: false };
    assert.deepEqual(pathsOf([{}], { inspection: { mode: Observe, body } }), [
      "inspection.body.allowPartial",
    ]);
    assert.deepEqual(pathsOf([{}], { inspection: { body } }), []);
    assert.deepEqual(pathsOf([{}], { inspection: { mode: Observe, body: { ...body, enabled: false } } }), []);
  });

  it("asks nothing of stages that share arguments while one is in teardown", () => {
    const args = argsWith([{ observeUntil: "2027-01-31" }], { teardown: true });
    assert.deepEqual(argumentProblems("waf", args), []);
  });

  for (const day of ["2027-1-31", "2027-02-30", "31.1.2027", "", "tomorrow", "2027-01-31T00:00:00Z"]) {
    it(`refuses the day ${JSON.stringify(day)}`, () => {
      const args = argsWith([{ mode: Block }], { inspection: { observeUntil: day } });
      const [problem] = argumentProblems("waf", args);
      assert.deepEqual(problem, {
        path: "inspection.observeUntil",
        value: day,
        reason: "it is no day of the calendar",
        remedy: "Write year, month and day, for example 2027-01-31.",
      });
    });
  }

  it("refuses a mode that there is not, and shows those that there are", () => {
    const [problem] = argumentProblems("waf", { ...argsWith([{}]), inspection: { mode: "Log" } });
    assert.equal(problem?.path, "inspection.mode");
    assert.match(problem.remedy, /Block.*Observe/);
  });
});

describe("modeWarnings", () => {
  const today = new Date("2027-02-01T12:00:00Z");

  it("is silent while everything blocks", () => {
    assert.deepEqual(modeWarnings(argsWith([{}, { mode: Block }]), today), []);
  });

  it("names what is observed", () => {
    assert.deepEqual(modeWarnings(argsWith([{ mode: Observe }, {}, { mode: Observe }]), today), [
      "targets t0, t2: requests are observed, not blocked. Attacks pass; the agent sees and reports them.",
    ]);
    assert.deepEqual(modeWarnings(argsWith([{ mode: Observe }, {}]), today), [
      "target t0: requests are observed, not blocked. Attacks pass; the agent sees and reports them.",
    ]);
  });

  it("says that the last day of observing has passed, and nothing on the day itself", () => {
    const inspection = { mode: Observe, observeUntil: "2027-01-31" };
    const args = argsWith([{}, { observeUntil: "2027-02-01" }], { inspection });
    assert.deepEqual(modeWarnings(args, today).slice(1), [
      "target t0 was to observe until 2027-01-31 and still does: set its mode to Block, or give a later day.",
    ]);
  });

  it("says nothing in teardown", () => {
    const args = argsWith([{ mode: Observe }], { teardown: true });
    assert.deepEqual(
      argumentWarnings(args, today).filter((warning) => warning.includes("observe")),
      [],
    );
  });
});
