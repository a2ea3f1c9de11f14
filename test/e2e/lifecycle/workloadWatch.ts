import { KubeConfig, Watch } from "@kubernetes/client-node";
import { listAt, textAt } from "../../../src/kubernetes/liveObject";

/** A record of what stood in the pod template of a Deployment. */
export interface WorkloadWatch {
  /** Names of its containers, init containers included, in order and without repetitions. */
  readonly templates: readonly string[];
  /** Ends the watch. */
  stop(): void;
}

/**
 * Watches the Deployment `shop/web`.
 *
 * @param kubeconfig - Path of an administrator's kubeconfig.
 */
export async function watchWorkload(kubeconfig: string): Promise<WorkloadWatch> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const templates: string[] = [];
  let abort: AbortController | undefined;
  let stopped = false;
  const look = async (): Promise<void> => {
    abort = await new Watch(config).watch(
      "/apis/apps/v1/namespaces/shop/deployments",
      { fieldSelector: "metadata.name=web" },
      (_phase, object: unknown) => {
        const pod = ["initContainers", "containers"].flatMap((list) =>
          listAt(object, "spec", "template", "spec", list),
        );
        const names = pod.map((container) => textAt(container, "name")).join(" ");
        if (templates.at(-1) !== names) {
          templates.push(names);
        }
      },
      // The client ends each watch after half a minute; the next one starts with what is there.
      () => {
        if (!stopped) {
          void look();
        }
      },
    );
  };
  await look();
  return {
    templates,
    stop: () => {
      stopped = true;
      abort?.abort();
    },
  };
}
