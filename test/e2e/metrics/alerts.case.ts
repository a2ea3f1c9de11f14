import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parse } from "yaml";
import { Enforcement, Placement } from "../../../src";
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
const timeout = `${timeoutMs}ms`;
const withinMs = 40_000;
const adminPort = 15_000;
const agentService = { namespace: "sigsci", name: "sigsci-agent" };
const throughMesh: Scenario = {
  name: "metrics",
  form: "AuthorizationPolicy",
  inspection: { timeout },
};
const inPods: Scenario = {
  name: "ef-metrics",
  form: "EnvoyFilter",
  placement: "sidecar",
  inspection: { timeout, failOpen: false },
};
const parts = { prometheusRules: { create: false }, dashboard: { namespace: "monitoring" } };
const agent = { name: agentService.name };

let folder: TemporaryFolder;
let rig: Rig;
let traffic: Traffic;
let prometheus: Prometheus;
let counted: Observed;
let plain: Observed;
let filter: Observed;

before(async function () {
  this.timeout(120_000);
  const inspection = { timeout };
  counted = await observe("counted", { agent, inspection, observability: { ...parts, proxyStats: {} } });
  plain = await observe("plain", { agent, inspection, observability: parts });
  filter = await observe("filter", {
    agent,
    inspection: { ...inspection, failOpen: false },
    placement: Placement.Sidecar,
    enforcement: Enforcement.EnvoyFilter,
    envoyFilter: { statPrefix: inPods.name },
    observability: { ...parts, proxyStats: {} },
  });
  rig = await Rig.start({}, [counted, filter].flatMap(regexpsOf));
  folder = createTemporaryFolder("metrics");
});

after(async () => {
  await rig.stop();
  folder.remove();
});

function regexpsOf({ proxyStats }: Observed): string[] {
  // The component's own text.
  const config = parse(proxyStats) as { proxyStatsMatcher: { inclusionRegexps: string[] } };
  return config.proxyStatsMatcher.inclusionRegexps;
}

/** Hooks of a group: the agent is in the mesh as a scenario says, requests flow, and a Prometheus has these rules. */
function watching(scenario: Scenario, rules: () => Record<string, Observed>): void {
  before(async function () {
    this.timeout(60_000);
    await rig.apply(scenario);
    traffic = await Traffic.start(rig);
    const work = join(folder.path, scenario.name);
    mkdirSync(work);
    const envoy = { namespace: "shop", pod: "web-0" };
    prometheus = await Prometheus.start(
      work,
      [
        { job: "envoy", port: adminPort, path: "/stats/prometheus", labels: envoy },
        { job: "stand-in", port: traffic.port, path: "/metrics", labels: {} },
      ],
      Object.fromEntries(
        Object.entries(rules()).map(([name, observed]) => [`${name}.yml`, quickened(observed.rules)]),
      ),
    );
    // Rates of one job before those of the other look like requests without checks.
    await eventually("both are scraped all the time", async () => {
      assert.equal((await prometheus.query("sum_over_time(up[3s]) >= 3")).length, 2);
    });
  });
  after(async () => {
    await prometheus.stop();
    await traffic.stop();
    await rig.remove(scenario);
  });
}

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

/** Fails when any alert has a reason to ring within so many seconds. */
async function assertQuiet(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await delay(1000);
    assert.deepEqual(
      (await prometheus.alerts()).map(({ labels, state }) => `${labels.alertname} ${state}`),
      [],
    );
  }
}

/** Fails when a query of a dashboard has no data. */
async function assertData({ dashboard }: Observed, panelCount: number): Promise<void> {
  const { panels } = dashboard ?? assert.fail("no dashboard");
  assert.equal(panels.length, panelCount);
  for (const { title, targets } of panels) {
    for (const { expr } of targets) {
      // Envoy hands out histograms every five seconds only.
      await eventually(
        `${title}: ${expr} has data`,
        async () => {
          const found = await prometheus.query(expr.replaceAll("$__rate_interval", "8s"));
          const values = found.map(({ value: [, text] }) => Number(text));
          assert.ok(values.length > 0 && values.every(Number.isFinite), JSON.stringify(found));
        },
        { withinMs: 15_000 },
      );
    }
  }
}

describe("alerts on a real Prometheus and a real Envoy", () => {
  watching(throughMesh, () => ({ counted, plain }));

  it("do not ring on healthy traffic with a few attacks", async function () {
    this.timeout(60_000);
    await assertQuiet(12);
    assert.ok((await rig.agent.counts()).denied > 5, "attacks were blocked");
  });

  it("have data for each panel of the dashboard", async function () {
    this.timeout(withinMs);
    await assertData(counted, 7);
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
    const { objects } = await objectsFor(throughMesh);
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

describe("alerts about an EnvoyFilter that fails closed, with the agent in the pod", () => {
  watching(inPods, () => ({ filter }));

  it("do not ring on healthy traffic, and have data for each panel", async function () {
    this.timeout(60_000);
    await assertQuiet(6);
    await assertData(filter, 5);
  });

  it("ring while the agent is stopped and requests are refused", async function () {
    this.timeout(3 * withinMs);
    await rig.agent.stop();
    await untilFiring("filter: SigsciRequestsRefused");
    await rig.agent.start();
    await untilFiring();
  });

  it("ring while the agent is slow", async function () {
    this.timeout(3 * withinMs);
    await rig.agent.behave({ delayMs: 0.7 * timeoutMs });
    await untilFiring("filter: SigsciAgentSlow");
    await rig.agent.behave({ mode: "ok" });
    await untilFiring();
  });
});
