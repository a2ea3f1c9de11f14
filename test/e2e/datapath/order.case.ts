import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { addresses, ports } from "./addresses";
import { componentObjects } from "./component";
import type { LoadResult } from "./client";
import { eventually } from "./eventually";
import type { Rig } from "./rig";
import { unhurried, type Integration, type OwnScenario } from "./scenario";
import { sharedRig } from "./sharedRig";
import { attackMarker } from "./stubAgent";

// istiod gathers changes for about 100 ms, which would hide a wrong order of two writes right after each other.
const gapMs = 400;
const rounds = 3;

describe("order of provider and policy", () => {
  let rig: Rig;
  const scenario: OwnScenario = {
    name: "order",
    form: "AuthorizationPolicy",
    notPaths: ["/healthz"],
    inspection: unhurried,
  };
  let providers: Integration["providers"];
  let objects: Integration["objects"];
  /** What the component makes of its policies in teardown. */
  let neutral: Integration["objects"];

  before(async () => {
    rig = await sharedRig();
    await rig.reset();
    ({ providers, objects } = await componentObjects(scenario));
    neutral = (await componentObjects(scenario, true)).objects;
  });

  async function underLoad(change: () => Promise<void>): Promise<LoadResult> {
    const url = `http://${addresses.workload}:${ports.http}/plain`;
    const load = rig.clients.load({ url, concurrency: 8, rate: 800 });
    try {
      for (let round = 0; round < rounds; round += 1) {
        await change();
      }
    } finally {
      await load.stop();
    }
    return load.done;
  }

  it("denies checked paths although it fails open when the provider goes first", async () => {
    await rig.apply(scenario);
    assert.equal((await rig.ask("/shop")).status, 200);
    await rig.setProviders([]);
    await eventually("a checked path is denied", async () => {
      const answer = await rig.ask("/shop");
      assert.equal(answer.status, 403);
      assert.equal(answer.body, "RBAC: access denied");
    });
    assert.equal((await rig.ask("/healthz")).status, 200);
    await rig.take(objects);
    await eventually("without the policy it passes", async () => {
      assert.equal((await rig.ask("/shop")).status, 200);
    });
  });

  it("passes everything when the policy loses its effect in place before the provider goes", async () => {
    await rig.apply(scenario);
    assert.equal((await rig.ask(`/shop/${attackMarker}`)).status, 406);
    const { outcomes, requests, oddities } = await underLoad(async () => {
      await rig.put(neutral);
      await rig.untilNotAsking();
      await delay(gapMs);
      await rig.setProviders([]);
      await delay(gapMs);
      await rig.setProviders(providers);
      await delay(gapMs);
      await rig.put(objects);
      await rig.untilActive(scenario);
    });
    assert.deepEqual(outcomes, { "200": requests }, JSON.stringify(oddities));
    await rig.remove(scenario);
  });

  it("loses requests under load in the wrong order", async () => {
    const { outcomes } = await underLoad(async () => {
      await rig.put(objects);
      await delay(gapMs);
      await rig.setProviders(providers);
      await rig.untilActive(scenario);
      await rig.setProviders([]);
      await delay(gapMs);
      await rig.take(objects);
      await rig.untilInactive(scenario);
    });
    assert.deepEqual(Object.keys(outcomes).sort(), ["200", "403"]);
    assert.ok((outcomes["403"] ?? 0) > 50, `only ${outcomes["403"] ?? 0} denied`);
  });

  it("loses no request under load in the right order, and inspects once it is active", async () => {
    const { outcomes, requests, oddities } = await underLoad(async () => {
      await rig.setProviders(providers);
      await delay(gapMs);
      await rig.put(objects);
      await rig.untilActive(scenario);
      assert.equal((await rig.ask(`/shop/${attackMarker}`)).status, 406);
      await rig.take(objects);
      await delay(gapMs);
      await rig.setProviders([]);
      await rig.untilInactive(scenario);
    });
    assert.deepEqual(outcomes, { "200": requests }, JSON.stringify(oddities));
    assert.ok(requests > 1000, `only ${requests} requests`);
  });
});
