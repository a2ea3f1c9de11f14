import assert from "node:assert/strict";
import type { WorkloadStatus } from "../../../src/status/report";
import { addresses, ports } from "../datapath/addresses";
import { ask } from "../datapath/request";
import { attackMarker } from "../datapath/stubAgent";
import { filters, look, policies, rig, send, service, streams, textOf, untilRow, workload } from "./observed";
import { podWithAgent, podWithStreams, proxyPod } from "./pods";
import { stateOf, withState } from "./states";
import { webProxies } from "./statusRig";

async function countersOf(name: string): Promise<WorkloadStatus["counters"]> {
  const { report } = await look("--stats");
  return workload(report, name).counters;
}

describe("status of what is inspected", () => {
  for (const [scenario, agent] of [
    [policies, service],
    [filters, service],
    [streams, service],
  ] as const) {
    const { form, name } = scenario;

    it(`proves a good ${form} from every proxy, with counters`, async () => {
      await withState(rig(), await stateOf(scenario), async () => {
        const row = await untilRow("web", { status: "inspected", pods: "3 of 3" }, 0);
        assert.deepEqual(
          [row.targets, row.agent, row.failOpen, row.enforcement],
          [[`${name}/web`], agent, true, form],
        );
        const before = (await countersOf("web")) ?? { checked: 0, blocked: 0, passed: 0, failed: 0 };
        for (const path of ["/a", "/b", "/c", `/${attackMarker}`]) {
          await send(path);
        }
        const after = await countersOf("web");
        assert.deepEqual(
          [after?.checked, after?.blocked, after?.passed, after?.failed],
          [before.checked + 4, before.blocked + 1, before.passed + 3, before.failed],
        );
      });
    });
  }

  for (const scenario of [policies, streams]) {
    it(`counts the requests that pass because no agent answers, with ${scenario.form}`, async () => {
      await withState(rig(), await stateOf(scenario), async () => {
        await untilRow("web", { status: "inspected", pods: "3 of 3" }, 0);
        const before = (await countersOf("web"))?.failed ?? 0;
        await rig().agent.stop();
        assert.equal(await send(`/${attackMarker}`), 200);
        assert.equal((await countersOf("web"))?.failed, before + 1);
        await rig().agent.start();
      });
    });
  }

  // The policy comes last: its counters stay when it has gone.
  for (const [scenario, isCounted] of [
    [filters, false],
    [policies, true],
  ] as const) {
    it(`proves a gateway with ${scenario.form}, with what it counts by Istio's default`, async () => {
      await withState(rig(), await stateOf({ ...scenario, target: "gateway" }), async () => {
        const row = await untilRow("istio-ingressgateway", { status: "inspected", pods: "1 of 1" }, 0);
        assert.deepEqual([row.targets, row.agent], [[`${scenario.name}/web`], service]);
        for (const [path, status] of [
          ["/a", 200],
          [`/${attackMarker}`, 406],
        ] as const) {
          assert.equal((await ask({ host: addresses.gateway, port: ports.gateway, path })).status, status);
        }
        const { report, exitCode } = await look("--stats");
        const { counters } = workload(report, "istio-ingressgateway");
        const expected = isCounted ? { checked: 2, blocked: 0, passed: 0, failed: 0, isExact: false } : null;
        assert.deepEqual([counters, exitCode], [expected, 0]);
        assert.equal(report.gaps.join(" ").includes("expose no counters of their checks"), !isCounted);
      });
    });
  }

  describe("with the agent in the pods", () => {
    const [first, second] = webProxies;
    assert.ok(first && second);
    const runAgents = (podOf: typeof podWithAgent): Promise<void> =>
      rig().runPods("web", [first, second], podOf);
    const missing = { "agent-missing-in-pod": ["web-2"] };

    after(async () => {
      await rig().runPods("web", webProxies, proxyPod);
    });

    for (const [title, scenario, podOf] of [
      ["AuthorizationPolicy", policies, podWithAgent],
      ["EnvoyFilter", filters, podWithAgent],
      ["ExternalProcessing", streams, podWithStreams],
      ["guideCompatible EnvoyFilter", { ...filters, envoyFilter: { guideCompatible: true } }, podWithAgent],
    ] as const) {
      it(`names the one of three pods that has none, with ${title}`, async () => {
        await runAgents(podOf);
        await withState(rig(), await stateOf({ ...scenario, placement: "sidecar" }), async () => {
          const row = await untilRow("web", { status: "partly", pods: "2 of 3", findings: missing }, 1);
          assert.equal(row.agent, "in the pod");
          assert.match(textOf(row), /the pod has no agent, its requests pass uninspected/);
        });
      });
    }

    it("names all pods, with ExternalProcessing that their agents do not serve", async () => {
      await runAgents(podWithAgent);
      await withState(rig(), await stateOf({ ...streams, placement: "sidecar" }), async () => {
        const row = await untilRow(
          "web",
          { status: "notInspected", pods: "0 of 3", findings: { "agent-missing-in-pod": ["web-2"] } },
          1,
        );
        assert.match(
          textOf(row),
          /is without SIGSCI_ENVOY_EXTPROC_ENABLED and does not serve external processing/,
        );
      });
    });
  });
});
