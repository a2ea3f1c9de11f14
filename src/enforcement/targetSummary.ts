import { TargetKind } from "../args/targets";
import type { InspectionRuleArgs, TargetArgs } from "../args/targets";

/** What a target matches, for people and for policy checks. */
export interface TargetSummary {
  /** Name of the target. */
  name: string;
  /** What kind of proxy answers for it. */
  kind: string;
  /** Namespace of the workloads. */
  namespace: string;
  /** Labels of the workloads; empty for a whole namespace or for references. */
  matchLabels: Record<string, string>;
  /** References to gateways or waypoints, each as `<kind>/<name>`. */
  targetRefs: string[];
  /** The requests that are inspected, one line for each rule. */
  requests: string[];
}

/**
 * What a target matches.
 *
 * @param target - The target.
 * @param namespace - Its namespace.
 * @param matchLabels - Its labels.
 */
export function targetSummary(
  target: TargetArgs,
  namespace: string,
  matchLabels: Readonly<Record<string, string>> = {},
): TargetSummary {
  return {
    name: target.name,
    kind: target.kind ?? TargetKind.Workload,
    namespace,
    matchLabels: { ...matchLabels },
    targetRefs: (target.targetRefs ?? []).map(({ kind, name }) => `${kind}/${name}`),
    requests: (target.rules ?? [target]).map(describeRule),
  };
}

const conditionWords: readonly (readonly [Exclude<keyof InspectionRuleArgs, "headers">, string])[] = [
  ["paths", "paths"],
  ["notPaths", "except paths"],
  ["methods", "methods"],
  ["notMethods", "except methods"],
  ["hosts", "hosts"],
  ["notHosts", "except hosts"],
  ["ports", "ports"],
  ["notPorts", "except ports"],
  ["ipBlocks", "from"],
  ["notIpBlocks", "not from"],
  ["remoteIpBlocks", "client in"],
  ["notRemoteIpBlocks", "client not in"],
];

function describeRule(rule: InspectionRuleArgs): string {
  const conditions = conditionWords.flatMap(([field, words]) => {
    const values = rule[field];
    return values === undefined ? [] : [`${words} ${values.join(", ")}`];
  });
  const headers = (rule.headers ?? []).map(({ name, values, notValues }) =>
    [
      `header ${name}`,
      ...(values === undefined ? [] : [`is ${values.join(", ")}`]),
      ...(notValues === undefined ? [] : [`is not ${notValues.join(", ")}`]),
    ].join(" "),
  );
  const all = [...conditions, ...headers];
  return all.length === 0 ? "every request" : all.join("; ");
}
