import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { runCases } from "../datapath/run";
import { findPart } from "../stack/findPart";
import { createTemporaryFolder } from "../stack/temporaryFolder";
import { agentLines, exported } from "./exporter";
import { writeRuleTests } from "./ruleTests";

const limitMinutes = 5;

describe("metrics", () => {
  it("make each alert fire and resolve on a real Prometheus, and fill each panel", async function () {
    this.timeout(limitMinutes * 60_000);
    // Nothing can be fetched inside the namespace.
    await findPart("prometheus");
    const failed = await runCases([join(__dirname, "alerts.case.ts")]);
    assert.equal(failed, 0, "the cases that failed are listed above");
  });

  it("are made of what the agent sends by StatsD, under the names that alerts and dashboard read", async () => {
    const folder = createTemporaryFolder("exporter");
    try {
      assert.deepEqual(await exported(folder.path, agentLines), [
        "sigsci_agent_waf_allow 3",
        "sigsci_agent_waf_block 2",
        "sigsci_agent_waf_error 1",
        'sigsci_agent_waf_perf_decision_time_ms{quantile="0.50"} 2',
        'sigsci_agent_waf_perf_decision_time_ms{quantile="0.95"} 12',
        'sigsci_agent_waf_perf_queue_time_ms{quantile="0.99"} 7',
        "sigsci_agent_waf_total 5",
      ]);
    } finally {
      folder.remove();
    }
  });

  it("pass the rule tests of promtool where Envoy alone cannot show them", async () => {
    const { path: promtool } = await findPart("promtool");
    const folder = createTemporaryFolder("rules");
    try {
      const files = await writeRuleTests(folder.path);
      const { status, stdout, stderr } = spawnSync(promtool, ["test", "rules", ...files], {
        encoding: "utf8",
      });
      assert.equal(status, 0, `${stdout}\n${stderr}`);
    } finally {
      folder.remove();
    }
  });
});
