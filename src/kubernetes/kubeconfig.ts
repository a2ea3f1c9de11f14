import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import { at } from "./liveObject";

/** A kubeconfig that cannot be used; the message says why, without its contents. */
export class KubeconfigError extends Error {
  constructor(
    /** What is wrong, for whoever says it in words of their own. */
    readonly problem:
      | "no client"
      | "missing"
      | "unreadable"
      | "no current context"
      | "no context"
      | "no cluster"
      | "interactive",
    message: string,
    /** Names of the contexts that it has, and of the one in use; not part of the message. */
    readonly contexts: { readonly all: readonly string[]; readonly inUse: string } = { all: [], inUse: "" },
  ) {
    super(message);
  }
}

/** Which kubeconfig. */
export interface KubeconfigChoice {
  /** Its contents or its path; undefined for the one that kubectl would take. */
  kubeconfig?: string;
  /** Its context; undefined for the current one. */
  context?: string;
  /** Whether a person is there who could log in. */
  interactive?: boolean;
}

/** Loads a kubeconfig. The library comes only now: it takes most of a second. */
export async function loadKubeconfig({
  kubeconfig,
  context,
  interactive = false,
}: KubeconfigChoice): Promise<KubeConfig> {
  const { KubeConfig } = await kubernetesClient();
  const config = new KubeConfig();
  try {
    fill(config, kubeconfig, () => new KubeConfig());
  } catch (error) {
    if (error instanceof KubeconfigError) {
      throw error;
    }
    // A parser quotes what it cannot read, which may be a secret.
    throw new KubeconfigError("unreadable", "the kubeconfig cannot be read");
  }
  if (context !== undefined) {
    config.setCurrentContext(context);
  }
  refuseWithoutCluster(config);
  if (config.getCurrentUser() === null) {
    addNobody(config);
  }
  if (!interactive && at(config.getCurrentUser(), "exec", "interactiveMode") === "Always") {
    throw new KubeconfigError("interactive", "the kubeconfig's credentials need a person at the keyboard");
  }
  return config;
}

/** For a context without a user the library leaves out what the cluster says of TLS, such as its CA. */
function addNobody(config: KubeConfig): void {
  const name = "";
  config.loadFromOptions({
    clusters: config.getClusters(),
    users: [...config.getUsers(), { name }],
    contexts: config
      .getContexts()
      .map((one) => (one.name === config.getCurrentContext() ? { ...one, user: name } : one)),
    currentContext: config.getCurrentContext(),
  });
}

function refuseWithoutCluster(config: KubeConfig): void {
  if (config.getCurrentCluster() !== null) {
    return;
  }
  const all = config.getContexts().map(({ name }) => name);
  // The library has no value for what a kubeconfig leaves out, whatever its type says.
  const inUse = (config.getCurrentContext() as string | undefined) ?? "";
  if (inUse === "") {
    throw new KubeconfigError("no current context", "the kubeconfig names no current context", {
      all,
      inUse,
    });
  }
  throw all.includes(inUse)
    ? new KubeconfigError("no cluster", "the kubeconfig has no cluster for the context in use", {
        all,
        inUse,
      })
    : new KubeconfigError("no context", "the kubeconfig does not have the context in use", { all, inUse });
}

async function kubernetesClient(): Promise<typeof import("@kubernetes/client-node")> {
  try {
    return await import("@kubernetes/client-node");
  } catch {
    throw new KubeconfigError(
      "no client",
      "the package @kubernetes/client-node cannot be loaded, which needs Node 20.19 or newer",
    );
  }
}

function fill(config: KubeConfig, kubeconfig: string | undefined, empty: () => KubeConfig): void {
  if (kubeconfig === undefined) {
    const files = (process.env.KUBECONFIG ?? "").split(delimiter).filter((file) => file !== "");
    if (files.length > 0) {
      loadFiles(config, files, empty);
    } else if (hasDefault(process.env)) {
      config.loadFromDefault();
    } else {
      throw new KubeconfigError("missing", "there is no kubeconfig");
    }
  } else if (/[\n{]/.test(kubeconfig)) {
    config.loadFromString(kubeconfig);
  } else {
    const path = kubeconfig.replace(/^~(?=[\\/])/, homedir());
    if (!existsSync(path)) {
      throw new KubeconfigError("missing", "there is no kubeconfig at the path given");
    }
    config.loadFromFile(path);
  }
}

/**
 * Loads the files of `KUBECONFIG` as kubectl and Pulumi do: a file that is not there does not count, and of what
 * several say the first one's holds. The library takes the last one's current context, which may be another cluster.
 *
 * Source: Kubernetes, "Organizing Cluster Access Using kubeconfig Files", "Merging kubeconfig files".
 */
function loadFiles(config: KubeConfig, files: readonly string[], empty: () => KubeConfig): void {
  const loaded = files
    .filter((file) => existsSync(file))
    .map((file) => {
      const one = empty();
      one.loadFromFile(file);
      return one;
    });
  if (loaded.length === 0) {
    throw new KubeconfigError("missing", "there is no kubeconfig at the path that KUBECONFIG gives");
  }
  config.loadFromOptions({
    clusters: firstOfEachName(loaded.flatMap((one) => one.getClusters())),
    users: firstOfEachName(loaded.flatMap((one) => one.getUsers())),
    contexts: firstOfEachName(loaded.flatMap((one) => one.getContexts())),
    currentContext: loaded.map((one) => one.getCurrentContext()).find(Boolean),
  });
}

function firstOfEachName<T extends { readonly name: string }>(all: readonly T[]): T[] {
  return [...new Map([...all].reverse().map((one) => [one.name, one])).values()].reverse();
}

/** Without any of these the library would try a server on this machine. */
function hasDefault(environment: NodeJS.ProcessEnv): boolean {
  return (environment.KUBERNETES_SERVICE_HOST ?? "") !== "" || existsSync(join(homedir(), ".kube", "config"));
}
