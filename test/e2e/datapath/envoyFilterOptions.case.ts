import assert from "node:assert/strict";
import { addresses, ports } from "./addresses";
import { ownForms, unhurried, type Scenario } from "./scenario";
import { attackMarker } from "./stubAgent";
import { withScenario } from "./withScenario";

const url = `http://${addresses.workload}:${ports.http}/plain`;

for (const form of ["EnvoyFilter", "ExternalProcessing"] as const) {
  const share: Scenario = {
    name: `${ownForms[form]}-share`,
    form,
    inspection: unhurried,
    envoyFilter: { rolloutPercent: 30 },
  };

  withScenario(`${form} for 30% of the requests`, share, (rig) => {
    it("checks about that share and lets all pass", async () => {
      const load = rig().clients.load({ url, concurrency: 4, durationMs: 1000 });
      const { requests, outcomes } = await load.done;
      assert.deepEqual(outcomes, { "200": requests });
      assert.ok(requests > 300, `only ${requests} requests`);
      const { checks } = await rig().agent.counts();
      // Seven standard deviations of a draw of 300: a wrong share fails, chance does not.
      assert.ok(Math.abs(checks / requests - 0.3) < 0.19, `${checks} of ${requests} checked`);
    });
  });
}

const marked: Scenario = {
  name: "ef-marked",
  form: "EnvoyFilter",
  inspection: { timeout: "300ms" },
  envoyFilter: { failOpenHeader: true },
};

withScenario("EnvoyFilter that marks what passed unseen", marked, (rig) => {
  it("tells the app of a request that the agent did not answer, and of no other", async () => {
    await rig().agent.behave({ mode: "hang" });
    assert.match(
      (await rig().ask(`/shop/${attackMarker}`)).body,
      /"X-Envoy-Auth-Failure-Mode-Allowed":"true"/,
    );
    await rig().agent.behave({ mode: "ok" });
    assert.doesNotMatch((await rig().ask("/shop")).body, /Failure-Mode-Allowed/);
  });
});
