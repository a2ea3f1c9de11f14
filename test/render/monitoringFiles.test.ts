import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { toFiles, writeManifests } from "../../src/render/manifests";
import type { ObservabilityArgs } from "../../src";
import { named, recordComponent } from "../component/program";
import { inFolder } from "./temporaryFolder";

async function filesOf(observability: ObservabilityArgs): Promise<ReturnType<typeof toFiles>> {
  return toFiles((await recordComponent({ observability })).resources);
}

describe("render --out: files for Prometheus and Grafana", () => {
  it("are the rule file and the dashboard, beside the manifests and out of the way of kubectl", async () => {
    const recording = await recordComponent({ observability: { prometheusRules: {}, dashboard: {} } });
    const files = new Map(toFiles(recording.resources).map(({ file, text }) => [file, text]));
    assert.ok(files.has("prometheusrule-sigsci-waf-agent.yaml"));
    assert.deepEqual(
      [...files.keys()].filter((file) => file.includes("/")),
      ["monitoring/waf-rules.yaml", "monitoring/waf-agent.json"],
    );
    const rules = files.get("monitoring/waf-rules.yaml") ?? "";
    assert.ok(
      rules.startsWith("# Written by pulumi-sigsci-istio render: a rule file of Prometheus.\ngroups:\n"),
    );
    assert.deepEqual(parse(rules), named(recording, "waf-prometheus-rule").inputs.spec);
    assert.match(files.get("monitoring/waf-agent.json") ?? "", /^\{\n {2}"uid": "sigsci-/);
  });

  it("are there without the Prometheus Operator too, and not unless asked for", async () => {
    const paths = (await filesOf({ prometheusRules: { create: false } })).map(({ file }) => file);
    assert.deepEqual(
      paths.filter((file) => /rule|monitoring/.test(file)),
      ["monitoring/waf-rules.yaml"],
    );
    assert.ok((await filesOf({})).every(({ file }) => !file.includes("/")));
  });

  it("are replaced by a later render, whose folder they do not make foreign", async () => {
    const both = await filesOf({ prometheusRules: {}, dashboard: {} });
    const rules = await filesOf({ prometheusRules: {} });
    const none = await filesOf({});
    await inFolder({}, (folder) => {
      const out = join(folder, "out");
      assert.deepEqual(writeManifests(out, both), []);
      assert.deepEqual(writeManifests(out, rules), [
        "configmap-sigsci-waf-agent-dashboard.yaml",
        "monitoring/waf-agent.json",
      ]);
      assert.deepEqual(readdirSync(join(out, "monitoring")), ["waf-rules.yaml"]);
      assert.match(readFileSync(join(out, "monitoring/waf-rules.yaml"), "utf8"), /SigsciAgentGone/);
      writeManifests(out, none);
      assert.ok(!existsSync(join(out, "monitoring")));
    });
  });

  it("leave a folder alone in which somebody else has files for monitoring", async () => {
    const rules = await filesOf({ prometheusRules: {} });
    await inFolder({}, (folder) => {
      mkdirSync(join(folder, "monitoring"));
      writeFileSync(join(folder, "monitoring", "mine.json"), '{ "title": "mine" }\n');
      assert.throws(
        () => writeManifests(folder, rules),
        /the folder holds monitoring\/mine\.json, which no render wrote/,
      );
      assert.deepEqual(readdirSync(folder), ["monitoring"]);
    });
  });
});
