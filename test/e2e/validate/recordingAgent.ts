import { createServer } from "node:http2";
import type { ServerHttp2Stream } from "node:http2";

/** What a request must carry to be refused. */
export const attackMarker = "attack-marker";

const checkPath = "/envoy.service.auth.v3.Authorization/Check";
const logPath = "/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs";

// Two answers as protobuf bytes: no field at all, and status 7 with a denied_response of HTTP status 406.
const allowed = Buffer.alloc(0);
const denied = Buffer.from("0a02080712050a03089603", "hex");

/** An agent that keeps what it is asked and told, as the raw bytes of the messages. */
export interface RecordingAgent {
  /** The checks that contain a text, each as text. */
  checksOf(text: string): string[];
  /** Whether an access log entry contains a text. */
  hasLogged(text: string): boolean;
  /** Ends it. */
  stop(): Promise<void>;
}

/** Starts an agent on a port of 127.0.0.1. */
export async function startRecordingAgent(port: number): Promise<RecordingAgent> {
  const checks: string[] = [];
  let logged = "";
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => {
    sessions.add(session);
  });
  server.on("stream", (stream, headers) => {
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => {
      stream.sendTrailers({ "grpc-status": "0" });
    });
    if (headers[":path"] === checkPath) {
      answerCheck(stream, checks);
    } else if (headers[":path"] === logPath) {
      // The proxy never ends its log stream; it breaks when the proxy is stopped.
      stream.on("error", () => undefined);
      stream.on("data", (piece: Buffer) => {
        logged += piece.toString("latin1");
      });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    checksOf: (text) => checks.filter((check) => check.includes(text)),
    hasLogged: (text) => logged.includes(text),
    stop: async () => {
      for (const session of sessions) {
        session.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answerCheck(stream: ServerHttp2Stream, checks: string[]): void {
  const pieces: Buffer[] = [];
  stream.on("data", (piece: Buffer) => pieces.push(piece));
  stream.on("end", () => {
    const check = Buffer.concat(pieces).toString("latin1");
    checks.push(check);
    const message = check.includes(attackMarker) ? denied : allowed;
    const header = Buffer.alloc(5);
    header.writeUInt32BE(message.length, 1);
    stream.end(Buffer.concat([header, message]));
  });
}
