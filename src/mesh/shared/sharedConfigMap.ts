import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { nameOfProvider, ProgramScoped } from "../../pulumi/programScoped";
import { stackName } from "../../pulumi/stackName";
import { ownLabels } from "../../kubernetes/ownership";
import type { MeshEditContext } from "../context";
import type { MeshSettings } from "../../settings/mesh";

/** A ConfigMap that this program creates. */
export interface CreatedConfigMap {
  /** The ConfigMap; what waits for it alone waits for ever when something is refused. */
  resource: k8s.core.v1.ConfigMap;
  /** The same; rejects when something is refused. */
  made: pulumi.Output<pulumi.Resource[]>;
}

const shared = new ProgramScoped<Map<string, CreatedConfigMap>>(() => new Map());

/**
 * The ConfigMap of strategy Shared, which the components of one program and cluster have in common. It belongs to none
 * of them: removing the first component must not move it. It holds no data of its own; components patch theirs in.
 *
 * @param checked - Is there when the first component may create something.
 * @returns undefined when somebody else creates it.
 */
export function sharedConfigMap(
  { component }: MeshEditContext,
  settings: MeshSettings,
  checked: pulumi.Output<unknown>,
): CreatedConfigMap | undefined {
  const configMap = settings.sharedConfigMapName;
  if (!settings.createSharedConfigMap) {
    return undefined;
  }
  const provider = component.getProvider("kubernetes:core/v1:ConfigMap");
  const name = sharedLogicalName(settings, configMap, provider);
  const ofProgram = shared.of(component);
  const found = ofProgram.get(name);
  if (found !== undefined) {
    return found;
  }
  const created = new k8s.core.v1.ConfigMap(
    name,
    {
      metadata: {
        namespace: settings.istioNamespace,
        name: configMap,
        labels: ownLabels,
        annotations: createdByAnnotations(),
      },
    },
    {
      provider,
      dependsOn: checked.apply((): pulumi.Resource[] => []),
      // What a refresh finds there is the components' own: taking it for a change would replace the ConfigMap.
      ignoreChanges: ["data"],
    },
  );
  const made = { resource: created, made: checked.apply((): pulumi.Resource[] => [created]) };
  ofProgram.set(name, made);
  return made;
}

/** Annotations of the objects that belong to no component. */
export function createdByAnnotations(): Record<string, string> {
  return { "pulumi-sigsci-istio/created-by": stackName() };
}

/**
 * Logical name of something in the namespace of istiod that belongs to no component: independent of every component,
 * and another for each namespace and cluster.
 *
 * @param what - What it is, for example the name of a ConfigMap.
 */
export function sharedLogicalName(
  { istioNamespace }: MeshSettings,
  what: string,
  provider: pulumi.ProviderResource | undefined,
): string {
  const namespace =
    typeof istioNamespace === "string" && istioNamespace !== "istio-system" ? [istioNamespace] : [];
  const cluster = (provider && nameOfProvider(provider)) ?? [];
  return ["sigsci-istio", ...namespace, what].concat(cluster).join("-");
}
