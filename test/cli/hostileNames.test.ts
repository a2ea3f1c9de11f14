import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder } from "../render/temporaryFolder";
import { fixture, runCommand } from "./run";

const hostile = "web\u001b[2J\u001b]0;owned\u0007\u009b1A\u202e";
const written = JSON.stringify(hostile).replace("\u009b", "\\u009b").replace("\u202e", "\\u202e");
const control = /(?![\n\t])\p{Cc}|\u202e/u;
const shown = "web\\u001b[2J";

const workload = JSON.stringify({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: hostile, namespace: hostile },
  spec: { template: { metadata: { labels: { app: hostile } } } },
});
const configMap = `apiVersion: v1
kind: ConfigMap
metadata:
  name: istio
  namespace: istio-system
  annotations:
    owner.pulumi-sigsci-istio/waf: ${written}
data:
  mesh: |
    extensionProviders:
    - name: waf
      envoyHttpAls: {service: ${written}, port: 1}
    - name: ${written}
      envoyHttpAls: {service: a.b, port: 1}
`;

describe("names of others that hold control characters of a terminal", () => {
  const runs: Record<string, (folder: string) => string[]> = {
    render: (folder) => ["render", fixture("waf"), "--workloads", join(folder, "w.json")],
    "render --json": (folder) => ["render", fixture("waf"), "--json", "--workloads", join(folder, "w.json")],
    "render --mesh": (folder) => ["render", fixture("waf"), "--mesh", join(folder, "m.yaml")],
    "mesh show": (folder) => ["mesh", "show", "--file", join(folder, "m.yaml")],
    "mesh show --json": (folder) => ["mesh", "show", "--json", "--file", join(folder, "m.yaml")],
    "mesh remove, refused": (folder) => ["mesh", "remove", "waf", "--file", join(folder, "m.yaml")],
    "mesh diff": (folder) => ["mesh", "diff", "remove", hostile, "--file", join(folder, "m.yaml")],
  };
  for (const [what, args] of Object.entries(runs)) {
    it(`are shown without them by ${what}`, async () => {
      await inFolder({ "w.json": workload, "m.yaml": configMap }, async (folder) => {
        for (const colors of [false, true]) {
          const { out, err } = await runCommand(args(folder), colors);
          const text = `${out}\n${err}`;
          // Colours of the report itself are the only ones left.
          const bare = colors ? text.split(/\p{Cc}\[\d+m/u).join("") : text;
          assert.doesNotMatch(bare, control);
          assert.ok(what === "render --mesh" || bare.replaceAll(/\s/g, "").includes(shown), bare);
        }
      });
    });
  }

  it("stay in a file that is printed for whoever writes it on", async () => {
    const mesh = "# \u0085\ntrustDomain: a\n";
    await inFolder({ "m.yaml": mesh }, async (folder) => {
      const args = ["mesh", "remove", "not-there", "--file", join(folder, "m.yaml")];
      assert.equal((await runCommand(args)).out, mesh);
    });
  });
});
