import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findPart } from "./findPart";
import { createTemporaryFolder } from "./temporaryFolder";

/**
 * Runs Helm to its end, as a user beside the stack does, without anybody's settings.
 *
 * @returns what it printed
 * @throws Error with Helm's own words when it fails
 */
export async function runHelm(kubeconfig: string, args: readonly string[]): Promise<string> {
  const { path } = await findPart("helm");
  const folder = createTemporaryFolder("helm");
  const homes = { HELM_CACHE_HOME: folder.path, HELM_CONFIG_HOME: folder.path, HELM_DATA_HOME: folder.path };
  try {
    // Not the synchronous form: this process serves the charts.
    const env = { ...process.env, ...homes, KUBECONFIG: kubeconfig };
    return (await promisify(execFile)(path, args, { env })).stdout;
  } finally {
    folder.remove();
  }
}
