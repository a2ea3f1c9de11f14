import { Enforcement } from "../args/integration";
import { labelsOf, listAt, nameOf, selectorMatches } from "../kubernetes/liveObject";
import type { ClusterFacts } from "./clusterFacts";
import { meshesOf } from "./meshView";
import type { PreflightSubject } from "./subject";

/** The `discoverySelectors` of a mesh configuration: istiod knows nothing of the namespaces that they leave out. */
export interface Discovery {
  /** `<namespace>/<name>` of the ConfigMap. */
  configMap: string;
  /** Whether they name a namespace; undefined when nothing is known of it. */
  isDiscovered: (namespace: string) => boolean | undefined;
}

/** The discovery of each mesh configuration that restricts it. */
export function discoveries(facts: ClusterFacts, subject: PreflightSubject): Discovery[] {
  if (subject.enforcement !== Enforcement.AuthorizationPolicy) {
    return [];
  }
  return meshesOf(facts, subject).flatMap(({ configMap, config }) => {
    const selectors = listAt(config, "discoverySelectors");
    const isDiscovered = (namespace: string): boolean | undefined => {
      const labels = namespaceLabels(facts, subject, namespace);
      return labels && selectors.some((selector) => selectorMatches(selector, labels));
    };
    return selectors.length === 0 ? [] : [{ configMap, isDiscovered }];
  });
}

/** Labels of a namespace as they will be; undefined when nothing is known of it. */
function namespaceLabels(
  { namespaces }: ClusterFacts,
  { agent }: PreflightSubject,
  name: string,
): Record<string, string> | undefined {
  if (namespaces === undefined) {
    return undefined;
  }
  const live = namespaces.find((namespace) => nameOf(namespace) === name);
  const given = name === agent.namespace ? agent.namespaceLabels : undefined;
  const system = { "kubernetes.io/metadata.name": name };
  return live === undefined && given === undefined
    ? undefined
    : { ...system, ...(live && labelsOf(live)), ...given };
}
