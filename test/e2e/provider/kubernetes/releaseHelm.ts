import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection } from "./kubeconfig";

/** Helm ended with an error; the message is Helm's own. */
export class HelmFailure extends Error {}

/** The program `helm`, run against one cluster. The real provider has the same code of Helm built in. */
export class Helm {
  private readonly cancelling = new AbortController();

  /** @param connection - The cluster; undefined when none can be reached, for commands that need none. */
  constructor(private readonly connection: Connection | undefined) {}

  /** Ends what is under way. */
  cancel(): void {
    this.cancelling.abort();
  }

  /**
   * Runs one command to its end. Neither the settings nor the cache of the user's own Helm are used.
   *
   * @param args - Its arguments; nothing secret, as every user of the machine may see them.
   * @param input - What it reads from its standard input.
   * @returns what it printed
   * @throws HelmFailure when it fails
   */
  async run(args: readonly string[], input = ""): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), "sigsci-e2e-helm-"));
    try {
      const kubeconfig = join(folder, "kubeconfig");
      writeFileSync(kubeconfig, JSON.stringify(kubeconfigFor(this.connection)), { mode: 0o600 });
      const homes = { HELM_CACHE_HOME: folder, HELM_CONFIG_HOME: folder, HELM_DATA_HOME: folder };
      return await this.execute(args, { ...process.env, ...homes, KUBECONFIG: kubeconfig }, input);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  private async execute(args: readonly string[], env: NodeJS.ProcessEnv, input: string): Promise<string> {
    const { E2E_HELM: named = "" } = process.env;
    const program = named === "" ? "helm" : named;
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, { env, signal: this.cancelling.signal });
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      // It may end before it has read its input; its exit code says why.
      child.stdin.on("error", () => undefined).end(input);
      child.once("error", (error) => {
        const { aborted } = this.cancelling.signal;
        const reason = `${program} cannot be run, name Helm in E2E_HELM: ${error.message}`;
        reject(new Error(aborted ? "the operation was cancelled" : reason));
      });
      child.once("close", (code) => {
        if (code === 0) {
          resolve(stdout);
        } else {
          reject(new HelmFailure(stderr.slice(stderr.lastIndexOf("Error: ")).replace("Error: ", "").trim()));
        }
      });
    });
  }
}

/** The same access that the provider itself has, whatever file and context it came from. */
function kubeconfigFor(connection: Connection | undefined): object {
  if (connection === undefined) {
    return { apiVersion: "v1", kind: "Config" };
  }
  const { server, token, tls } = connection;
  const cluster = {
    server,
    "certificate-authority-data": encoded(tls.ca),
    "insecure-skip-tls-verify": tls.rejectUnauthorized === false ? true : undefined,
    "tls-server-name": tls.servername,
  };
  const user = {
    token: token === "" ? undefined : token,
    "client-certificate-data": encoded(tls.cert),
    "client-key-data": encoded(tls.key),
  };
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "e2e", cluster }],
    users: [{ name: "e2e", user }],
    contexts: [{ name: "e2e", context: { cluster: "e2e", user: "e2e" } }],
    "current-context": "e2e",
  };
}

function encoded(text: unknown): string | undefined {
  return typeof text === "string" ? Buffer.from(text).toString("base64") : undefined;
}
