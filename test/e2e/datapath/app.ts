import { join } from "node:path";
import { Daemon } from "../stack/daemon";
import { addresses, ports } from "./addresses";
import { control } from "./controlSocket";

/** What reached the app since the last reset. */
export interface Arrivals {
  /** HTTP requests, WebSocket handshakes and gRPC calls. */
  readonly requests: number;
  /** Those that carried the request id of the agent, so had been seen by it. */
  readonly inspected: number;
  /** Raw TCP connections. */
  readonly tcp: number;
  /** HTTP requests that were under way at the same time, at most. */
  readonly mostAtOnce: number;
}

/** The app's description of a request, the body of its answer on most paths. */
export interface Description {
  readonly method: string;
  readonly path: string;
  readonly protocol: string;
  /** Names in canonical form, `X-Sigsci-Request-Id`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bodySize: number;
  readonly bodySha256: string;
}

/** The protected workload: HTTP with WebSocket, gRPC and raw TCP. */
export class App {
  private constructor(
    private readonly daemon: Daemon,
    private readonly socket: string,
  ) {}

  /** Starts it on the addresses of the workload and of the backend behind the gateway. */
  static async start(program: string, folder: string): Promise<App> {
    const socket = join(folder, "app.sock");
    const daemon = await Daemon.start({
      name: "app",
      command: program,
      args: [
        "app",
        `-control=${socket}`,
        `-http=${addresses.workload}:${ports.http}`,
        `-http=${addresses.backend}:${ports.http}`,
        `-grpc=${addresses.workload}:${ports.grpc}`,
        `-tcp=${addresses.workload}:${ports.tcp}`,
      ],
      logFile: join(folder, "app.log"),
    });
    await daemon.waitUntil("the app", () => Promise.resolve(daemon.log.includes("ready")), 10);
    return new App(daemon, socket);
  }

  /** What has arrived since the last reset. */
  async arrivals(): Promise<Arrivals> {
    // The peer is our own: its Go source states the same fields.
    return (await control(this.socket, "GET", "/counts")) as Arrivals;
  }

  /** Sets the numbers to zero. */
  async reset(): Promise<void> {
    await control(this.socket, "POST", "/reset");
  }

  /** Ends it. */
  async stop(): Promise<void> {
    await this.daemon.stop();
  }
}
