import { leafProblems } from "./known";
import type { Check } from "./known";
import type { ArgumentProblem } from "./problem";
import { dnsLabel, labelKey, labelValue, port } from "../kubernetes/syntax";
import { hostPattern, httpMethod, ipBlock, pathPattern, wildcardText } from "./conditionSyntax";
import { headerName } from "./inspectionProblems";
import { proxyProblems } from "./proxyProblems";
import { conditionNames, proxiesKey } from "../args/targets";
import type { HeaderConditionArgs, InspectionRuleArgs, TargetArgs } from "../args/targets";

const useOneRule = "Move the conditions into `rules`, or remove `rules`.";

/**
 * Reasons to refuse the targets.
 *
 * @param targets - The targets, of the declared types.
 * @param path - Where they stand.
 */
export function targetsProblems(targets: readonly TargetArgs[], path = "targets"): ArgumentProblem[] {
  if (targets.length === 0) {
    return [
      { path, value: targets, reason: "nothing would be protected", remedy: "Give at least one target." },
    ];
  }
  return [
    ...targets.flatMap((target, index) => targetProblems(target, `${path}[${index}]`)),
    ...duplicateNames(targets, path),
    ...duplicateSelectors(targets, path),
  ];
}

function targetProblems(target: TargetArgs, path: string): ArgumentProblem[] {
  const conditions = conditionNames.filter((name) => target[name] !== undefined);
  const both: ArgumentProblem[] =
    target.rules !== undefined && conditions.length > 0
      ? [{ path: `${path}.rules`, reason: `${conditions.join(", ")} stand next to it`, remedy: useOneRule }]
      : [];
  const none: ArgumentProblem[] =
    target.rules?.length === 0
      ? [
          {
            path: `${path}.rules`,
            value: [],
            reason: "no request would be inspected",
            remedy: "Leave it out to inspect all.",
          },
        ]
      : [];
  return [
    ...leafProblems(`${path}.name`, target.name, dnsLabel, "Use lower case letters, digits and hyphens."),
    ...leafProblems(
      `${path}.namespace`,
      target.namespace,
      dnsLabel,
      "Give the name of a Kubernetes namespace.",
    ),
    ...labelProblems(target.matchLabels, `${path}.matchLabels`),
    ...proxyProblems(target, path),
    ...both,
    ...none,
    ...ruleProblems(target, path),
    ...(target.rules ?? []).flatMap((rule, index) => ruleProblems(rule, `${path}.rules[${index}]`)),
  ];
}

function labelProblems(labels: Record<string, string> | undefined, path: string): ArgumentProblem[] {
  if (labels !== undefined && Object.keys(labels).length === 0) {
    const reason = "no label is given, which would mean every workload of the namespace";
    return [{ path, value: labels, reason, remedy: "Leave it out if that is meant." }];
  }
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...leafProblems(`${path}["${key}"]`, key, labelKey, "Use a valid Kubernetes label key."),
    ...leafProblems(`${path}["${key}"]`, value, labelValue, "Use a valid Kubernetes label value."),
  ]);
}

function ruleProblems(rule: InspectionRuleArgs, path: string): ArgumentProblem[] {
  const each = <T>(
    name: keyof InspectionRuleArgs,
    values: readonly T[] | undefined,
    check: Check<T>,
    remedy: string,
  ) => listProblems(`${path}.${name}`, values, check, remedy);
  const ip = "Write an IP address or a CIDR block, for example 10.0.0.0/8.";
  const verb = "Write the method in capitals, for example POST.";
  const slash = "Start with / and use * at one end only, for example /api/*.";
  const host = "Write a host name; use * at one end only, for example *.example.com.";
  return [
    ...each("paths", rule.paths, pathPattern, slash),
    ...each("notPaths", rule.notPaths, pathPattern, slash),
    ...each("methods", rule.methods, httpMethod, verb),
    ...each("notMethods", rule.notMethods, httpMethod, verb),
    ...each("hosts", rule.hosts, hostPattern, host),
    ...each("notHosts", rule.notHosts, hostPattern, host),
    ...each("ports", rule.ports, port, "Use 1 to 65535, the port of the container."),
    ...each("notPorts", rule.notPorts, port, "Use 1 to 65535, the port of the container."),
    ...each("ipBlocks", rule.ipBlocks, ipBlock, ip),
    ...each("notIpBlocks", rule.notIpBlocks, ipBlock, ip),
    ...each("remoteIpBlocks", rule.remoteIpBlocks, ipBlock, ip),
    ...each("notRemoteIpBlocks", rule.notRemoteIpBlocks, ipBlock, ip),
    ...emptyListProblems(`${path}.headers`, rule.headers),
    ...(rule.headers ?? []).flatMap((header, index) => headerProblems(header, `${path}.headers[${index}]`)),
  ];
}

function headerProblems(header: HeaderConditionArgs, path: string): ArgumentProblem[] {
  const { name, values, notValues } = header;
  const missing = { path, value: header, reason: "it has neither values nor notValues" };
  const star = "Use * at one end of a value only.";
  return [
    ...leafProblems(`${path}.name`, name, headerName, "Write one header name, for example content-type."),
    ...(values === undefined && notValues === undefined
      ? [{ ...missing, remedy: 'Give values; ["*"] matches any value.' }]
      : []),
    ...listProblems(`${path}.values`, values, wildcardText, star),
    ...listProblems(`${path}.notValues`, notValues, wildcardText, star),
  ];
}

function listProblems<T>(
  path: string,
  values: readonly T[] | undefined,
  check: Check<T>,
  remedy: string,
): ArgumentProblem[] {
  return [
    ...emptyListProblems(path, values),
    ...(values ?? []).flatMap((value, index) => leafProblems(`${path}[${index}]`, value, check, remedy)),
  ];
}

function emptyListProblems(path: string, values: readonly unknown[] | undefined): ArgumentProblem[] {
  return values?.length === 0
    ? [{ path, value: values, reason: "the list is empty", remedy: "Leave it out." }]
    : [];
}

function duplicateNames(targets: readonly TargetArgs[], path: string): ArgumentProblem[] {
  return duplicates(targets, (target) => target.name).map(([first, second]) => ({
    path: `${path}[${second}].name`,
    value: targets[second]?.name,
    reason: `${path}[${first}] has the same name`,
    remedy: "Give each target a name of its own; it is part of the names of its objects.",
  }));
}

function duplicateSelectors(targets: readonly TargetArgs[], path: string): ArgumentProblem[] {
  return duplicates(targets, proxiesKey).map(([first, second]) => ({
    path: `${path}[${second}]`,
    reason: `${path}[${first}] selects the same workloads, and Istio uses only one Telemetry for a workload`,
    remedy: "Make it one target and list the conditions in its `rules`.",
  }));
}

/** Pairs of positions with the same key, each later one with the first; linear in the number of targets. */
function duplicates(
  targets: readonly TargetArgs[],
  keyOf: (target: TargetArgs) => string | undefined,
): [number, number][] {
  const firsts = new Map<string, number>();
  const found: [number, number][] = [];
  targets.forEach((target, index) => {
    const key = keyOf(target);
    const first = key === undefined ? undefined : firsts.get(key);
    if (first !== undefined) {
      found.push([first, index]);
    } else if (key !== undefined) {
      firsts.set(key, index);
    }
  });
  return found;
}
