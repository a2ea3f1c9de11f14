import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { addresses, ports } from "./addresses";
import type { LoadResult } from "./client";
import { agentPort, endpointSlice } from "./mesh";
import { objectsFor } from "./objectsFor";
import { inboundListener, type Rig } from "./rig";
import { unhurried, type Integration, type Scenario } from "./scenario";
import { sharedRig } from "./sharedRig";

const url = `http://${addresses.workload}:${ports.http}/plain`;

// istiod gathers changes for about 100 ms: what is written within that time reaches the proxies at once, and a
// listener may then ask a cluster that is not ready, or one that is gone.
const gapMs = 400;

const atService: Scenario = {
  name: "moving",
  form: "AuthorizationPolicy",
  inspection: { ...unhurried, failOpen: false },
};
const inPod: Scenario = { ...atService, placement: "sidecar" };

describe("a change of placement under load, failing closed", () => {
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
  const turnTo = async ({ providers, cluster }: Integration): Promise<void> => {
    await rig.setProviders(providers);
    await rig.envoy.untilListener(inboundListener, `asks ${cluster}`, (text) => text.includes(cluster));
  };

  async function underLoad(rounds: number, steps: readonly (() => Promise<void>)[]): Promise<LoadResult[]> {
    const kept = rig.clients.load({ url, concurrency: 8, rate: 800 });
    const fresh = rig.clients.load({ url, concurrency: 16, rate: 200, keepAlive: false });
    try {
      for (let round = 0; round < rounds; round += 1) {
        for (const step of steps) {
          await step();
          await delay(gapMs);
        }
      }
    } finally {
      await kept.stop();
      await fresh.stop();
    }
    return [await kept.done, await fresh.done];
  }

  it("loses no request when the new agent is known first, then the mesh turns, then the old one goes", async () => {
    const toPod = [arriveInPod, () => turnTo(pod), leaveService];
    const toService = [arriveAtService, () => turnTo(service), leavePod];
    for (const { outcomes, requests, oddities } of await underLoad(3, [...toPod, ...toService])) {
      assert.deepEqual(outcomes, { "200": requests }, JSON.stringify(oddities));
      assert.ok(requests > 500, `only ${requests} requests`);
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
    const [kept, fresh] = await underLoad(1, [...steps, leavePod]);
    for (const result of [kept, fresh]) {
      const refused = result?.outcomes["403"] ?? 0;
      assert.ok(refused > 50, `only ${refused} refused`);
    }
  });
});

function endpoints(...found: readonly string[]): ReturnType<typeof endpointSlice> {
  const ready = found.map((address) => ({ addresses: [address] }));
  return endpointSlice({ namespace: "sigsci", name: "sigsci-agent" }, ready, [agentPort]);
}
