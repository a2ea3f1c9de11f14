import assert from "node:assert/strict";
import fc from "fast-check";
import { ImagePullPolicy, type AgentImageArgs } from "../../src/args/image";
import { imageWarnings } from "../../src/validation/agentWarnings";
import { SupportState, versionSupport } from "../../src/settings/versionSupport";

const digest = `sha256:${"0a".repeat(32)}`;

function day(text: string): Date {
  return new Date(`${text}T12:00:00Z`);
}

function dates(version: string): [string | undefined, string | undefined] {
  const support = versionSupport(version, day("2026-11-24"));
  return [support?.released.toISOString().slice(0, 10), support?.supportedUntil.toISOString().slice(0, 10)];
}

describe("agent version support", () => {
  it("knows the months of the releases", () => {
    const releases: [string, string][] = [
      ["4.43.0", "2023-06-01"],
      ["4.44.0", "2023-07-01"],
      ["4.49.0", "2023-12-01"],
      ["4.53.0", "2024-04-01"],
      ["4.54.0", "2024-05-01"],
      ["4.61.0", "2024-12-01"],
      ["4.64.0", "2025-03-01"],
      ["4.70.0", "2025-09-01"],
      ["4.84.0", "2026-11-01"],
      ["4.86.2", "2027-01-01"],
      ["4.42.1", "2023-05-01"],
    ];
    for (const [version, released] of releases) {
      assert.equal(dates(version)[0], released, version);
    }
  });

  it("ends support at the first retirement two years after the release", () => {
    const ends: [string, string][] = [
      ["4.84.0", "2029-01-31"],
      ["4.61.0", "2027-01-31"],
      ["4.60.0", "2027-01-31"],
      ["4.59.0", "2026-10-31"],
      ["4.62.0", "2027-01-31"],
      ["4.63.0", "2027-04-30"],
      ["4.66.0", "2027-07-31"],
    ];
    for (const [version, until] of ends) {
      assert.equal(dates(version)[1], until, version);
    }
  });

  it("says supported, ending and ended to the day", () => {
    const states: [string, SupportState][] = [
      ["2026-11-01", SupportState.Supported],
      ["2026-11-02", SupportState.Ending],
      ["2027-01-31", SupportState.Ending],
      ["2027-02-01", SupportState.Ended],
    ];
    for (const [today, state] of states) {
      assert.equal(versionSupport("4.61.0", day(today))?.state, state, today);
    }
  });

  it("takes older majors as at least as old as 4.0.0 and knows nothing of later ones", () => {
    assert.deepEqual(dates("3.18.0"), dates("4.0.0"));
    assert.equal(versionSupport("5.0.0", day("2026-11-24")), undefined);
    assert.equal(versionSupport("latest", day("2026-11-24")), undefined);
  });

  it("keeps every version for two years and less than 28 months, to the end of a retirement month", () => {
    fc.assert(
      fc.property(fc.nat(400), fc.nat(20), (minor, patch) => {
        const support = versionSupport(`4.${minor}.${patch}`, day("2026-11-24"));
        assert.ok(support);
        const { released, supportedUntil } = support;
        const months = (date: Date): number => date.getUTCFullYear() * 12 + date.getUTCMonth();
        assert.equal(months(released), 2026 * 12 + 10 + minor - 84);
        const kept = months(supportedUntil) - months(released);
        assert.ok(kept >= 24 && kept <= 26, `${kept} months`);
        assert.ok([0, 3, 6, 9].includes(supportedUntil.getUTCMonth()));
        assert.equal(new Date(supportedUntil.getTime() + 86_400_000).getUTCDate(), 1);
      }),
    );
  });

  it("never goes back from ended, whatever the day", () => {
    const order = [SupportState.Supported, SupportState.Ending, SupportState.Ended];
    fc.assert(
      fc.property(fc.nat(120), fc.nat(4000), fc.nat(400), (minor, first, later) => {
        const at = (days: number): number => {
          const today = new Date(Date.UTC(2022, 0, 1) + days * 86_400_000);
          return order.indexOf(versionSupport(`4.${minor}.0`, today)?.state ?? SupportState.Supported);
        };
        assert.ok(at(first) <= at(first + later));
      }),
    );
  });
});

describe("agent image warnings", () => {
  const today = day("2026-11-24");

  it("has nothing to say about a supported version", () => {
    assert.deepEqual(imageWarnings({}, today), []);
    assert.deepEqual(imageWarnings({ version: "4.84.0", digest }, today), []);
    assert.deepEqual(imageWarnings({ tag: "testing" }, today), []);
  });

  it("says what latest means in each mode", () => {
    const [always] = imageWarnings({ version: "latest" }, today);
    assert.match(always ?? "", /not reproducible: .*rollout picks whatever is newest.*4\.84\.0/);
    const [never] = imageWarnings({ version: "latest", local: true }, today);
    assert.match(never ?? "", /not reproducible: each node runs whatever was last pulled onto it by hand/);
    const pulledByHand = (image: AgentImageArgs): boolean =>
      imageWarnings(image, today).join().includes("last pulled onto it by hand");
    assert.ok(pulledByHand({ tag: "latest" }));
    assert.ok(pulledByHand({ version: "latest", pullPolicy: ImagePullPolicy.Never }));
    assert.ok(!pulledByHand({ version: "latest", local: true, pullPolicy: ImagePullPolicy.Always }));
    assert.ok(!pulledByHand({ tag: "latest", local: false }));
    assert.equal(imageWarnings({ tag: "latest", local: false }, today).length, 1);
    assert.deepEqual(imageWarnings({ version: "latest", digest }, today), []);
  });

  it("shouts when the version blocks nothing any more", () => {
    const [warning, ...more] = imageWarnings({ version: "4.59.0" }, today);
    assert.match(warning ?? "", /4\.59\.0 lost support about 2026-10-31: .*NO BLOCKING DECISIONS/);
    assert.deepEqual(more, []);
    assert.equal(imageWarnings({ repository: "r.example/a", tag: "4.59.0" }, today).length, 1);
  });

  it("gives the date when the end is near", () => {
    const [warning] = imageWarnings({ version: "4.60.0" }, today);
    assert.match(warning ?? "", /4\.60\.0 loses support about 2027-01-31/);
  });

  it("asks for the version beside a digest", () => {
    const [warning] = imageWarnings({ digest }, today);
    assert.match(warning ?? "", /hides its version/);
  });
});
