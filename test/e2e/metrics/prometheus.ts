import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { ask } from "../datapath/request";
import { Daemon } from "../stack/daemon";
import { findPart } from "../stack/findPart";

/** Something that is scraped, with the labels that a PodMonitor would give. */
export interface ScrapeTarget {
  readonly job: string;
  readonly port: number;
  readonly path: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** An alert of which Prometheus knows that its expression holds. */
export interface ActiveAlert {
  readonly state: "pending" | "firing";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const port = 9090;

/** A Prometheus that scrapes and evaluates every second. */
export class Prometheus {
  private constructor(private readonly daemon: Daemon) {}

  /** Starts one with rule files, by their names. */
  static async start(
    folder: string,
    targets: readonly ScrapeTarget[],
    rules: Readonly<Record<string, string>>,
  ): Promise<Prometheus> {
    for (const [name, text] of Object.entries(rules)) {
      writeFileSync(join(folder, name), text);
    }
    const config = join(folder, "prometheus.yml");
    const scrapes = targets.map(({ job, port: targetPort, path, labels }) => ({
      job_name: job,
      metrics_path: path,
      // Labels of a series itself are kept, as with a PodMonitor with honorLabels.
      honor_labels: true,
      static_configs: [{ targets: [`127.0.0.1:${targetPort}`], labels }],
    }));
    writeFileSync(
      config,
      stringify({
        global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
        rule_files: Object.keys(rules),
        scrape_configs: scrapes,
      }),
    );
    const { path: command } = await findPart("prometheus");
    const daemon = await Daemon.start({
      name: "prometheus",
      command,
      args: [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--log.level=warn",
      ],
      logFile: join(folder, "prometheus.log"),
    });
    await daemon.waitUntil("Prometheus", async () => {
      return (await ask({ host: "127.0.0.1", port, path: "/-/ready" })).status === 200;
    });
    return new Prometheus(daemon);
  }

  /** The alerts whose expressions hold now. */
  async alerts(): Promise<readonly ActiveAlert[]> {
    const { alerts } = (await this.api("/api/v1/alerts")) as { alerts: ActiveAlert[] };
    return alerts;
  }

  /** The series that an expression gives now. */
  async query(
    expression: string,
  ): Promise<readonly { metric: Record<string, string>; value: [number, string] }[]> {
    const path = `/api/v1/query?query=${encodeURIComponent(expression)}`;
    const { result } = (await this.api(path)) as {
      result: { metric: Record<string, string>; value: [number, string] }[];
    };
    return result;
  }

  /** Ends it. */
  async stop(): Promise<void> {
    await this.daemon.stop();
  }

  /** Prometheus' HTTP API fixes the shapes of its answers. */
  private async api(path: string): Promise<unknown> {
    const { status, body } = await ask({ host: "127.0.0.1", port, path });
    assert.equal(status, 200, body);
    return (JSON.parse(body) as { data: unknown }).data;
  }
}
