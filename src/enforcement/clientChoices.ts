import { conditionsOf } from "../args/targets";
import type { InspectionRuleArgs, TargetArgs } from "../args/targets";
import type { PathNormalization } from "../settings/pathNormalization";

/**
 * What a client can write so that the conditions of a target keep its request from the agent, one line for each, for
 * summaries. Nothing where one rule takes every request.
 */
export function clientChoices(target: TargetArgs, normalization: PathNormalization): string[] {
  const choices = narrowingRules(target).flatMap((rule) => choicesOf(rule, normalization));
  return [...new Set(choices)].map((choice) => `target ${target.name}: ${choice}`);
}

/**
 * What is said of a mesh in which Envoy leaves paths as they are: a client then writes any path so that a condition on
 * paths takes it for another one.
 */
export function normalizationWarnings(
  targets: readonly TargetArgs[],
  normalization: PathNormalization,
): string[] {
  if (normalization !== "NONE") {
    return [];
  }
  return targets.flatMap((target) => {
    const [example] = narrowingRules(target).flatMap(({ paths = [], notPaths = [] }) => [
      ...notPaths.filter(isPattern).flatMap((pattern) => disguises(pattern, normalization)[0] ?? []),
      ...paths.filter((path) => !path.startsWith("*")).map((path) => `/x/..${path.replace(/\*$/, "x")}`),
    ]);
    return example === undefined
      ? []
      : [
          `target ${target.name}: pathNormalization of the mesh config is NONE, so Envoy compares a path as the client ` +
            `writes it, and a request such as ${example} passes uninspected. Set it to BASE or stronger, or let the ` +
            "target inspect all paths.",
        ];
  });
}

/**
 * What an exclusion of paths opens beyond them; undefined when all are exact. What Envoy leaves as it is before it
 * compares, applications may decode: `%2f`, `%5c`, path parameters, and with `NONE` also `/../`.
 */
export function openedBy(paths: readonly string[], normalization: PathNormalization): string | undefined {
  const patterns = paths.filter(isPattern);
  const [first] = patterns;
  if (first === undefined) {
    return undefined;
  }
  const examples = disguises(first, normalization).join(" or ");
  return `what the application reads as another path among ${patterns.join(", ")}, such as ${examples}`;
}

/** The rules of a target; none where one takes every request. */
function narrowingRules(target: TargetArgs): readonly InspectionRuleArgs[] {
  const rules = target.rules ?? [conditionsOf(target)];
  return rules.some(takesEverything) ? [] : rules;
}

function isPattern(path: string): boolean {
  return /[*{]/.test(path);
}

function takesEverything(rule: InspectionRuleArgs): boolean {
  return Object.values(rule).every((condition: unknown) => condition === undefined);
}

function choicesOf(rule: InspectionRuleArgs, normalization: PathNormalization): string[] {
  const { paths, notPaths = [], hosts, notHosts, remoteIpBlocks, notRemoteIpBlocks, headers = [] } = rule;
  const forwarded = remoteIpBlocks ?? notRemoteIpBlocks;
  return [
    openedBy(notPaths, normalization),
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

/** How `/../` is written so that Envoy does not see it. */
const turns: Readonly<Record<PathNormalization, readonly string[]>> = {
  NONE: ["../", "..%2f"],
  BASE: ["..%2f", "..%5c"],
  MERGE_SLASHES: ["..%2f", "..%5c"],
  // Twice encoded, for applications that decode twice.
  DECODE_AND_MERGE_SLASHES: ["..%252f"],
};

/** Paths that fit a pattern, and are others to an application that reads more into them than Envoy. */
function disguises(pattern: string, normalization: PathNormalization): string[] {
  if (pattern.startsWith("*")) {
    return [`/admin;${pattern.slice(1)}`];
  }
  // What stands for one segment holds no slash.
  const fitting = turns[normalization].filter((turn) => !pattern.includes("{*}") || !turn.endsWith("/"));
  return fitting.map((turn) => {
    const path = pattern.replace(/([^/])\*$/, "$1/*").replace(/\{\*{1,2}\}|\*$/, `${turn}admin`);
    return path.replaceAll(/\{\*{1,2}\}/g, "x");
  });
}
