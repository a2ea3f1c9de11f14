import { conditionsOf } from "../args/targets";
import type { InspectionRuleArgs, TargetArgs } from "../args/targets";

/**
 * What a client can write so that the conditions of a target keep its request from the agent, one line for each, for
 * summaries. Nothing where one rule takes every request.
 */
export function clientChoices(target: TargetArgs): string[] {
  const rules = target.rules ?? [conditionsOf(target)];
  return rules.some(takesEverything)
    ? []
    : [...new Set(rules.flatMap(choicesOf))].map((choice) => `target ${target.name}: ${choice}`);
}

/**
 * What an exclusion of paths opens beyond them; undefined when all are exact. Envoy decodes neither `%2f` nor path
 * parameters before it compares, while applications may.
 */
export function openedBy(paths: readonly string[]): string | undefined {
  const patterns = paths.filter((path) => /[*{]/.test(path));
  const [first] = patterns;
  return first === undefined
    ? undefined
    : `what the application reads as another path among ${patterns.join(", ")}, such as ${disguised(first)}`;
}

function takesEverything(rule: InspectionRuleArgs): boolean {
  return Object.values(rule).every((condition: unknown) => condition === undefined);
}

function choicesOf(rule: InspectionRuleArgs): string[] {
  const { paths, notPaths = [], hosts, notHosts, remoteIpBlocks, notRemoteIpBlocks, headers = [] } = rule;
  const forwarded = remoteIpBlocks ?? notRemoteIpBlocks;
  return [
    openedBy(notPaths),
    notHosts && `requests whose Host is ${notHosts.join(", ")}, which any client can send`,
    hosts && `requests with another Host than ${hosts.join(", ")}, if the application answers them`,
    paths && `paths that the application takes for ${paths.join(", ")} in another spelling`,
    forwarded &&
      "requests with an address in X-Forwarded-For that the conditions leave out, where a client can send it",
    ...headers.flatMap(({ name, values, notValues }) => [
      notValues && `requests with the header ${name}: ${notValues.join(", ")}, which any client can send`,
      values && `requests without the header ${name}: ${values.join(", ")}, which any client can leave out`,
    ]),
  ].filter((choice) => choice !== undefined);
}

/** A path that fits a pattern and is another one once it is decoded. */
function disguised(pattern: string): string {
  if (pattern.includes("{")) {
    return pattern.replace(/\{\*{1,2}\}/, "..%2fadmin").replaceAll(/\{\*{1,2}\}/g, "x");
  }
  return pattern.endsWith("*") ? `${pattern.slice(0, -1)}..%2fadmin` : `/admin;${pattern.slice(1)}`;
}
