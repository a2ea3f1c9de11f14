import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FindingId } from "../../src/status/finding";

// A finding that is missing here, or one too many, does not compile.
const ids: Readonly<Record<FindingId, true>> = {
  "no-proxy": true,
  "pod-not-restarted": true,
  "ambient-without-waypoint": true,
  "no-policy-in-the-proxy": true,
  "provider-missing": true,
  "other-revision": true,
  "no-endpoint": true,
  "refused-by-the-proxy": true,
  "filter-dropped": true,
  "asks-about-none": true,
  "selects-nothing": true,
  "two-authorizers": true,
  "two-enforcements": true,
  "agent-missing-in-pod": true,
  "excluded-pod": true,
  "held-back": true,
  "not-connected": true,
  "not-seen": true,
  "stats-disagree": true,
};

describe("docs/troubleshooting.md", () => {
  const page = readFileSync(join(__dirname, "../../docs/troubleshooting.md"), "utf8");
  const [, findings = ""] = /^## Findings$(.*?)^## /ms.exec(page) ?? [];
  const paragraphs = findings.split(/^### /m).slice(1);

  it("has a paragraph for each finding, under its name, and no other", () => {
    assert.deepEqual(
      paragraphs.map((paragraph) => paragraph.split("\n")[0]),
      Object.keys(ids),
    );
  });

  it("says in each what it means for traffic, and how it is seen by hand", () => {
    for (const paragraph of paragraphs) {
      assert.match(paragraph, /\*\*[^*]+\*\*/, paragraph);
      assert.match(paragraph, /^```sh\n(kubectl|istioctl|npx pulumi-sigsci-istio) /m, paragraph);
    }
  });
});
