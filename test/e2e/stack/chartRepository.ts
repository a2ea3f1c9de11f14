import { createServer } from "node:http";
import { readdirSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { runCommand } from "./command";
import { findPart } from "./findPart";
import { createTemporaryFolder } from "./temporaryFolder";

/** A chart to be served in one version. */
export interface ServedChart {
  /** Folder with its Chart.yaml. */
  readonly folder: string;
  /** Version of the chart and of the application, instead of what its Chart.yaml says. */
  readonly version: string;
}

/** A Helm repository on 127.0.0.1. */
export interface ChartRepository {
  readonly url: string;
  /** Ends the server and removes the packed charts. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Packs charts and serves them as a Helm repository, as their publisher does.
 *
 * @throws StackError when Helm is missing or refuses a chart
 */
export async function serveCharts(charts: readonly ServedChart[]): Promise<ChartRepository> {
  const { path: command } = await findPart("helm");
  const folder = createTemporaryFolder("charts");
  const logFile = join(folder.path, "helm.log");
  const helm = async (args: readonly string[]): Promise<void> => {
    await runCommand({ command, args, logFile, purpose: "packing charts", ifMissing: "Correct E2E_HELM." });
  };
  try {
    for (const { folder: source, version } of charts) {
      const versions = [`--version=${version}`, `--app-version=${version}`];
      await helm(["package", source, ...versions, `--destination=${folder.path}`]);
    }
    await helm(["repo", "index", folder.path]);
    const server = await serveFolder(folder.path);
    return {
      url: server.url,
      stop: async () => {
        await server.stop();
        folder.remove();
      },
    };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

async function serveFolder(folder: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const files = new Map(readdirSync(folder).map((name) => [`/${name}`, readFileSync(join(folder, name))]));
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? "");
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  // A server that listens on TCP has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      if (!server.listening) {
        return;
      }
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
