import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { addresses, localAgent, ports } from "./addresses";
import { eventually } from "./eventually";
import { everyForm, ownForms, unhurried, type Scenario } from "./scenario";
import { attackMarker } from "./stubAgent";
import { binary, sha256, withScenario } from "./withScenario";

for (const [form, placement] of everyForm.flatMap((one) => [
  [one, "service"] as const,
  [one, "sidecar"] as const,
])) {
  const limited = form !== "ExternalProcessing";
  const scenario: Scenario = {
    name: `${ownForms[form]}-gateway-${placement}`,
    form,
    placement,
    target: "gateway",
    inspection: { ...unhurried, ...(limited && { body: { maxBytes: 8192 } }) },
    notPaths: ["/healthz"],
  };

  const [place, agent] =
    placement === "sidecar" ? ["in its pod", localAgent] : ["as a service", addresses.agent];
  withScenario(`${form} on an ingress gateway, agent ${place}`, scenario, (rig) => {
    it("lets a benign request pass and checks it once", async () => {
      const answer = await rig().askGateway("/shop?item=1");
      assert.equal(answer.status, 200);
      const { checks, counts } = await rig().agent.records();
      assert.equal(counts.checks, 1);
      assert.equal(checks[0]?.path, "/shop?item=1");
      assert.equal(checks[0].listener, `${agent}:${ports.agent}`);
      assert.deepEqual(await rig().app.arrivals(), { requests: 1, inspected: 1, tcp: 0, mostAtOnce: 1 });
    });

    it("blocks an attack in path, header and body", async () => {
      for (const [path, options] of [
        [`/find/${attackMarker}`, {}],
        ["/find", { headers: { "x-probe": attackMarker } }],
        ["/find", { method: "POST", body: attackMarker }],
      ] as const) {
        const answer = await rig().askGateway(path, options);
        assert.equal(answer.status, 406);
      }
      assert.equal((await rig().agent.counts()).denied, 3);
      assert.equal((await rig().app.arrivals()).requests, 0);
    });

    it(`shows the agent a binary body${limited ? " up to the limit" : ""}`, async () => {
      const body = binary(20_000);
      assert.equal((await rig().askGateway("/upload", { method: "POST", body })).status, 200);
      const [check] = (await rig().agent.records()).checks;
      assert.equal(check?.bodySha256, sha256(limited ? body.subarray(0, 8192) : body));
    });

    it("tells the agent of the response once, with the request id", async () => {
      const path = `/logged/${randomUUID()}`;
      await rig().askGateway(path);
      const [check] = (await rig().agent.records()).checks;
      if (!limited) {
        assert.equal(check?.path, path);
        assert.deepEqual([check.status, check.messages], [200, ["requestHeaders", "responseHeaders"]]);
        return;
      }
      await eventually("one entry", async () => {
        const entries = (await rig().agent.records()).accessLog.filter((entry) => entry.path === path);
        assert.equal(entries.length, 1);
        assert.equal(entries[0]?.requestHeaders?.["x-sigsci-request-id"], check?.requestId);
        assert.equal(entries[0]?.status, 200);
        assert.match(entries[0].nodeId, /^router~10\.244\.0\.30~/);
      });
    });

    it("does not check an excluded path", async () => {
      assert.equal((await rig().askGateway("/healthz")).status, 200);
      assert.equal((await rig().agent.counts()).checks, 0);
    });

    it("does not check what goes to the workload past the gateway", async () => {
      assert.equal((await rig().ask(`/shop/${attackMarker}`)).status, 200);
      assert.equal((await rig().agent.counts()).checks, 0);
    });
  });
}
