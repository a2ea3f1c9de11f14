import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { addresses, ports } from "./addresses";
import type { LoadResult } from "./client";
import { agentPort, endpointSlice } from "./mesh";
import { objectsFor } from "./objectsFor";
import { inboundListener, type Rig } from "./rig";
import { everyForm, unhurried, type Integration, type OwnForm, type Scenario } from "./scenario";
import { sharedRig } from "./sharedRig";

const url = `http://${addresses.workload}:${ports.http}/plain`;

// istiod gathers changes for about 100 ms: what is written within that time reaches the proxies at once, and a
// listener may then ask a cluster that is not ready, or one that is gone.
const gapMs = 400;

/**
 * How many requests a move out of the pods may refuse. The cluster of an agent in the pod stands in the EnvoyFilter
 * itself and goes with it, some 30 ms before the listener that asks it: at 1,000 requests a second, less than 100 ms.
 */
const refusedAtMost = { AuthorizationPolicy: 0, EnvoyFilter: 100, ExternalProcessing: 100 };

for (const form of everyForm) {
  describe(`a change of placement under load, failing closed, through ${form}`, () => {
    movesAgent(form);
  });
}

function movesAgent(form: OwnForm): void {
  const atService: Scenario = { name: "moving", form, inspection: { ...unhurried, failOpen: false } };
  const inPod: Scenario = { ...atService, placement: "sidecar" };
  let rig: Rig;
  let service: Integration;
  let pod: Integration;

  before(async () => {
    rig = await sharedRig();
    await rig.reset();
    [service, pod] = [await objectsFor(atService), await objectsFor(inPod)];
    await rig.apply(atService);
  });
  after(async () => {
    await arriveAtService();
    await rig.remove(inPod);
  });

  const arriveAtService = (): Promise<void> => rig.put([...service.service, endpoints(addresses.agent)]);
  const leaveService = (): Promise<void> => rig.put([endpoints()]);
  const arriveInPod = (): Promise<void> => rig.put(pod.service);
  const leavePod = (): Promise<void> => rig.take(pod.service);
  const turnTo = async ({ providers, objects, cluster }: Integration): Promise<void> => {
    await rig.setProviders(providers);
    await rig.put(objects);
    await rig.envoy.untilListener(inboundListener, `asks ${cluster}`, (text) => text.includes(cluster));
  };

  async function underLoad(steps: readonly (() => Promise<void>)[]): Promise<LoadResult[]> {
    const kept = rig.clients.load({ url, concurrency: 8, rate: 800 });
    const fresh = rig.clients.load({ url, concurrency: 16, rate: 200, keepAlive: false });
    try {
      for (const step of steps) {
        await step();
        await delay(gapMs);
      }
    } finally {
      await kept.stop();
      await fresh.stop();
    }
    return [await kept.done, await fresh.done];
  }

  const refusedBy = (results: readonly LoadResult[]): number =>
    results.reduce((sum, { outcomes, requests, oddities }) => {
      const refused = outcomes["403"] ?? 0;
      assert.equal(outcomes["200"], requests - refused, JSON.stringify(oddities));
      assert.ok(requests > 150, `only ${requests} requests`);
      return sum + refused;
    }, 0);

  it("loses no more when the new agent is known first, then the proxies turn, then the old one goes", async () => {
    for (let round = 0; round < 3; round += 1) {
      assert.equal(refusedBy(await underLoad([arriveInPod, () => turnTo(pod), leaveService])), 0);
      const out = refusedBy(await underLoad([arriveAtService, () => turnTo(service), leavePod]));
      assert.ok(out <= refusedAtMost[form], `${out} refused`);
    }
    const { checks } = await rig.agent.records();
    const listeners = new Set(checks.map(({ listener }) => listener));
    assert.deepEqual(
      [...listeners].sort(),
      [`${addresses.agent}:${ports.agent}`, `127.0.0.1:${ports.agent}`].sort(),
    );
  });

  it("loses requests when the old agent goes first", async () => {
    const steps = [leaveService, arriveInPod, () => turnTo(pod), arriveAtService, () => turnTo(service)];
    const [kept, fresh] = await underLoad([...steps, leavePod]);
    for (const result of [kept, fresh]) {
      const refused = result?.outcomes["403"] ?? 0;
      assert.ok(refused > 50, `only ${refused} refused`);
    }
  });
}

function endpoints(...found: readonly string[]): ReturnType<typeof endpointSlice> {
  const ready = found.map((address) => ({ addresses: [address] }));
  return endpointSlice({ namespace: "sigsci", name: "sigsci-agent" }, ready, [agentPort]);
}
