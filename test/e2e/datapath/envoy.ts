import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Daemon } from "../stack/daemon";
import { envoyBootstrap, type ProxyIdentity } from "./envoyBootstrap";
import { eventually } from "./eventually";
import { ask } from "./request";

/** What an Envoy is started with. */
export interface EnvoyOptions {
  readonly program: string;
  readonly folder: string;
  readonly proxy: ProxyIdentity;
  readonly adminPort: number;
  readonly istiodGrpcPort: number;
  /** What of its own counters it exposes, as Istio's proxies do; without it all, and without Istio's labels. */
  readonly statsRegexps?: readonly string[] | undefined;
}

/** A vanilla Envoy that gets its configuration from istiod. */
export class Envoy {
  private constructor(
    private readonly daemon: Daemon,
    private readonly adminPort: number,
  ) {}

  /** Starts one, with the command line that istio-proxy uses. It has no listeners yet when this returns. */
  static async start(options: EnvoyOptions): Promise<Envoy> {
    const name = `envoy-${options.proxy.role}`;
    const bootstrap = join(options.folder, `${name}.json`);
    const { proxy, adminPort, istiodGrpcPort, statsRegexps } = options;
    writeFileSync(bootstrap, JSON.stringify(envoyBootstrap(proxy, adminPort, istiodGrpcPort, statsRegexps)));
    const daemon = await Daemon.start({
      name,
      command: options.program,
      args: [
        ...["-c", bootstrap, "--concurrency", "2", "--disable-hot-restart", "--log-level", "warning"],
        ...["--drain-time-s", "45", "--drain-strategy", "immediate"],
        // The tests read the log that Envoy would otherwise write every 10 seconds.
        ...["--file-flush-interval-msec", "500"],
      ],
      logFile: join(options.folder, `${name}.log`),
    });
    const envoy = new Envoy(daemon, adminPort);
    await daemon.waitUntil(`the admin port of ${name}`, async () => {
      return (await envoy.admin("/server_info")) !== "";
    });
    return envoy;
  }

  /** The text of an admin page. */
  async admin(path: string): Promise<string> {
    const answer = await ask({ host: "127.0.0.1", port: this.adminPort, path });
    assert.equal(answer.status, 200, `admin page ${path}`);
    return answer.body;
  }

  /** The active configuration of the listener, as JSON text; "" when there is none of this name. */
  async listener(name: string): Promise<string> {
    const dump = dynamicListeners(await this.admin("/config_dump?resource=dynamic_listeners"));
    const found = dump.find((listener) => listener.name === name);
    if (found?.error_state !== undefined) {
      throw new Error(`Envoy rejected ${name}: ${JSON.stringify(found.error_state)}`);
    }
    return found?.active_state === undefined ? "" : JSON.stringify(found.active_state);
  }

  /** Waits until a cluster has an endpoint that may be used. */
  async untilHealthy(cluster: string): Promise<void> {
    await eventually(`cluster ${cluster} has a healthy endpoint`, async () => {
      const lines = (await this.admin("/clusters")).split("\n");
      const healthy = (line: string): boolean =>
        line.startsWith(`${cluster}::`) && line.endsWith("::health_flags::healthy");
      assert.ok(lines.some(healthy), "none yet");
    });
  }

  /** Waits until a cluster has just these endpoints, `address:port` each. */
  async untilEndpoints(cluster: string, expected: readonly string[]): Promise<void> {
    await eventually(`cluster ${cluster} has the endpoints ${expected.join(", ") || "(none)"}`, async () => {
      const lines = (await this.admin("/clusters")).split("\n").map((line) => line.split("::"));
      const found = lines.flatMap(([name, address]) =>
        name === cluster && address?.includes(":") === true ? [address] : [],
      );
      assert.deepEqual([...new Set(found)].sort(), [...expected].sort());
    });
  }

  /** Names of the clusters that it knows. */
  async clusters(): Promise<Set<string>> {
    const lines = (await this.admin("/clusters")).split("\n");
    return new Set(lines.flatMap((line) => (line.includes("::") ? [line.split("::")[0] ?? ""] : [])));
  }

  /** Waits until a listener is active and its configuration satisfies `test`. */
  async untilListener(name: string, what: string, test: (configuration: string) => boolean): Promise<void> {
    await eventually(
      `${name} ${what}`,
      async () => {
        const configuration = await this.listener(name);
        assert.ok(
          configuration !== "" && test(configuration),
          configuration === "" ? "no such listener" : "not so",
        );
      },
      { withinMs: 20_000, everyMs: 50 },
    );
  }

  /**
   * The sum of the counters whose names match.
   *
   * @throws AssertionError when no counter matches: a misspelt name must not read as zero
   */
  async counter(pattern: RegExp): Promise<number> {
    const lines = (await this.admin("/stats"))
      .split("\n")
      .filter((line) => pattern.test(line.split(": ")[0] ?? ""));
    assert.ok(lines.length > 0, `no counter of Envoy matches ${String(pattern)}`);
    return lines.reduce((sum, line) => sum + Number(line.split(": ")[1]), 0);
  }

  /**
   * The sum of one cluster's counters whose names match. Istio ends the names of its own clusters with a
   * semicolon there.
   */
  async clusterCounter(cluster: string, counter: RegExp): Promise<number> {
    const escaped = cluster.replaceAll(/[.|]/g, "\\$&");
    return this.counter(new RegExp(`^cluster\\.${escaped};?\\.(?:${counter.source})$`));
  }

  /**
   * Messages of external processing that were answered too late or not at all, by counter. Their cluster does not count
   * them, and a counter goes with its listener.
   */
  async lateMessages(): Promise<ReadonlyMap<string, number>> {
    const lines = (await this.admin("/stats?filter=ext_proc.*message_timeouts")).split("\n");
    return new Map(
      lines.map((line) => line.split(": ")).map(([name = "", count = "0"]) => [name, Number(count)]),
    );
  }

  /** CPU seconds used so far by its threads. */
  cpuSeconds(): number {
    // The scheduler's own count, in nanoseconds: that of proc(5) has steps of 10 ms, too coarse for short loads.
    const tasks = `/proc/${this.daemon.pid}/task`;
    const used = readdirSync(tasks).map(
      (task) => readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ")[0],
    );
    return used.reduce((sum, nanoseconds) => sum + Number(nanoseconds), 0) / 1e9;
  }

  /** Lines printed so far that mention `text`: the mesh's own access log goes to standard output. */
  printed(text: string): number {
    return this.daemon.log.split("\n").filter((line) => line.includes(text)).length;
  }

  /** Ends it. */
  async stop(): Promise<void> {
    await this.daemon.stop();
  }
}

interface DynamicListener {
  readonly name: string;
  readonly active_state?: unknown;
  readonly error_state?: unknown;
}

function dynamicListeners(text: string): readonly DynamicListener[] {
  // Envoy's admin API fixes this shape; an empty list is left out.
  const dump = JSON.parse(text) as { configs?: DynamicListener[] };
  return dump.configs ?? [];
}
