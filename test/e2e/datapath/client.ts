import { execFile, spawn, type ChildProcess } from "node:child_process";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { onProcessEnd } from "../stack/processEnd";

/** A stream of equal requests. */
export interface LoadOptions {
  /** `http://host:port/path`. */
  readonly url: string;
  /** Requests in flight. */
  readonly concurrency: number;
  /** Longest time to run in milliseconds. Default 60,000; {@link Load.stop} ends it earlier. */
  readonly durationMs?: number;
  /** Requests a second in all. Default: as fast as answers come. */
  readonly rate?: number;
  /** Pause in milliseconds between bursts, in each of which every connection asks once. Default: no bursts. */
  readonly burstEveryMs?: number;
  /** Whether a connection serves more than one request. Default true. */
  readonly keepAlive?: boolean;
  /** Default GET. */
  readonly method?: string;
  /** Size of the request body. Default 0. */
  readonly bodyBytes?: number;
  /** `name: value` each. */
  readonly headers?: readonly string[];
  /** File that gets a line for each request, as its Go source defines it. Default: none. */
  readonly journal?: string;
}

/** What a load met: every request is counted once, under its status or under the way it failed. */
export interface LoadResult {
  readonly seconds: number;
  readonly requests: number;
  /** Connections opened. */
  readonly dials: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** From the moment a request was due, so that a stall does not hide what it held up. */
  readonly latencyMs: {
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly max: number;
  };
  /** The first 20 answers other than 200. */
  readonly oddities: readonly { readonly atMs: number; readonly outcome: string; readonly body: string }[];
}

/** A load that runs. */
export interface Load {
  /** Its result, once it has run for its time or was stopped. */
  readonly done: Promise<LoadResult>;
  /** Ends it and gives the result. */
  stop(): Promise<LoadResult>;
}

/** What a gRPC call gave. */
export interface CallResult {
  /** Name of the gRPC status, `OK`. */
  readonly code: string;
  readonly message: string;
  /** Messages that came back as they were sent. */
  readonly received: number;
  /** Request id that the app saw. */
  readonly username: string;
  readonly seconds: number;
}

/** What a WebSocket conversation gave. */
export interface SocketResult {
  /** Status of the handshake. */
  readonly status: number;
  readonly echoed: number;
  readonly error: string;
}

/** The clients, all in the program of the peers. */
export class Clients {
  constructor(private readonly program: string) {}

  /** Starts a load. */
  load(options: LoadOptions): Load {
    const args = [
      "load",
      `-url=${options.url}`,
      `-concurrency=${options.concurrency}`,
      `-duration=${options.durationMs ?? 60_000}ms`,
      `-rate=${options.rate ?? 0}`,
      `-burst=${options.burstEveryMs ?? 0}ms`,
      `-keep-alive=${options.keepAlive ?? true}`,
      `-method=${options.method ?? "GET"}`,
      `-body-bytes=${options.bodyBytes ?? 0}`,
      `-journal=${options.journal ?? ""}`,
      ...(options.headers ?? []).map((header) => `-header=${header}`),
    ];
    const child = spawn(this.program, args, { stdio: ["pipe", "pipe", "inherit"] });
    const done = resultOf(child);
    return {
      done,
      stop: () => {
        child.stdin.end();
        return done;
      },
    };
  }

  /** Makes a gRPC call to the app: one message, or a stream that waits for each answer before it goes on. */
  async grpc(
    address: string,
    mode: "unary" | "pingpong",
    options: { messages?: number; timeoutMs?: number; metadata?: string } = {},
  ): Promise<CallResult> {
    const { messages = 3, timeoutMs = 5000, metadata = "" } = options;
    const args = [`-address=${address}`, `-mode=${mode}`, `-messages=${messages}`, `-timeout=${timeoutMs}ms`];
    // The peers' program is our own: its Go structs state the same fields. Likewise below.
    return (await this.run(["grpc", ...args, `-metadata=${metadata}`])) as CallResult;
  }

  /** Opens a WebSocket and waits for the echo of each message. */
  async webSocket(url: string, options: { messages?: number; text?: string } = {}): Promise<SocketResult> {
    const { messages = 3, text: message = "hello" } = options;
    const args = [`-url=${url}`, `-messages=${messages}`, `-text=${message}`];
    return (await this.run(["websocket", ...args])) as SocketResult;
  }

  /** Sends a text over a plain TCP connection and reads as much back. */
  async tcp(address: string, message: string): Promise<{ readonly answer: string; readonly error: string }> {
    const args = ["tcp", `-address=${address}`, `-text=${message}`];
    return (await this.run(args)) as { answer: string; error: string };
  }

  private async run(args: readonly string[]): Promise<unknown> {
    const { stdout } = await promisify(execFile)(this.program, args, { timeout: 60_000 });
    return JSON.parse(stdout);
  }
}

async function resultOf(child: ChildProcess): Promise<LoadResult> {
  const forget = onProcessEnd(() => child.kill("SIGKILL"));
  if (child.stdout === null) {
    throw new Error("the load has no standard output");
  }
  const [output, code] = await Promise.all([
    text(child.stdout),
    new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", resolve);
    }),
  ]);
  forget();
  if (code !== 0) {
    throw new Error(`the load ended with exit code ${code ?? "none"}`);
  }
  // Printed by our own program, as above.
  return JSON.parse(output) as LoadResult;
}
