import assert from "node:assert/strict";
import { otherSpellings } from "../../src/validation/otherLanguages";

const problem = (path: string): { path: string; reason: string; remedy: string } => ({
  path,
  reason: "",
  remedy: "",
});

describe("the path of a refused argument in other languages", () => {
  it("is shown for the first one that they write differently", () => {
    assert.equal(
      otherSpellings([problem("namespace"), problem("targets[1].matchLabels"), problem("createNamespace")]),
      "\n    Names are spelt as in YAML: targets[1].matchLabels is targets[1].match_labels in Python, " +
        "Targets[1].MatchLabels in Go and .NET.",
    );
  });

  it("is left out where all write it alike", () => {
    assert.equal(otherSpellings([problem("namespace"), problem("targets[0].name")]), "");
  });
});
