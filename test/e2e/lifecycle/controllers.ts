import { join } from "node:path";
import { Daemon } from "../stack/daemon";
import { findPart } from "../stack/findPart";
import { pickFreePorts } from "../stack/ports";
import { createTemporaryFolder } from "../stack/temporaryFolder";

/** The controllers that a rollout, a deletion and endpoints need; the others would only cost time. */
const controllers = [
  "deployment-controller",
  "replicaset-controller",
  "statefulset-controller",
  "daemonset-controller",
  "disruption-controller",
  // Nobody serves metrics here, so it does no more than keep numbers between the fewest and the most.
  "horizontal-pod-autoscaler-controller",
  "endpointslice-controller",
  "namespace-controller",
  "garbage-collector-controller",
];

/** Running controllers. */
export interface Controllers {
  /** Ends the process and removes its folder. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts the real kube-controller-manager against a cluster: Deployments make pods, deleted objects and namespaces
 * really go, Services get endpoints.
 *
 * @param kubeconfig - Path of an administrator's kubeconfig.
 * @param more - Further options of the command.
 * @throws StackError when the part is missing or does not come up; nothing is left then
 */
export async function startControllers(
  kubeconfig: string,
  more: readonly string[] = [],
): Promise<Controllers> {
  const { path: command } = await findPart("kube-controller-manager");
  const [port = 0] = await pickFreePorts(1);
  const folder = createTemporaryFolder("controllers");
  const logFile = join(folder.path, "controllers.log");
  try {
    const daemon = await Daemon.startReady(
      {
        name: "kube-controller-manager",
        command,
        args: [
          `--kubeconfig=${kubeconfig}`,
          `--controllers=${controllers.join(",")}`,
          "--leader-elect=false",
          ...more,
          "--horizontal-pod-autoscaler-sync-period=1s",
          "--bind-address=127.0.0.1",
          `--secure-port=${port}`,
          `--cert-dir=${folder.path}`,
          // Anybody on loopback may ask whether it is healthy.
          "--authorization-always-allow-paths=/healthz",
        ],
        env: process.env,
        cwd: folder.path,
        logFile,
      },
      "A running kube-controller-manager",
      () => isHealthy(port),
    );
    return {
      stop: async () => {
        await daemon.stop();
        folder.remove();
      },
    };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

/** Its certificate is its own, so only the answer counts here. */
async function isHealthy(port: number): Promise<boolean> {
  const { request } = await import("node:https");
  return new Promise((resolve) => {
    const attempt = request(
      { host: "127.0.0.1", port, path: "/healthz", rejectUnauthorized: false, timeout: 2000 },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode === 200);
      },
    );
    attempt.on("timeout", () => attempt.destroy());
    attempt.on("error", () => {
      resolve(false);
    });
    attempt.end();
  });
}
