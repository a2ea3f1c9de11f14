import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { SigsciIstioIntegration } from "../../../src";
import { recordProgram } from "../../../src/offline/recording";
import { ask } from "../datapath/request";
import { meshConfig, rootNamespace } from "../datapath/mesh";
import { Daemon } from "../stack/daemon";
import { findPart } from "../stack/findPart";
import { pickFreePorts } from "../stack/ports";

/** What Fastly documents that the agent sends, in StatsD's lines. */
export const agentLines = [
  "sigsci.agent.waf.total:5|c",
  "sigsci.agent.waf.allow:3|c",
  "sigsci.agent.waf.block:2|c",
  "sigsci.agent.waf.error:1|c",
  "sigsci.agent.waf.perf.decision_time.50pct:2|g",
  "sigsci.agent.waf.perf.decision_time.95pct:12|g",
  "sigsci.agent.waf.perf.queue_time.99pct:7|g",
];

/** The metrics that the component's exporter makes of lines of StatsD, sorted; only those of the agent. */
export async function exported(folder: string, lines: readonly string[]): Promise<string[]> {
  const { args, mapping } = await exporterOf();
  const [web, statsd] = await pickFreePorts(2);
  const mappingFile = join(folder, "mapping.yml");
  writeFileSync(mappingFile, mapping);
  // The component's own arguments, with ports that are free here and the mapping where it is.
  const own = args.map((arg) =>
    arg
      .replace("=:9102", `=127.0.0.1:${web}`)
      .replace("127.0.0.1:9125", `127.0.0.1:${statsd}`)
      .replace("/etc/statsd-exporter/mapping.yml", mappingFile),
  );
  assert.equal(own.filter((arg, index) => arg !== args[index]).length, 3, args.join(" "));
  const { path: command } = await findPart("statsd-exporter");
  const daemon = await Daemon.start({
    name: "statsd-exporter",
    command,
    args: own,
    logFile: join(folder, "exporter.log"),
  });
  try {
    const metrics = async (): Promise<string[]> => {
      const { body } = await ask({ host: "127.0.0.1", port: web ?? 0, path: "/metrics" });
      return body.split("\n").filter((line) => line.startsWith("sigsci_"));
    };
    await daemon.waitUntil("the exporter", async () => (await metrics()).length === 0);
    await send(statsd ?? 0, lines);
    await daemon.waitUntil("all metrics", async () => (await metrics()).length >= lines.length);
    return (await metrics()).sort();
  } finally {
    await daemon.stop();
  }
}

async function send(port: number, lines: readonly string[]): Promise<void> {
  const socket = createSocket("udp4");
  socket.send(lines.join("\n"), port, "127.0.0.1");
  await once(socket, "listening");
  await new Promise<void>((resolve) => setTimeout(resolve, 200));
  socket.close();
}

async function exporterOf(): Promise<{ args: string[]; mapping: string }> {
  const { resources } = await recordProgram(
    () => {
      new SigsciIstioIntegration("waf", {
        credentials: { existingSecret: { name: "keys" } },
        targets: [{ name: "web", namespace: "shop", matchLabels: { app: "web" } }],
        observability: { agentMetrics: {} },
      });
    },
    { reads: (_type, id) => (id === `${rootNamespace}/istio` ? meshConfig([]) : undefined) },
  );
  // The component's own objects, whose shapes are those of its planners.
  const inputs = (name: string): unknown => resources.find((one) => one.name === name)?.inputs;
  const { spec } = inputs("waf-deployment") as {
    spec: { template: { spec: { containers: { name: string; args: string[] }[] } } };
  };
  const { data } = inputs("waf-statsd-mapping") as { data: Record<string, string> };
  const exporter = spec.template.spec.containers.find(({ name }) => name === "statsd-exporter");
  return { args: exporter?.args ?? [], mapping: data["mapping.yml"] ?? "" };
}
