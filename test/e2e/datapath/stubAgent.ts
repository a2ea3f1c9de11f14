import { join } from "node:path";
import { Daemon } from "../stack/daemon";
import { control } from "./controlSocket";

/** A message of a stream of ext_proc, by what it carries. */
export type Phase =
  | "requestHeaders"
  | "requestBody"
  | "requestTrailers"
  | "responseHeaders"
  | "responseBody"
  | "responseTrailers";

/** One request that Envoy asked about, as the agent received it: a Check, or a stream of ext_proc. */
export interface Check {
  readonly sequence: number;
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly protocol: string;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly bodySize: number;
  readonly bodySha256: string;
  /** The field of the protocol that the body came in: `bytes` is the one that keeps binary data. */
  readonly bodyField: "none" | "bytes" | "text";
  /** "true" when the body was cut at the limit, as Envoy says; "" when it says nothing. */
  readonly partialBody: string;
  /** Address and port of the workload; "" for a stream, which does not say it. */
  readonly destination: string;
  /** Address on which Envoy reached the agent. */
  readonly listener: string;
  readonly decision: "allow" | "deny" | "redirect" | "tcp";
  readonly code: number;
  readonly requestId: string;
  /** The messages of the stream, in their order; none of a Check. */
  readonly messages: readonly Phase[];
  /** Status of the response; 0 before it has come, and for a Check. */
  readonly status: number;
  readonly responseHeaders: Readonly<Record<string, string>> | null;
}

/** One access-log entry, as the agent received it. */
export interface AccessLogEntry {
  readonly sequence: number;
  readonly kind: "http" | "tcp";
  readonly logName: string;
  readonly nodeId: string;
  readonly listener: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly statusDetails: string;
  readonly requestHeaders: Readonly<Record<string, string>> | null;
  readonly responseHeaders: Readonly<Record<string, string>> | null;
}

/** Exact numbers since the last reset. */
export interface AgentCounts {
  readonly checks: number;
  readonly allowed: number;
  readonly denied: number;
  readonly tcp: number;
  /** Checks answered with an error, late or not at all. */
  readonly failed: number;
  readonly inFlight: number;
  readonly mostAtOnce: number;
  readonly httpLogs: number;
  readonly tcpLogs: number;
}

/** The agent's view since the last reset. Lists hold the first 5,000; counts go on. */
export interface AgentRecords {
  readonly counts: AgentCounts;
  readonly checks: readonly Check[];
  readonly accessLog: readonly AccessLogEntry[];
}

/** How the agent treats its callers. */
export interface Behaviour {
  /** `hang`: no answer; `error`: a gRPC status; `close`: the connection is cut. Default `ok`. */
  readonly mode?: "ok" | "hang" | "error" | "close";
  /** Pause before each answer in milliseconds. Default 0. */
  readonly delayMs?: number;
  /** gRPC status of mode `error`. Default 14, unavailable. */
  readonly errorCode?: number;
  /** At which message of a stream; a Check counts as the first. Default `requestHeaders`. */
  readonly at?: Phase;
  /** More headers that a request of a stream is to get. Default none. */
  readonly addHeaders?: Readonly<Record<string, string>>;
}

/** What the stub takes for an attack, wherever in a request it stands. `-<code>` may follow. */
export const attackMarker = "sigsci-attack";

/** What makes the stub answer 302. */
export const redirectMarker = "sigsci-redirect";

/** A stand-in for sigsci-agent: ext_authz, gRPC access log and ext_proc on one port. */
export class StubAgent {
  private daemon: Daemon | undefined;
  private starts = 0;

  /**
   * @param program path of the peers' program
   * @param folder folder for its log and its control socket
   * @param listen `host:port` of each gRPC listener
   * @param journal file that gets a line for each request that its client has numbered; "" for none
   * @param serves what Envoy may ask it by
   */
  constructor(
    private readonly program: string,
    private readonly folder: string,
    private readonly listen: readonly string[],
    private readonly journal = "",
    private readonly serves: "ext_authz" | "ext_proc" | "both" = "both",
  ) {}

  private get socket(): string {
    return join(this.folder, "agent.sock");
  }

  /** Starts it, with no records and with the behaviour `ok`. */
  async start(): Promise<void> {
    this.starts += 1;
    const logFile = join(this.folder, `agent-${this.starts}.log`);
    this.daemon = await Daemon.start({
      name: "stub agent",
      command: this.program,
      args: [
        "agent",
        `-control=${this.socket}`,
        `-run=run${this.starts}`,
        `-journal=${this.journal}`,
        `-serves=${this.serves}`,
        ...this.listen.map((address) => `-listen=${address}`),
      ],
      logFile,
    });
    const daemon = this.daemon;
    await daemon.waitUntil("the stub agent", () => Promise.resolve(daemon.log.includes("ready")), 10);
  }

  /** Ends it: connections break, and new ones are refused. Its records are gone. */
  async stop(): Promise<void> {
    await this.daemon?.stop();
    this.daemon = undefined;
  }

  /** Whether it runs. */
  get isRunning(): boolean {
    return this.daemon !== undefined && !this.daemon.hasEnded;
  }

  /** Process id, for its CPU time. */
  get pid(): number {
    if (this.daemon === undefined) {
      throw new Error("the stub agent is not running");
    }
    return this.daemon.pid;
  }

  /** Everything received since the last reset. */
  async records(): Promise<AgentRecords> {
    // The peer is our own: its Go structs and these interfaces state the same fields.
    return (await control(this.socket, "GET", "/records")) as AgentRecords;
  }

  /** The exact numbers alone: cheap under load. */
  async counts(): Promise<AgentCounts> {
    // As above.
    return (await control(this.socket, "GET", "/counts")) as AgentCounts;
  }

  /** Forgets everything received. */
  async reset(): Promise<void> {
    await control(this.socket, "POST", "/reset");
  }

  /** Changes how it treats its callers, from the next message on. */
  async behave(next: Behaviour): Promise<void> {
    const defaults = { mode: "ok", delayMs: 0, errorCode: 14, at: "requestHeaders", addHeaders: {} };
    await control(this.socket, "PUT", "/behaviour", { ...defaults, ...next });
  }
}
