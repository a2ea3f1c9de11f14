import assert from "node:assert/strict";
import { join } from "node:path";
import { parseYaml } from "../../src/offline/yamlFile";
import { inFolder } from "../render/temporaryFolder";
import { edge } from "./mesh/files";
import { fixture, runCommand } from "./run";

/** Lists of nine times the list before, of which the last stands for 9^28 values. */
function bomb(margin = ""): string {
  const nine = (name: string): string => Array<string>(9).fill(`*${name}`).join(", ");
  const lists = Array.from({ length: 28 }, (_, n) => `${margin}a${n + 1}: &a${n + 1} [${nine(`a${n}`)}]`);
  return [`${margin}a0: &a0 [x, x]`, ...lists, ""].join("\n");
}
const nested = Array.from(
  { length: 28 },
  (_, n) => `- &l${n + 1} {kind: List, items: [${Array<string>(9).fill(`*l${n}`).join(", ")}]}`,
);
const configMap = `apiVersion: v1
kind: ConfigMap
metadata:
  name: istio
  namespace: istio-system
  annotations:
${bomb("    ")}data:
  mesh: |
    a: 1
`;
const files = {
  "bomb.yaml": bomb(),
  "list.yaml": `kind: List\nitems:\n- &l0 {kind: List, items: []}\n${nested.join("\n")}\n`,
  "cycle.yaml": "&all\nkind: List\nitems: [*all]\n",
  "map.yaml": configMap,
  "mesh.yaml": "a: 1\n",
  "chain.yaml": Array.from(
    { length: 5000 },
    (_, n) => `a${n + 1}: &a${n + 1} [${n === 0 ? "x" : `*a${n}`}]`,
  ).join("\n"),
};

describe("YAML whose aliases multiply", () => {
  const multiply = /its aliases multiply without end/;
  const refusals: Record<string, [args: (path: (name: string) => string) => string[], err: RegExp]> = {
    "the workloads of a render": [
      (path) => ["render", fixture("waf"), "--workloads", path("list.yaml")],
      multiply,
    ],
    "workloads that hold themselves": [
      (path) => ["render", fixture("waf"), "--workloads", path("cycle.yaml")],
      multiply,
    ],
    "a chain of aliases": [(path) => ["render", fixture("waf"), "--workloads", path("chain.yaml")], multiply],
    "the mesh text of a render": [
      (path) => ["render", fixture("waf"), "--mesh", path("bomb.yaml")],
      multiply,
    ],
    "the ConfigMap of a render": [(path) => ["render", fixture("waf"), "--mesh", path("map.yaml")], multiply],
    "a ConfigMap that is edited": [(path) => ["mesh", "add", ...edge, "--file", path("map.yaml")], multiply],
    "a mesh text that is edited": [
      (path) => ["mesh", "add", ...edge, "--file", path("bomb.yaml")],
      /has an anchor or an alias/,
    ],
    "a mesh text that is shown": [
      (path) => ["mesh", "show", "--file", path("bomb.yaml")],
      /has an anchor or an alias/,
    ],
    "a file of providers": [
      (path) => ["mesh", "add", "--providers", path("bomb.yaml"), "--file", path("mesh.yaml")],
      /not valid YAML: Excessive alias count/,
    ],
  };
  for (const [what, [args, err]] of Object.entries(refusals)) {
    it(`is refused in bounded time in ${what}`, async () => {
      await inFolder(files, async (folder) => {
        const start = performance.now();
        const result = await runCommand(args((name) => join(folder, name)));
        assert.ok(performance.now() - start < 10_000);
        assert.match(`${result.err}${result.out}`.replaceAll(/\s+/g, " "), err);
        assert.equal(result.exitCode, 1);
        assert.doesNotMatch(result.err, /defect of this command|\n +at /);
      });
    });
  }

  it("is told from anchors that people use, and from large files", () => {
    const labels = Array.from({ length: 2000 }, () => "- {metadata: {labels: *labels}}").join("\n");
    assert.equal(parseYaml(`- &labels {app: web, tier: edge}\n${labels}\n`, "f").length, 1);
    assert.equal(parseYaml("- x\n".repeat(1_100_000), "f").length, 1);
  });
});
