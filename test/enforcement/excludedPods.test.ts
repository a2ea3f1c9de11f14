import assert from "node:assert/strict";
import fc from "fast-check";
import type { ExcludedPodsArgs } from "../../src/args/sidecar";
import { excludedPodsOf, excludedPodsText, isExcluded } from "../../src/enforcement/excludedPods";
import type { LiveObject } from "../../src/kubernetes/liveObject";

const excluded: ExcludedPodsArgs[] = [
  { matchLabels: { waf: "off", tier: "jobs" } },
  { matchLabels: { app: "batch" } },
];
const annotated = (text: string): LiveObject => ({
  metadata: { annotations: { "pulumi-sigsci-istio/excluded-pods": text } },
});

describe("the annotation of pods without the agent", () => {
  it("is readable, and holds whatever labels Kubernetes takes", () => {
    assert.equal(excludedPodsText(excluded), "waf=off,tier=jobs; app=batch");
    const key = fc.stringMatching(
      /^([a-z][a-z0-9.-]{0,9}[a-z]\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,9}[A-Za-z0-9])?$/,
    );
    const value = fc.stringMatching(/^([A-Za-z0-9]([A-Za-z0-9_.-]{0,9}[A-Za-z0-9])?)?$/);
    const labels = fc.dictionary(key, value, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(labels, { maxLength: 4 }), (all) => {
        const given = all.map((matchLabels) => ({ matchLabels }));
        assert.deepEqual(excludedPodsOf(annotated(excludedPodsText(given))), given);
      }),
    );
  });

  it("excludes nobody where it is missing or means every pod", () => {
    for (const object of [{}, annotated(""), annotated("; ,"), annotated("waf")]) {
      assert.deepEqual(excludedPodsOf(object), []);
    }
  });

  it("means pods with all labels of one entry", () => {
    assert.ok(isExcluded({ app: "batch", tier: "web" }, excluded));
    assert.ok(isExcluded({ waf: "off", tier: "jobs", app: "web" }, excluded));
    assert.ok(!isExcluded({ waf: "off" }, excluded));
    assert.ok(!isExcluded({ app: "batch" }, []));
  });
});
