import assert from "node:assert/strict";
import { BodyMode } from "../../../src";
import { addresses, ports } from "./addresses";
import { askHttp2, askRaw } from "./rawRequest";
import { unhurried, type Scenario } from "./scenario";
import { attackMarker } from "./stubAgent";
import { binary, sha256, withScenario } from "./withScenario";

const upload = { ":method": "POST", ":path": "/upload", ":authority": "shop.example.com" };
const large = 5_000_000;
const bufferLimit = 1_048_576;

const streamed: Scenario = { name: "ep-streamed", form: "ExternalProcessing", inspection: unhurried };

withScenario("ExternalProcessing, bodies in pieces", streamed, (rig) => {
  it("shows the agent and the app the whole of a large body", async () => {
    const body = binary(large);
    const answer = await rig().ask("/upload", { method: "POST", body });
    assert.equal(answer.status, 200);
    const [check] = (await rig().agent.records()).checks;
    assert.deepEqual([check?.bodySize, check?.bodySha256], [large, sha256(body)]);
    assert.match(answer.body, new RegExp(sha256(body)));
  });

  it("blocks an attack at the end of a large body", async () => {
    const body = Buffer.concat([binary(large), Buffer.from(attackMarker)]);
    assert.equal((await rig().ask("/upload", { method: "POST", body })).status, 406);
  });

  // Envoy's mode BUFFERED_PARTIAL never forwards the end of such a body.
  for (const [title, size] of [
    ["just above Envoy's buffer", bufferLimit + 1],
    ["half as large again", bufferLimit * 1.5],
  ] as const) {
    it(`does not hold a body in chunks that is ${title}`, async () => {
      const chunk = "a".repeat(16_384);
      const whole = Math.floor(size / chunk.length);
      const rest = "a".repeat(size % chunk.length || 1);
      const chunks = [...Array.from({ length: whole }, () => chunk), rest]
        .map((data) => `${data.length.toString(16)}\r\n${data}\r\n`)
        .join("");
      const head = ["POST /upload HTTP/1.1", "Host: shop.example.com", "Transfer-Encoding: chunked"];
      for (let round = 0; round < 5; round += 1) {
        assert.equal(await askRaw(addresses.workload, ports.http, head, `${chunks}0\r\n\r\n`), 200);
      }
    });
  }

  // Envoy gathers what HTTP/2 allows while it waits; a message above 4 MiB is refused by the agent's server.
  it("shows the agent a large body by HTTP/2 however long it thinks about the head", async () => {
    await rig().agent.behave({ delayMs: 200 });
    const body = attackMarker + "a".repeat(large);
    const status = await askHttp2(addresses.workload, ports.http, upload, body).catch(() => "reset");
    assert.ok(status === 406 || status === "reset", `answered ${status}`);
    const { denied, failed } = await rig().agent.counts();
    assert.deepEqual([denied, failed], [1, 0]);
  });
});

const buffered: Scenario = {
  name: "ep-buffered",
  form: "ExternalProcessing",
  inspection: unhurried,
  externalProcessing: { requestBody: BodyMode.Buffered },
};

withScenario("ExternalProcessing, whole bodies only", buffered, (rig) => {
  it("checks a body of the limit of Envoy's buffer whole", async () => {
    const body = binary(bufferLimit);
    assert.equal((await rig().ask("/upload", { method: "POST", body })).status, 200);
    const [check] = (await rig().agent.records()).checks;
    assert.deepEqual([check?.bodySize, check?.bodySha256], [bufferLimit, sha256(body)]);
    const attack = Buffer.concat([body.subarray(attackMarker.length), Buffer.from(attackMarker)]);
    assert.equal((await rig().ask("/upload", { method: "POST", body: attack })).status, 406);
    assert.equal((await rig().app.arrivals()).requests, 1);
  });

  it("answers 413 to a larger body", async () => {
    const answer = await rig().ask("/upload", { method: "POST", body: binary(bufferLimit + 1) });
    assert.equal(answer.status, 413);
    assert.equal((await rig().app.arrivals()).requests, 0);
  });

  it("does not hold WebSockets", async () => {
    const url = `ws://${addresses.workload}:${ports.http}/socket`;
    assert.deepEqual(await rig().clients.webSocket(url), { status: 101, echoed: 3, error: "" });
  });
});
