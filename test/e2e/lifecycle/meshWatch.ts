import { CoreV1Api, KubeConfig, PatchStrategy, setHeaderOptions, Watch } from "@kubernetes/client-node";
import { setTimeout as delay } from "node:timers/promises";
import { applyObjects } from "../stack/apply";

const namespace = "istio-system";
const name = "istio";

/** How somebody else writes the mesh text. */
export type Owner = "server-side apply" | "client-side apply" | "replacement";

/** A record of every text that the mesh ConfigMap had. */
export interface MeshWatch {
  /** The texts in order, without repetitions; undefined when the key was missing. */
  readonly texts: readonly (string | undefined)[];
  /**
   * Writes the text as somebody else does who does not know about us.
   *
   * @param owner - How: as istioctl or Helm 4, as Helm 3 or kubectl, or as an edit of the whole object.
   * @param text - The text.
   */
  restoreBy(owner: Owner, text: string): Promise<void>;
  /** The texts so far, once the present one has been seen. */
  seen(): Promise<readonly (string | undefined)[]>;
  /** Ends the watch. */
  stop(): void;
}

/**
 * Watches the ConfigMap `istio-system/istio`.
 *
 * @param kubeconfig - Path of an administrator's kubeconfig.
 */
export async function watchMesh(kubeconfig: string): Promise<MeshWatch> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const api = config.makeApiClient(CoreV1Api);
  const record = new MeshRecord(config);
  await record.watch();
  const { texts } = record;
  return {
    texts,
    restoreBy: async (owner, text) => {
      const before = texts.length;
      await restore(kubeconfig, api, owner, text);
      // Somebody else may have written since.
      await until(() => texts.at(-1) === text || texts.slice(before).includes(text));
    },
    seen: async () => {
      const { data } = await api.readNamespacedConfigMap({ name, namespace });
      await until(() => texts.length > 0 && texts.at(-1) === data?.mesh);
      return texts;
    },
    stop: () => {
      record.stop();
    },
  };
}

/** The client ends each watch after half a minute; the next one goes on where it ended, so nothing is missed. */
class MeshRecord {
  readonly texts: (string | undefined)[] = [];
  private version: string | undefined;
  private abort: AbortController | undefined;
  private stopped = false;

  constructor(private readonly config: KubeConfig) {}

  async watch(): Promise<void> {
    this.abort = await new Watch(this.config).watch(
      `/api/v1/namespaces/${namespace}/configmaps`,
      { fieldSelector: `metadata.name=${name}`, resourceVersion: this.version },
      (phase, object: WatchedConfigMap) => {
        if (phase === "ERROR") {
          // The version is too old to go on from; the next watch starts with what is there.
          this.version = undefined;
          return;
        }
        this.version = object.metadata?.resourceVersion;
        const text = object.data?.mesh;
        if (this.texts.length === 0 || this.texts.at(-1) !== text) {
          this.texts.push(text);
        }
      },
      () => {
        if (!this.stopped) {
          void this.watch();
        }
      },
    );
  }

  stop(): void {
    this.stopped = true;
    this.abort?.abort();
  }
}

interface WatchedConfigMap {
  metadata?: { resourceVersion?: string };
  data?: Record<string, string>;
}

async function restore(kubeconfig: string, api: CoreV1Api, owner: Owner, text: string): Promise<void> {
  if (owner === "server-side apply") {
    // As a chart does, which owns more of the object than the text.
    const metadata = { name, namespace, labels: { "istio.io/rev": "default" } };
    const data = { mesh: text, meshNetworks: "networks: {}" };
    await applyObjects(kubeconfig, [{ apiVersion: "v1", kind: "ConfigMap", metadata, data }], {
      fieldManager: "istio-operator",
      force: true,
    });
  } else if (owner === "client-side apply") {
    await api.patchNamespacedConfigMap(
      { name, namespace, body: { data: { mesh: text } }, fieldManager: "helm" },
      setHeaderOptions("Content-Type", PatchStrategy.StrategicMergePatch),
    );
  } else {
    const live = await api.readNamespacedConfigMap({ name, namespace });
    live.data = { ...live.data, mesh: text };
    await api.replaceNamespacedConfigMap({ name, namespace, body: live, fieldManager: "kubectl-edit" });
  }
}

/** Waits for at most ten seconds. */
async function until(condition: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 100 && !condition(); attempt += 1) {
    await delay(100);
  }
  if (!condition()) {
    throw new Error("The watch of the mesh ConfigMap did not see the last version");
  }
}
