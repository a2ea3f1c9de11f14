import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { addresses, ports } from "./addresses";
import { everyForm, ownForms, unhurried, type Scenario } from "./scenario";
import { sharedRig } from "./sharedRig";
import { withScenario } from "./withScenario";

/**
 * A connection that was open before a change is served once more as it was before it (idleConnections.case.ts). At the
 * loads of this file each one is used every 20 ms.
 */
const everyConnectionUsedMs = 250;

const url = `http://${addresses.workload}:${ports.http}/plain`;

for (const form of everyForm) {
  const prefix = ownForms[form];

  withScenario(`${form}, under load`, { name: `${prefix}-load`, form, inspection: unhurried }, (rig) => {
    it("answers every request while the agent is away, and inspects all when it is back", async () => {
      const load = rig().clients.load({ url, concurrency: 8, rate: 400 });
      await delay(500);
      await rig().agent.stop();
      await delay(500);
      await rig().agent.start();
      await delay(500);
      await rig().app.reset();
      await delay(500);
      const { requests, inspected } = await rig().app.arrivals();
      const result = await load.stop();
      assert.deepEqual(result.outcomes, { "200": result.requests }, JSON.stringify(result.oddities));
      assert.ok(requests > 50, `only ${requests} requests`);
      assert.equal(inspected, requests);
    });
  });

  describe(`${form}, put into the mesh and taken out under load`, () => {
    const scenario: Scenario = { name: `${prefix}-inout`, form, inspection: unhurried };

    it("answers every request, and inspects all of new and of open connections once it is active", async () => {
      const rig = await sharedRig();
      await rig.reset();
      const kept = rig.clients.load({ url, concurrency: 8, rate: 400 });
      const fresh = rig.clients.load({ url, concurrency: 8, rate: 100, keepAlive: false });
      await delay(500);
      await rig.apply(scenario);
      await delay(everyConnectionUsedMs);
      await rig.app.reset();
      await delay(1000);
      const { requests, inspected } = await rig.app.arrivals();
      await rig.remove(scenario);
      await delay(500);
      for (const { outcomes, requests: sent, oddities } of [await kept.stop(), await fresh.stop()]) {
        assert.deepEqual(outcomes, { "200": sent }, JSON.stringify(oddities));
      }
      assert.ok(requests > 100, `only ${requests} requests`);
      assert.equal(inspected, requests);
    });
  });
}
