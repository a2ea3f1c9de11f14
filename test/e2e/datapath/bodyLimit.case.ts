import assert from "node:assert/strict";
import { unhurried, type Scenario } from "./scenario";
import { attackMarker } from "./stubAgent";
import { binary, sha256, withScenario } from "./withScenario";

const limit = 65_536;

for (const form of ["AuthorizationPolicy", "EnvoyFilter"] as const) {
  const prefix = form === "EnvoyFilter" ? "ef" : "ap";
  const whole: Scenario = {
    name: `${prefix}-whole`,
    form,
    inspection: { ...unhurried, body: { maxBytes: limit, allowPartial: false } },
  };

  withScenario(
    `${form}, the default limit`,
    { name: `${prefix}-limit`, form, inspection: unhurried },
    (rig) => {
      it("checks 100,000 bytes and not more", async () => {
        const body = binary(150_000);
        assert.equal((await rig().ask("/upload", { method: "POST", body })).status, 200);
        const [check] = (await rig().agent.records()).checks;
        assert.deepEqual([check?.bodySize, check?.partialBody], [100_000, "true"]);
        assert.equal(check?.bodySha256, sha256(body.subarray(0, 100_000)));
        const attackAt = (start: number): Buffer =>
          Buffer.concat([body.subarray(0, start), Buffer.from(attackMarker), body]);
        const last = 100_000 - attackMarker.length;
        for (const [start, status] of [
          [last, 406],
          [last + 1, 200],
        ] as const) {
          const answer = await rig().ask("/upload", { method: "POST", body: attackAt(start) });
          assert.equal(answer.status, status);
        }
      });
    },
  );

  withScenario(`${form}, whole bodies up to 64 KiB only`, whole, (rig) => {
    it("checks a body of the limit whole", async () => {
      const body = binary(limit);
      assert.equal((await rig().ask("/upload", { method: "POST", body })).status, 200);
      const [check] = (await rig().agent.records()).checks;
      assert.deepEqual([check?.bodySize, check?.bodySha256], [limit, sha256(body)]);
      const attack = Buffer.concat([body.subarray(attackMarker.length), Buffer.from(attackMarker)]);
      assert.equal((await rig().ask("/upload", { method: "POST", body: attack })).status, 406);
    });

    it("answers 413 to a larger body, without asking the agent, although it fails open", async () => {
      const answer = await rig().ask("/upload", { method: "POST", body: binary(limit + 1) });
      assert.equal(answer.status, 413);
      assert.equal((await rig().agent.counts()).checks, 0);
      assert.equal((await rig().app.arrivals()).requests, 0);
    });
  });
}
