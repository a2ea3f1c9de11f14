import { setTimeout as delay } from "node:timers/promises";
import { CoreV1Api, CustomObjectsApi, KubeConfig } from "@kubernetes/client-node";
import { isRecord } from "../../../src/pulumi/inputs";
import { listAt, textAt } from "../../../src/kubernetes/liveObject";
import { meshProviderNames } from "./providersOfPolicies";

const pauseMilliseconds = 30;

/** A watch over CUSTOM policies whose provider is missing from the mesh text. */
export interface PolicyGaps {
  /** Ends the watch. @returns the longest time in milliseconds for which a policy had no provider */
  stop(): Promise<number>;
}

/**
 * Looks again and again at the mesh text and at all AuthorizationPolicies.
 *
 * @param kubeconfig - Path of an administrator's kubeconfig.
 */
export function watchPolicyGaps(kubeconfig: string): PolicyGaps {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const custom = config.makeApiClient(CustomObjectsApi);
  const state = { stopping: false, longest: 0 };
  const since = new Map<string, number>();
  const look = async (): Promise<void> => {
    // The policies first: a policy that comes after the text was read would be taken for one without a provider.
    const policies: unknown = await custom.listClusterCustomObject({
      group: "security.istio.io",
      version: "v1",
      plural: "authorizationpolicies",
    });
    const mesh = await core.readNamespacedConfigMap({ name: "istio", namespace: "istio-system" });
    const provided = meshProviderNames(mesh.data?.mesh ?? "");
    const now = Date.now();
    const missing = new Set(
      listAt(policies, "items").flatMap((policy) => {
        const provider = isRecord(policy) ? textAt(policy, "spec", "provider", "name") : undefined;
        return provider === undefined || provided.has(provider) ? [] : [provider];
      }),
    );
    for (const provider of missing) {
      since.set(provider, since.get(provider) ?? now);
      state.longest = Math.max(state.longest, now - (since.get(provider) ?? now));
    }
    for (const provider of [...since.keys()].filter((one) => !missing.has(one))) {
      since.delete(provider);
    }
  };
  const loop = (async (): Promise<void> => {
    while (!state.stopping) {
      await look();
      await delay(pauseMilliseconds);
    }
  })();
  return {
    stop: async () => {
      state.stopping = true;
      await loop;
      return state.longest;
    },
  };
}
