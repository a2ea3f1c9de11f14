import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { applyObjects, parseObjects } from "./apply";
import { StackError } from "./failure";
import { findPart } from "./findPart";
import { askUrl, type Credentials } from "./http";

const limitSeconds = 30;

/**
 * Installs Istio's custom resource definitions and waits until the API server serves them.
 *
 * @param kubeconfig path of the administrator's file
 * @throws StackError when they are not served within 30 seconds
 */
export async function installIstioCrds(
  kubeconfig: string,
  server: string,
  credentials: Credentials,
): Promise<void> {
  const { path } = await findPart("istio-crds");
  await applyObjects(kubeconfig, parseObjects(readFileSync(path, "utf8")));
  const deadline = Date.now() + limitSeconds * 1000;
  while (!(await areServed(server, credentials))) {
    if (Date.now() > deadline) {
      throw new StackError(
        `The API server took Istio's definitions but does not serve them after ${limitSeconds} s.`,
        "Run again on a machine with less to do.",
      );
    }
    await delay(100);
  }
}

const groups = [
  "security.istio.io/v1",
  "telemetry.istio.io/v1",
  "networking.istio.io/v1",
  "networking.istio.io/v1alpha3",
];

async function areServed(server: string, credentials: Credentials): Promise<boolean> {
  const answers = await Promise.all(
    groups.map((group) => askUrl(`${server}/apis/${group}`, { credentials })),
  );
  return answers.every(({ status }) => status === 200);
}
