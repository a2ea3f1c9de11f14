/** One rule of a Role or ClusterRole. */
export interface RbacRule {
  /** API group, empty for the core group. */
  group: string;
  /** Plural names of the resources. */
  resources: readonly string[];
  /** Names of the objects; undefined or none for all. */
  names?: readonly string[];
  /** The verbs. */
  verbs: readonly string[];
}

/**
 * A rule as it can be pasted into the list `rules` of a Role: one line of YAML. Source: Kubernetes, "Using RBAC
 * Authorization".
 *
 * @param rule - The rule.
 */
export function describeRule({ group, resources, names = [], verbs }: RbacRule): string {
  const list = (texts: readonly string[]): string => `[${texts.map((text) => `"${text}"`).join(", ")}]`;
  const only = names.length === 0 ? "" : `resourceNames: ${list(names)}, `;
  return `{ apiGroups: ${list([group])}, resources: ${list(resources)}, ${only}verbs: ${list(verbs)} }`;
}
