import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { addresses, ports } from "./addresses";
import { nodes, type PodIdentity } from "./envoyBootstrap";
import { eventually } from "./eventually";
import { agentPort, endpointSlice, podObject, type Manifest } from "./mesh";
import { objectsFor } from "./objectsFor";
import type { Answer } from "./request";
import type { Rig } from "./rig";
import { unhurried, type OwnForm, type Scenario } from "./scenario";
import { sharedRig } from "./sharedRig";
import type { StubAgent } from "./stubAgent";
import { withScenario } from "./withScenario";

const service = { namespace: "sigsci", name: "sigsci-agent" };

/** The agents that a DaemonSet runs: the workload is on the first node, the gateway on the second. */
const [first, second] = [
  agentPod("agent-a", addresses.agent, nodes.first),
  agentPod("agent-b", addresses.otherAgent, nodes.second),
];

const requests = 40;

describe("agents on two nodes", () => {
  let rig: Rig;
  let agents: Readonly<Record<"first" | "second", StubAgent>>;

  before(async () => {
    rig = await sharedRig();
    agents = { first: rig.agent, second: await rig.otherAgent(addresses.otherAgent) };
    for (const pod of [first, second]) {
      await rig.runPod(pod);
    }
    await rig.put([endpointsOf(first, second)]);
  });
  beforeEach(async () => {
    if (!agents.second.isRunning) {
      await agents.second.start();
    }
    await agents.second.reset();
  });
  after(async () => {
    await rig.take([first, second].map(podObject));
    await rig.put([endpointSlice(service, [{ addresses: [addresses.agent] }], [agentPort])]);
  });

  async function bothAnswered(): Promise<[number, number]> {
    return [(await agents.first.counts()).checks, (await agents.second.counts()).checks];
  }

  const shared: Scenario = { name: "ap-any-node", form: "AuthorizationPolicy", inspection: unhurried };
  withScenario("as a service for all nodes", shared, () => {
    it("are both asked", async () => {
      const { cluster } = await objectsFor(shared);
      await rig.envoy.untilEndpoints(cluster, [at(first), at(second)]);
      for (let request = 0; request < requests; request += 1) {
        assert.equal((await rig.ask("/shop")).status, 200);
      }
      const [one, other] = await bothAnswered();
      assert.equal(one + other, requests);
      assert.ok(one > 0 && other > 0, `${one} and ${other} checks`);
    });
  });

  const closed = scenarioOf("ap-to-nodes", "AuthorizationPolicy", false);
  withScenario("as a service that turns to the nodes and back, failing closed", closed, () => {
    it("lose no request", async () => {
      const { cluster, service: local } = await objectsFor(closed);
      const { service: everywhere } = await objectsFor(shared);
      const url = `http://${addresses.workload}:${ports.http}/plain`;
      const loads = [true, false].map((keepAlive) =>
        rig.clients.load({ url, concurrency: 8, rate: 400, keepAlive }),
      );
      for (let round = 0; round < 3; round += 1) {
        await rig.put(everywhere);
        await rig.envoy.untilEndpoints(cluster, [at(first), at(second)]);
        await delay(300);
        await rig.put(local);
        await rig.envoy.untilEndpoints(cluster, [at(first)]);
        await delay(300);
      }
      for (const load of loads) {
        const { outcomes, requests: sent, oddities } = await load.stop();
        assert.deepEqual(outcomes, { "200": sent }, JSON.stringify(oddities));
        assert.ok(sent > 300, `only ${sent} requests`);
      }
      const [one, other] = await bothAnswered();
      assert.ok(one > other && other > 0, `${one} and ${other} checks`);
    });
  });

  for (const { title, scenario, local, status } of [
    {
      title: "AuthorizationPolicy on a workload of the first node, failing open",
      scenario: scenarioOf("ap-node-open", "AuthorizationPolicy", true),
      local: "first",
      status: 200,
    },
    {
      title: "AuthorizationPolicy on a workload of the first node, failing closed",
      scenario: scenarioOf("ap-node-closed", "AuthorizationPolicy", false),
      local: "first",
      status: 403,
    },
    {
      title: "EnvoyFilter on a gateway of the second node, failing closed",
      scenario: { ...scenarioOf("ef-node-closed", "EnvoyFilter", false), target: "gateway" },
      local: "second",
      status: 403,
    },
    {
      title: "ExternalProcessing on a workload of the first node, failing closed",
      scenario: scenarioOf("ep-node-closed", "ExternalProcessing", false),
      local: "first",
      status: 403,
    },
  ] as const) {
    withScenario(title, scenario, () => {
      const [here, there] = local === "first" ? [first, second] : [second, first];
      const [ours, theirs] = [() => agents[local], () => agents[local === "first" ? "second" : "first"]];

      it("asks and tells the agent of its node about every request, and no other", async () => {
        await untilEndpoints(rig, scenario, [at(here)]);
        const path = `/shop/${randomUUID()}`;
        for (let request = 0; request < requests; request += 1) {
          assert.equal((await ask(rig, scenario, path)).status, 200);
        }
        assert.equal((await ours().counts()).checks, requests);
        await eventually("all responses", async () => {
          const { accessLog, checks } = await ours().records();
          const told = scenario.form === "ExternalProcessing" ? checks : accessLog;
          assert.equal(told.filter((one) => one.path === path && one.status === 200).length, requests);
        });
        await knowsNothing(theirs(), scenario);
      });

      it(`answers ${status} while the agent of its node is down, and inspects when it is back`, async () => {
        await ours().stop();
        await passesBy(rig, scenario, status);
        await knowsNothing(theirs(), scenario);
        await ours().start();
        await eventually("requests are inspected again", async () => {
          assert.equal((await ask(rig, scenario)).status, 200);
          assert.ok((await ours().counts()).checks > 0);
        });
        await knowsNothing(theirs(), scenario);
      });

      it(`answers ${status} while its node has no agent, and inspects when there is one`, async () => {
        await rig.put([endpointsOf(there)]);
        await untilEndpoints(rig, scenario, []);
        await passesBy(rig, scenario, status);
        await knowsNothing(theirs(), scenario);
        await rig.put([endpointsOf(first, second)]);
        await untilEndpoints(rig, scenario, [at(here)]);
        assert.equal((await ask(rig, scenario)).status, 200);
        assert.equal((await ours().counts()).checks, 1);
      });
    });
  }
});

