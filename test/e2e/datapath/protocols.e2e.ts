import assert from "node:assert/strict";
import { addresses, ports } from "./addresses";
import type { Rig } from "./rig";
import { unhurried, type Scenario } from "./scenario";
import { attackMarker } from "./stubAgent";
import { withScenario } from "./withScenario";

const grpcAddress = `${addresses.workload}:${ports.grpc}`;
const socketUrl = `ws://${addresses.workload}:${ports.http}/socket`;
const tcpAddress = `${addresses.workload}:${ports.tcp}`;

for (const form of ["AuthorizationPolicy", "EnvoyFilter"] as const) {
  const prefix = form === "EnvoyFilter" ? "ef" : "ap";

  withScenario(`${form}, gRPC`, { name: `${prefix}-grpc`, form, inspection: unhurried }, unaryTests);

  // Envoy gathers the body up to the limit or to its end before it asks, and such a stream reaches neither.
  withScenario(
    `${form}, gRPC streams with the body checked`,
    { name: `${prefix}-stream`, form, inspection: unhurried },
    (rig) => {
      it("hold up a stream that waits for an answer after each message, before anybody is asked", async () => {
        const result = await rig().clients.grpc(grpcAddress, "pingpong", { timeoutMs: 1500 });
        assert.deepEqual([result.code, result.received], ["DeadlineExceeded", 0]);
        assert.equal((await rig().agent.counts()).checks, 0);
        assert.equal((await rig().app.arrivals()).requests, 0);
      });
    },
  );

  const headersOnly: Scenario = { name: `${prefix}-nobody`, form, inspection: { ...unhurried, body: false } };
  withScenario(`${form}, gRPC streams with headers checked only`, headersOnly, (rig) => {
    it("work, and are checked once each", async () => {
      await streams(rig());
      assert.equal((await rig().agent.counts()).checks, 1);
    });
    it("are blocked for an attack in the metadata", async () => {
      const result = await rig().clients.grpc(grpcAddress, "pingpong", { metadata: attackMarker });
      assert.deepEqual([result.received, (await rig().agent.counts()).denied], [0, 1]);
    });
  });

  const noGrpc: Scenario = {
    name: `${prefix}-nogrpc`,
    form,
    inspection: unhurried,
    notPaths: ["/grpc.testing.TestService/*"],
  };
  withScenario(`${form}, gRPC streams with their paths excluded`, noGrpc, (rig) => {
    it("work, and are not checked", async () => {
      await streams(rig());
      assert.equal((await rig().agent.counts()).checks, 0);
      assert.equal((await rig().ask(`/find/${attackMarker}`)).status, 406);
    });
  });

  withScenario(`${form}, WebSocket`, { name: `${prefix}-socket`, form, inspection: unhurried }, (rig) => {
    it("checks a WebSocket handshake once and leaves the messages alone", async () => {
      const result = await rig().clients.webSocket(socketUrl, { text: attackMarker });
      assert.deepEqual(result, { status: 101, echoed: 3, error: "" });
      assert.equal((await rig().agent.counts()).checks, 1);
    });

    it("blocks an attack in a WebSocket handshake", async () => {
      const result = await rig().clients.webSocket(`${socketUrl}?q=${attackMarker}`);
      assert.deepEqual([result.status, result.echoed], [406, 0]);
    });
  });
}

// The gRPC provider also guards raw TCP ports: there the agent is asked about each connection, whatever the paths.
const tcpScenarios: readonly (Scenario & { checks: number; hung: string })[] = [
  { name: "ap-tcp", form: "AuthorizationPolicy", checks: 1, hung: "hello" },
  { name: "ap-tcp-paths", form: "AuthorizationPolicy", notPaths: ["/healthz"], checks: 1, hung: "hello" },
  {
    name: "ap-tcp-closed",
    form: "AuthorizationPolicy",
    inspection: { failOpen: false },
    checks: 1,
    hung: "",
  },
  { name: "ap-tcp-ports", form: "AuthorizationPolicy", notPorts: [ports.tcp], checks: 0, hung: "hello" },
  { name: "ef-tcp", form: "EnvoyFilter", inspection: { failOpen: false }, checks: 0, hung: "hello" },
];

for (const { checks, hung, ...scenario } of tcpScenarios) {
  withScenario(`raw TCP, ${scenario.name}`, scenario, (rig) => {
    it(`leaves a connection working and asks the agent ${checks} times`, async () => {
      assert.deepEqual(await rig().clients.tcp(tcpAddress, "hello"), { answer: "hello", error: "" });
      const { checks: asked, tcp } = await rig().agent.counts();
      assert.deepEqual([asked, tcp], [checks, checks]);
      assert.equal((await rig().app.arrivals()).tcp, 1);
    });

    it(`${hung === "" ? "closes" : "keeps"} a connection when the agent gives no answer`, async () => {
      await rig().agent.behave({ mode: "hang" });
      assert.equal((await rig().clients.tcp(tcpAddress, "hello")).answer, hung);
    });
  });
}

function unaryTests(rig: () => Rig): void {
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
}

async function streams(rig: Rig): Promise<void> {
  const result = await rig.clients.grpc(grpcAddress, "pingpong", { messages: 5 });
  assert.deepEqual([result.code, result.received], ["OK", 5]);
  assert.equal((await rig.app.arrivals()).requests, 1);
}
