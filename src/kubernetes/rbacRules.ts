import type { AccessQuestion } from "./clusterReader";
import { grouped } from "../preflight/grouped";
import { describeRule } from "../preflight/rbacRule";
import type { RbacRule } from "../preflight/rbacRule";

/** What is to be granted. */
export interface MissingRight extends AccessQuestion {
  /** Whether it is granted for this name only. */
  byName: boolean;
}

/**
 * The rules for each Role, as lines of a message; namespaces that need the same ones are named together.
 *
 * @param rights - What is missing.
 */
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