function scenarioOf(name: string, form: OwnForm, failOpen: boolean): Scenario {
  return { name, form, placement: "node", inspection: { ...unhurried, failOpen } };
}

function agentPod(pod: string, address: string, node: string): PodIdentity {
  return { pod, namespace: service.namespace, address, labels: { app: service.name }, node };
}

function endpointsOf(...pods: readonly PodIdentity[]): Manifest {
  const endpoints = pods.map(({ pod, namespace, address, node }) => ({
    addresses: [address],
    nodeName: node,
    targetRef: { kind: "Pod" as const, name: pod, namespace },
  }));
  return endpointSlice(service, endpoints, [agentPort]);
}

function at({ address }: PodIdentity): string {
  return `${address}:${ports.agent}`;
}

async function ask(rig: Rig, { target }: Scenario, path = "/shop"): Promise<Answer> {
  return target === "gateway" ? rig.askGateway(path) : rig.ask(path);
}

/** Requests get this answer although no agent has been asked. */
async function passesBy(rig: Rig, scenario: Scenario, status: number): Promise<void> {
  await rig.app.reset();
  for (let request = 0; request < 3; request += 1) {
    assert.equal((await ask(rig, scenario)).status, status);
  }
  const { requests: arrived, inspected } = await rig.app.arrivals();
  assert.deepEqual([arrived, inspected], [status === 200 ? 3 : 0, 0]);
}

async function untilEndpoints(rig: Rig, scenario: Scenario, expected: readonly string[]): Promise<void> {
  const { cluster } = await objectsFor(scenario);
  const envoy = scenario.target === "gateway" ? await rig.gateway() : rig.envoy;
  await envoy.untilEndpoints(cluster, expected);
}

/** Entries of the scenario before may still arrive. */
async function knowsNothing(agent: StubAgent, { name }: Scenario): Promise<void> {
  const { checks, accessLog } = await agent.records();
  assert.deepEqual(checks, []);
  assert.deepEqual(
    accessLog.filter(({ logName }) => logName === name),
    [],
  );
}
