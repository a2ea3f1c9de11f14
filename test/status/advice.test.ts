import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { adviceOn } from "../../src/status/advice";
import type { FindingId } from "../../src/status/finding";

const page = readFileSync(resolve(__dirname, "../../docs/troubleshooting.md"), "utf8");
// The paragraphs of the page are called like the findings; another test ties the two together.
const ids = [...page.matchAll(/^### ([a-z-]+)$/gm)].map(([, id = ""]) => id as FindingId);
const web = { namespace: "shop", name: "web", kind: "StatefulSet" };

describe("adviceOn", () => {
  it("says of each finding what it means and what mends it", () => {
    assert.ok(ids.length >= 15, `${ids.length} findings`);
    for (const id of ids) {
      const { meaning, remedy } = adviceOn({ id, text: "" }, web);
      assert.match(meaning, /^(?:istiod|[A-Z`]).*\.$/, id);
      assert.match(remedy, /^[A-Z`].*\.$/, id);
    }
  });

  it("names the workload in the commands", () => {
    const commands = ids.flatMap(
      (id) => adviceOn({ id, text: "" }, web).remedy.match(/`kubectl [^`]*`/g) ?? [],
    );
    assert.ok(commands.includes("`kubectl rollout restart statefulset/web -n shop`"));
    assert.ok(commands.includes("`kubectl label namespace shop istio-injection=enabled`"));
    assert.ok(commands.every((command) => !/undefined|NAMESPACE/.test(command)));
  });

  it("starts a pod that nothing owns by deleting it", () => {
    const { remedy } = adviceOn({ id: "pod-not-restarted", text: "" }, { ...web, kind: "Pod" });
    assert.equal(remedy, "Start them again: `kubectl delete pod web -n shop`.");
  });
});
