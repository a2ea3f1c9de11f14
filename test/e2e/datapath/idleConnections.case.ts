import assert from "node:assert/strict";
import { Agent } from "node:http";
import type { Scenario } from "./scenario";
import { sharedRig } from "./sharedRig";
import { attackMarker } from "./stubAgent";

// istio-proxy drains open connections for 45 s after a change: each answers once more as before and is then closed.
describe("connections that are open and idle while the mesh changes", () => {
  const scenario: Scenario = {
    name: "idle",
    form: "AuthorizationPolicy",
    inspection: { timeout: "5s", failOpen: false },
  };
  let agent: Agent;

  beforeEach(async () => {
    agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await (await sharedRig()).reset();
  });
  afterEach(() => {
    agent.destroy();
  });

  it("bring one request past the new policy, and no second one", async () => {
    const rig = await sharedRig();
    assert.equal((await rig.ask("/shop", { agent })).status, 200);
    await rig.apply(scenario);
    const late = await rig.ask(`/shop/${attackMarker}`, { agent });
    assert.deepEqual([late.status, late.headers.connection], [200, "close"]);
    assert.equal((await rig.ask(`/shop/${attackMarker}`, { agent })).status, 406);
    await rig.remove(scenario);
  });

  it("still need the agent for one request after the policy has gone, and are refused without it", async () => {
    const rig = await sharedRig();
    await rig.apply(scenario);
    assert.equal((await rig.ask("/shop", { agent })).status, 200);
    await rig.remove(scenario);
    await rig.agent.stop();
    const late = await rig.ask("/shop", { agent });
    assert.deepEqual([late.status, late.headers.connection], [403, "close"]);
    assert.equal((await rig.ask("/shop", { agent })).status, 200);
  });
});
