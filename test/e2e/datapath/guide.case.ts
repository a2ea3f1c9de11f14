import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { eventually } from "./eventually";
import type { Scenario } from "./scenario";
import { attackMarker } from "./stubAgent";
import { binary, sha256, withScenario } from "./withScenario";

// What the guide's own text does in the same rig: the measure for ours.
const scenarios: readonly Scenario[] = [
  { name: "guide-filter", form: "guide-EnvoyFilter", placement: "sidecar" },
  { name: "guide-providers", form: "guide-providers" },
  // The component's own copy of the first.
  {
    name: "guide-ours",
    form: "EnvoyFilter",
    placement: "sidecar",
    envoyFilter: { guideCompatible: true },
  },
];

for (const scenario of scenarios) {
  const title = scenario.envoyFilter === undefined ? scenario.form : "made by the component";
  withScenario(`the guide's own configuration, ${title}`, scenario, (rig) => {
    it("checks a benign request once and blocks attacks", async () => {
      assert.equal((await rig().ask("/shop")).status, 200);
      assert.equal((await rig().agent.counts()).checks, 1);
      assert.equal((await rig().ask(`/shop/${attackMarker}`)).status, 406);
      assert.equal((await rig().ask("/shop", { method: "POST", body: attackMarker })).status, 406);
    });

    it("sends an access-log entry with the request id", async () => {
      const path = `/logged/${randomUUID()}`;
      await rig().ask(path);
      const [check] = (await rig().agent.records()).checks;
      await eventually("one entry", async () => {
        const entries = (await rig().agent.records()).accessLog.filter((entry) => entry.path === path);
        assert.equal(entries.length, 1);
        assert.equal(entries[0]?.requestHeaders?.["x-sigsci-request-id"], check?.requestId);
      });
    });

    const intact = scenario.form === "guide-providers";
    it(`shows the agent a binary body ${intact ? "intact" : "mangled, because it asks for text"}`, async () => {
      const body = binary(1000);
      assert.equal((await rig().ask("/upload", { method: "POST", body })).status, 200);
      const [check] = (await rig().agent.records()).checks;
      assert.equal(check?.bodyField, intact ? "bytes" : "text");
      assert.equal(check.bodySha256 === sha256(body), intact);
    });
  });
}
