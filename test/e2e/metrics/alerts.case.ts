import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parse } from "yaml";
import { addresses } from "../datapath/addresses";
import { eventually } from "../datapath/eventually";
import { agentPort, endpointSlice } from "../datapath/mesh";
import { objectsFor } from "../datapath/objectsFor";
import { Rig } from "../datapath/rig";
import type { Scenario } from "../datapath/scenario";
import { createTemporaryFolder, type TemporaryFolder } from "../stack/temporaryFolder";
import { Prometheus } from "./prometheus";
import { observe, quickened, type Observed } from "./rules";
import { Traffic } from "./standIn";

// Far above what a busy machine makes of a healthy agent's answer.
const timeoutMs = 1000;
const scenario: Scenario = {
  name: "metrics",
  form: "AuthorizationPolicy",
  inspection: { timeout: `${timeoutMs}ms` },
};
const withinMs = 40_000;
const adminPort = 15_000;
const agentService = { namespace: "sigsci", name: "sigsci-agent" };

describe("alerts on a real Prometheus and a real Envoy", () => {
  let folder: TemporaryFolder;
  let rig: Rig;
  let traffic: Traffic;
  let prometheus: Prometheus;
  let counted: Observed;

  before(async function () {
    this.timeout(120_000);
    const args = {
      agent: { name: agentService.name },
      inspection: { ...scenario.inspection },
    };
    const parts = { prometheusRules: { create: false }, dashboard: {} };
    counted = await observe("counted", { ...args, observability: { ...parts, proxyStats: {} } });
    const plain = await observe("plain", { ...args, observability: parts });
    const matcher = parse(counted.proxyStats) as { proxyStatsMatcher: { inclusionRegexps: string[] } };
    rig = await Rig.start({}, matcher.proxyStatsMatcher.inclusionRegexps);
    folder = createTemporaryFolder("metrics");
    await rig.apply(scenario);
    traffic = await Traffic.start(rig);
    const work = join(folder.path, "prometheus");
    mkdirSync(work);
    prometheus = await Prometheus.start(
      work,
      [
        {
          job: "envoy",
          port: adminPort,
          path: "/stats/prometheus",
          labels: { namespace: "shop", pod: "web-0" },
        },
        { job: "stand-in", port: traffic.port, path: "/metrics", labels: {} },
      ],
      { "counted.yml": quickened(counted.rules), "plain.yml": quickened(plain.rules) },
    );
  });

  after(async () => {
    await prometheus.stop();
    await traffic.stop();
    await rig.stop();
    folder.remove();
  });

  /** The alerts that fire now, each as `component: name`. */
  async function firing(): Promise<string[]> {
    const alerts = (await prometheus.alerts()).filter(({ state }) => state === "firing");
    return alerts.map(({ labels }) => `${labels.sigsci_component}: ${labels.alertname}`).sort();
  }

  async function untilFiring(...expected: string[]): Promise<void> {
    await eventually(
      `${expected.join(", ") || "nothing"} fires`,
      async () => {
        assert.deepEqual(await firing(), expected);
      },
      { withinMs, everyMs: 500 },
    );
  }

  it("do not ring on healthy traffic with a few attacks", async function () {
    this.timeout(60_000);
    for (let second = 0; second < 15; second++) {
      await delay(1000);
      assert.deepEqual(
        (await prometheus.alerts()).map(({ labels, state }) => `${labels.alertname} ${state}`),
        [],
      );
    }
    assert.ok((await rig.agent.counts()).denied > 5, "attacks were blocked");
  });

  it("have data for each panel of the dashboard", async () => {
    const { panels } = counted.dashboard ?? assert.fail("no dashboard");
    assert.equal(panels.length, 7);
    for (const { title, targets } of panels) {
      for (const { expr } of targets) {
        const found = await prometheus.query(expr.replaceAll("$__rate_interval", "8s"));
        assert.ok(found.length > 0, `${title}: ${expr}`);
        assert.ok(
          found.every(({ value: [, text] }) => Number.isFinite(Number(text))),
          `${title}: ${JSON.stringify(found)}`,
        );
      }
    }
  });

  it("ring while the agent is stopped, with and without the proxies' counters, and stop when it is back", async function () {
    this.timeout(3 * withinMs);
    await rig.agent.stop();
    await untilFiring("counted: SigsciRequestsUninspected");
    traffic.agentAvailable = false;
    await untilFiring(
      "counted: SigsciAgentGone",
      "counted: SigsciRequestsUninspected",
      "plain: SigsciAgentGone",
      "plain: SigsciRequestsUninspected",
    );
    const uninspected = (await prometheus.alerts()).find(
      ({ labels }) => labels.alertname === "SigsciRequestsUninspected",
    );
    assert.equal(uninspected?.annotations.summary, "Requests of namespace shop pass uninspected");
    await rig.agent.start();
    traffic.agentAvailable = true;
    await untilFiring();
  });

  it("ring while the agent is slow, before requests pass uninspected", async function () {
    this.timeout(3 * withinMs);
    await rig.agent.behave({ delayMs: 0.7 * timeoutMs });
    await untilFiring("counted: SigsciAgentSlow");
    await rig.agent.behave({ mode: "ok" });
    await untilFiring();
  });

  it("ring while the agent answers with errors", async function () {
    this.timeout(3 * withinMs);
    await rig.agent.behave({ mode: "error", errorCode: 13 });
    await untilFiring("counted: SigsciRequestsUninspected");
    await rig.agent.behave({ mode: "ok" });
    await untilFiring();
  });

  it("ring while no proxy knows an endpoint of the agent", async function () {
    this.timeout(3 * withinMs);
    const slice = (all: readonly string[]): ReturnType<typeof endpointSlice> =>
      endpointSlice(
        agentService,
        all.map((one) => ({ addresses: [one] })),
        [agentPort],
      );
    await rig.put([slice([])]);
    await untilFiring("counted: SigsciAgentGone", "counted: SigsciRequestsUninspected");
    await rig.put([slice([addresses.agent])]);
    await untilFiring();
  });

  it("ring while the policy is not in force", async function () {
    this.timeout(3 * withinMs);
    const { objects } = await objectsFor(scenario);
    const policies = objects.filter(({ kind }) => kind === "AuthorizationPolicy");
    await rig.take(policies);
    await rig.untilNotAsking();
    await untilFiring("counted: SigsciNoChecks", "plain: SigsciNoChecks");
    await rig.put(policies);
    await untilFiring();
  });

  it("ring while many more requests are blocked than before", async function () {
    this.timeout(3 * withinMs);
    traffic.attackEvery = 1;
    await untilFiring("counted: SigsciBlocksRising", "plain: SigsciBlocksRising");
    traffic.attackEvery = 10;
    await untilFiring();
  });
});
