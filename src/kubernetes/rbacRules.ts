/** Something that a user may or may not do; `*` stands for everything. */
export interface AccessQuestion {
  /** Verb of the API, for example `patch`. */
  verb: string;
  /** API group, empty for the core group. */
  group: string;
  /** Plural name of the resource, with a subresource behind a slash as in a Role: `pods/portforward`. */
  resource: string;
  /** Namespace; undefined for all, or for resources outside of namespaces. */
  namespace?: string;
  /** Name of the one object; undefined for all. */
  name?: string;
}

/** What is to be granted. */
export interface MissingRight extends AccessQuestion {
  /** Whether it is granted for this name only. */
  byName: boolean;
}

/** The rules for each Role, as lines of a message; namespaces that need the same ones are named together. */
export function grants(rights: readonly MissingRight[]): string[] {
  const byNamespace = grouped(rights, ({ namespace }) => [namespace]).map(([[namespace], group]) => ({
    namespace,
    rules: rulesFor(group).map((rule) => `        - ${describeRule(rule)}`),
  }));
  return grouped(byNamespace, ({ namespace, rules }) => [
    namespace === undefined ? "cluster" : "namespaced",
    rules.join("\n"),
  ]).map(([[scope, rules], roles]) => {
    const namespaces = roles.flatMap(({ namespace }) => namespace ?? []);
    const role = scope === "cluster" ? "in a ClusterRole" : `in a Role in ${namespaces.join(", ")}`;
    return `      ${role}:\n      rules:\n${rules ?? ""}`;
  });
}

function rulesFor(rights: readonly MissingRight[]): RbacRule[] {
  const byResource = grouped(rights, ({ group, resource, byName, name }) => [
    group,
    resource,
    byName ? name : undefined,
  ]).map(([[group, resource, name], same]) => ({
    group: group ?? "",
    resource: resource ?? "",
    name,
    verbs: [...new Set(same.map(({ verb }) => verb))],
  }));
  return grouped(byResource, ({ group, name, verbs }) => [group, name, ...verbs]).map(([, same]) => {
    const [{ group, name, verbs } = { group: "", name: undefined, verbs: [] }] = same;
    return {
      group,
      resources: same.map(({ resource }) => resource),
      names: name === undefined ? [] : [name],
      verbs,
    };
  });
}

/** One rule of a Role or ClusterRole. */
interface RbacRule {
  /** API group, empty for the core group. */
  group: string;
  /** Plural names of the resources. */
  resources: readonly string[];
  /** Names of the objects; undefined or none for all. */
  names?: readonly string[];
  /** The verbs. */
  verbs: readonly string[];
}

/** A rule as one line of YAML for the list `rules` of a Role. Source: Kubernetes, "Using RBAC Authorization". */
export function describeRule({ group, resources, names = [], verbs }: RbacRule): string {
  const list = (texts: readonly string[]): string => `[${texts.map((text) => `"${text}"`).join(", ")}]`;
  const only = names.length === 0 ? "" : `resourceNames: ${list(names)}, `;
  return `{ apiGroups: ${list([group])}, resources: ${list(resources)}, ${only}verbs: ${list(verbs)} }`;
}

/** What the members of a group have in common. */
export type GroupKey = readonly (string | undefined)[];

/** Groups items by a key, in the order of their first members; no group is empty. */
export function grouped<T>(items: readonly T[], keyOf: (item: T) => GroupKey): [GroupKey, T[]][] {
  const groups = new Map<string, [GroupKey, T[]]>();
  for (const item of items) {
    const key = keyOf(item);
    // JSON writes undefined in a list as null, which no key holds.
    const id = JSON.stringify(key);
    const group = groups.get(id) ?? [key, []];
    group[1].push(item);
    groups.set(id, group);
  }
  return [...groups.values()];
}
