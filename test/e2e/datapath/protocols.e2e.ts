import assert from "node:assert/strict";
import { addresses, ports } from "./addresses";
import type { Scenario } from "./scenario";
import { attackMarker } from "./stubAgent";
import { withScenario } from "./withScenario";

const grpcAddress = `${addresses.workload}:${ports.grpc}`;
const socketUrl = `ws://${addresses.workload}:${ports.http}/socket`;
const tcpAddress = `${addresses.workload}:${ports.tcp}`;

for (const form of ["AuthorizationPolicy", "EnvoyFilter"] as const) {
  const prefix = form === "EnvoyFilter" ? "ef" : "ap";
  const scenario: Scenario = { name: `${prefix}-protocols`, form };

  withScenario(`${form}, other traffic than plain HTTP`, scenario, (rig) => {
    it("checks a unary gRPC call once and lets it pass", async () => {
      const result = await rig().clients.grpc(grpcAddress, "unary");
      assert.deepEqual([result.code, result.received], ["OK", 1]);
      const { checks, counts } = await rig().agent.records();
      assert.equal(counts.checks, 1);
      assert.equal(checks[0]?.path, "/grpc.testing.TestService/UnaryCall");
      assert.equal(result.username, checks[0].requestId);
    });

    it("blocks an attack in the metadata of a gRPC call", async () => {
      const result = await rig().clients.grpc(grpcAddress, "unary", { metadata: attackMarker });
      assert.notEqual(result.code, "OK");
      assert.equal((await rig().agent.counts()).denied, 1);
      assert.equal((await rig().app.arrivals()).requests, 0);
    });

    it("checks a WebSocket handshake once and leaves the messages alone", async () => {
      const result = await rig().clients.webSocket(socketUrl, { text: attackMarker });
      assert.deepEqual(result, { status: 101, echoed: 3, error: "" });
      assert.equal((await rig().agent.counts()).checks, 1);
    });

    it("blocks an attack in a WebSocket handshake", async () => {
      const result = await rig().clients.webSocket(`${socketUrl}?q=${attackMarker}`);
      assert.deepEqual([result.status, result.echoed], [406, 0]);
    });

    it("leaves raw TCP connections working", async () => {
      const result = await rig().clients.tcp(tcpAddress, "hello");
      assert.deepEqual(result, { answer: "hello", error: "" });
      assert.equal((await rig().app.arrivals()).tcp, 1);
    });
  });
}
