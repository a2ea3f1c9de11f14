import { writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import { connect } from "node:http2";
import { join } from "node:path";
import { envoyFilterSpec } from "../../../src/enforcement/envoyFilter/envoyFilterSpec";
import { localAgent } from "../../../src/enforcement/envoyFilter/agentAddress";
import { planOf } from "../../enforcement/envoyFilter/plans";
import type { PlanChanges } from "../../enforcement/envoyFilter/plans";
import { Daemon } from "../stack/daemon";
import { findPart } from "../stack/findPart";
import { askUrl, isAnsweredOk } from "../stack/http";
import { pickFreePorts } from "../stack/ports";
import { createTemporaryFolder } from "../stack/temporaryFolder";
import { startRecordingAgent } from "./recordingAgent";
import type { RecordingAgent } from "./recordingAgent";
import { staticProxy } from "./staticProxy";

/** A request to send through the proxy. */
export interface ProxyRequest {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came back. */
export interface ProxyAnswer {
  readonly status: number;
  /** Headers of the request as the application got them; none when it was not reached. */
  readonly arrived?: Readonly<Record<string, string | string[] | undefined>>;
}

/** An Envoy with the filters of a plan, between a client and an application, with an agent. */
export interface LiveProxy {
  readonly agent: RecordingAgent;
  send(request: ProxyRequest): Promise<ProxyAnswer>;
  /**
   * Sends the start of a gRPC stream and resolves with the start of the answer, before the stream is ended. The
   * proxy answers with a `grpc-status` when it refuses the stream; the application answers without one.
   */
  startGrpc(path: string, headers?: Readonly<Record<string, string>>): Promise<"passed" | "refused">;
  /** Opens a tunnel to the application with CONNECT, sends a request through it, and gives the answer's first line. */
  sendThroughTunnel(path: string): Promise<string>;
  /** Sets a runtime key of the proxy, as its admin port allows. */
  setRuntime(key: string, value: string): Promise<void>;
  stop(): Promise<void>;
}

/** A plan, and what the port of the proxy is said to carry. */
export interface LiveProxyOptions extends PlanChanges {
  /** Whether it is a port for gRPC. Default false. */
  readonly carriesGrpc?: boolean;
}

/** Starts everything that a plan needs. */
export async function startLiveProxy({
  carriesGrpc = false,
  ...changes
}: LiveProxyOptions): Promise<LiveProxy> {
  const [listener = 0, tunnel = 0, admin = 0, app = 0, port = 0] = await pickFreePorts(5);
  const folder = createTemporaryFolder("envoyfilter");
  const grpcPorts = carriesGrpc ? [listener] : [];
  const plan = planOf({ agent: localAgent(port), ...changes, grpcPorts });
  const config = join(folder.path, "envoy.json");
  const spec = envoyFilterSpec(plan);
  writeFileSync(config, JSON.stringify(staticProxy(spec, { listener, tunnel, admin, app, agent: port })));
  const application = await startApplication(app);
  const agent = await startRecordingAgent(port);
  const envoy = await Daemon.startReady(
    {
      name: "Envoy",
      command: (await findPart("envoy")).path,
      args: ["-c", config, "--concurrency", "1", "--use-dynamic-base-id", "--log-level", "warning"],
      logFile: join(folder.path, "envoy.log"),
    },
    "A ready Envoy",
    () => isAnsweredOk(`http://127.0.0.1:${admin}/ready`),
  );
  return {
    agent,
    send: (one) => send(listener, one),
    startGrpc: (path, headers) => startGrpc(listener, path, headers),
    sendThroughTunnel: (path) => sendThroughTunnel(tunnel, path),
    setRuntime: async (key, value) => {
      const url = `http://127.0.0.1:${admin}/runtime_modify?${key}=${value}`;
      const { status, body } = await askUrl(url, { method: "POST" });
      if (status !== 200) {
        throw new Error(`the runtime key was not set: ${body}`);
      }
    },
    stop: async () => {
      await envoy.stop();
      await agent.stop();
      application.closeAllConnections();
      await new Promise((resolve) => application.close(resolve));
      folder.remove();
    },
  };
}

/** An application that answers at once, before it has read the body, with the headers that it got. */
async function startApplication(port: number): Promise<Server> {
  const server = createServer((incoming, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write(JSON.stringify(incoming.headers));
    incoming.resume();
    incoming.on("end", () => response.end());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return server;
}

async function send(port: number, { path, method, headers, body }: ProxyRequest): Promise<ProxyAnswer> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(
      { host: "127.0.0.1", port, path, method: method ?? (body === undefined ? "GET" : "POST"), headers },
      resolve,
    );
    outgoing.once("error", reject);
    outgoing.setTimeout(5000, () => outgoing.destroy(new Error(`no answer to ${path} within 5 s`)));
    outgoing.end(body);
  });
  const text = await textOf(answer);
  const status = answer.statusCode ?? 0;
  return status === 200
    ? // The application answers with nothing but its request's headers.
      { status, arrived: JSON.parse(text) as ProxyAnswer["arrived"] }
    : { status };
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of answer) {
    text += String(piece);
  }
  return text;
}

async function startGrpc(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<"passed" | "refused"> {
  const session = connect(`http://127.0.0.1:${port}`);
  try {
    return await new Promise((resolve, reject) => {
      session.once("error", reject);
      const stream = session.request({
        ":method": "POST",
        ":path": path,
        "content-type": "application/grpc",
        te: "trailers",
        ...headers,
      });
      stream.once("error", reject);
      stream.once("response", (answer) => {
        resolve(answer["grpc-status"] === undefined ? "passed" : "refused");
      });
      stream.setTimeout(2000, () => {
        reject(new Error(`no answer to the stream ${path} within 2 s`));
      });
      stream.write(Buffer.from([0, 0, 0, 0, 1, 0]));
    });
  } finally {
    session.destroy();
  }
}

async function sendThroughTunnel(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", port, method: "CONNECT", path: "tunnel.example:80" });
    outgoing.once("error", reject);
    outgoing.setTimeout(5000, () => outgoing.destroy(new Error("no tunnel within 5 s")));
    outgoing.once("connect", (answer, socket) => {
      socket.once("error", reject);
      socket.once("data", (data: Buffer) => {
        resolve(data.toString("latin1").split("\r\n")[0] ?? "");
        socket.destroy();
      });
      if (answer.statusCode === 200) {
        socket.write(`GET ${path} HTTP/1.1\r\nhost: app\r\n\r\n`);
      } else {
        reject(new Error(`CONNECT was answered with ${answer.statusCode}`));
      }
    });
    outgoing.end();
  });
}
