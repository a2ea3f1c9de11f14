import assert from "node:assert/strict";
import { GrpcInspection } from "../../../src";
import { addresses, ports } from "./addresses";
import type { Rig } from "./rig";
import { everyForm, ownForms, unhurried, type Scenario } from "./scenario";
import { attackMarker } from "./stubAgent";
import { withScenario } from "./withScenario";

const grpcAddress = `${addresses.workload}:${ports.grpc}`;
const socketUrl = `ws://${addresses.workload}:${ports.http}/socket`;
const tcpAddress = `${addresses.workload}:${ports.tcp}`;
const notPaths = ["/grpc.testing.TestService/*"];
const headersOnly = { ...unhurried, body: { enabled: false } };

type Streams = "checked" | "unchecked" | "held up";

// Envoy gathers a body up to the limit or to its end before it asks. A stream that waits for an answer after each
// message comes to neither: whoever must not break such streams leaves their bodies out.
const grpcScenarios: readonly (Scenario & { readonly streams: Streams })[] = [
  { name: "ap-grpc", form: "AuthorizationPolicy", inspection: unhurried, streams: "held up" },
  { name: "ap-grpc-headers", form: "AuthorizationPolicy", inspection: headersOnly, streams: "checked" },
  {
    name: "ap-grpc-paths",
    form: "AuthorizationPolicy",
    inspection: unhurried,
    notPaths,
    streams: "unchecked",
  },
  { name: "ef-grpc", form: "EnvoyFilter", inspection: unhurried, streams: "held up" },
  {
    name: "ef-grpc-ports",
    form: "EnvoyFilter",
    inspection: unhurried,
    grpcPorts: [ports.grpc],
    streams: "checked",
  },
  {
    name: "ef-grpc-full",
    form: "EnvoyFilter",
    inspection: unhurried,
    grpcPorts: [ports.grpc],
    envoyFilter: { grpc: GrpcInspection.Full },
    streams: "held up",
  },
  {
    name: "ef-grpc-none",
    form: "EnvoyFilter",
    inspection: unhurried,
    grpcPorts: [ports.grpc],
    envoyFilter: { grpc: GrpcInspection.None },
    streams: "unchecked",
  },
  // By external processing no body is held: each piece of a stream is a question of its own.
  { name: "ep-grpc", form: "ExternalProcessing", inspection: unhurried, streams: "checked" },
  {
    name: "ep-grpc-none",
    form: "ExternalProcessing",
    inspection: unhurried,
    grpcPorts: [ports.grpc],
    envoyFilter: { grpc: GrpcInspection.None },
    streams: "unchecked",
  },
];

for (const { streams, ...scenario } of grpcScenarios) {
  withScenario(`gRPC, ${scenario.name}`, scenario, (rig) => {
    const checked = streams !== "unchecked";
    it(`lets a unary call pass and ${checked ? "checks it once" : "does not check it"}`, async () => {
      const result = await rig().clients.grpc(grpcAddress, "unary");
      assert.deepEqual([result.code, result.received], ["OK", 1]);
      const { checks, counts } = await rig().agent.records();
      assert.equal(counts.checks, checked ? 1 : 0);
      assert.equal(checks[0]?.path, checked ? "/grpc.testing.TestService/UnaryCall" : undefined);
      assert.equal(result.username, checks[0]?.requestId ?? "");
    });

    it(`${checked ? "blocks" : "lets pass"} an attack in the metadata of a call`, async () => {
      const result = await rig().clients.grpc(grpcAddress, "unary", { metadata: attackMarker });
      assert.equal(result.received, checked ? 0 : 1);
      assert.equal((await rig().agent.counts()).denied, checked ? 1 : 0);
      assert.equal((await rig().app.arrivals()).requests, checked ? 0 : 1);
    });

    it(`has streams ${streams}`, async () => {
      await streamTest(rig(), streams);
    });

    it("checks requests other than gRPC with their bodies as it is told to", async () => {
      const whole = scenario.inspection?.body?.enabled !== false;
      const answer = await rig().ask("/upload", { method: "POST", body: attackMarker });
      assert.equal(answer.status, whole ? 406 : 200);
      assert.equal((await rig().agent.counts()).checks, 1);
    });

    it("takes nobody's word that a request to a port for HTTP is gRPC", async () => {
      const headers = { "content-type": "application/grpc" };
      // The status says nothing here: Envoy refuses gRPC with 200 and a code in the header grpc-status.
      await rig().ask("/upload", { method: "POST", body: attackMarker, headers });
      const sees = scenario.inspection?.body?.enabled !== false;
      const { denied } = await rig().agent.counts();
      assert.deepEqual([denied, (await rig().app.arrivals()).requests], sees ? [1, 0] : [0, 1]);
    });
  });
}

async function streamTest(rig: Rig, streams: Streams): Promise<void> {
  const timeoutMs = streams === "held up" ? 1500 : 5000;
  const result = await rig.clients.grpc(grpcAddress, "pingpong", { messages: 5, timeoutMs });
  const { checks } = await rig.agent.counts();
  const { requests } = await rig.app.arrivals();
  if (streams === "held up") {
    assert.deepEqual([result.code, result.received, checks, requests], ["DeadlineExceeded", 0, 0, 0]);
  } else {
    assert.deepEqual([result.code, result.received, requests], ["OK", 5, 1]);
    assert.equal(checks, streams === "checked" ? 1 : 0);
  }
}

for (const form of everyForm) {
  const name = `${ownForms[form]}-socket`;
  withScenario(`WebSocket, ${name}`, { name, form, inspection: unhurried }, (rig) => {
    it("checks a handshake once and leaves the messages alone", async () => {
      const result = await rig().clients.webSocket(socketUrl, { text: attackMarker });
      assert.deepEqual(result, { status: 101, echoed: 3, error: "" });
      assert.equal((await rig().agent.counts()).checks, 1);
    });

    it("blocks an attack in a handshake", async () => {
      const result = await rig().clients.webSocket(`${socketUrl}?q=${attackMarker}`);
      assert.deepEqual([result.status, result.echoed], [406, 0]);
    });
  });
}

// The gRPC provider also guards raw TCP ports: there the agent is asked about each connection, whatever the paths.
const tcpScenarios: readonly (Scenario & { readonly checks: number; readonly hung: string })[] = [
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
  { name: "ep-tcp", form: "ExternalProcessing", inspection: { failOpen: false }, checks: 0, hung: "hello" },
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
