import { at, listAt, textAt } from "./liveObject";
import { isRecord } from "../pulumi/inputs";

/** A filter that asks an agent about requests. */
export type CheckFilter = "ext_authz" | "ext_proc";

/** What an HTTP filter asks an agent, and about which requests. */
export interface ExternalCheck {
  readonly filter: CheckFilter;
  /** The cluster that it asks. */
  readonly cluster: string;
  /** Whether a request passes when that does not answer. */
  readonly failOpen: boolean;
  /** Whether a request passes whatever that answers, and whether it answers. */
  readonly observed: boolean;
  /** Share of the requests, drawn at random. */
  readonly percent: number;
  /** Whether it asks about those only that a condition or a filter before it selects. */
  readonly isSelective: boolean;
  /** Whether request bodies are sent along, as a whole or in part. */
  readonly sendsBodies: boolean;
  /** Names of the fields of its configuration that are not at their default. */
  readonly fields: readonly string[];
  /** Its configuration. */
  readonly config: unknown;
}

/** The filters by their names, which are canonical in istiod and in this package. */
export const checkFilters: Readonly<Record<string, CheckFilter>> = {
  "envoy.filters.http.ext_authz": "ext_authz",
  "envoy.filters.http.ext_proc": "ext_proc",
};

/**
 * The checks of an HTTP filter: one, or for external processing that depends on the request one for each case.
 *
 * @param filter - As istiod prints it, or as an EnvoyFilter writes it once its names are {@link camelCased}.
 */
export function checksOf(filter: unknown): ExternalCheck[] {
  const kind = checkFilters[textAt(filter, "name") ?? ""];
  const config = at(filter, "typedConfig");
  if (kind === undefined) {
    return [];
  }
  return at(config, "xdsMatcher") === undefined
    ? [checkOf(kind, config, at(config, "filterEnabled"))]
    : matchedActions(at(config, "xdsMatcher")).flatMap(({ action, isSelective }) => {
        const execute = at(action, "typedConfig");
        const inner = at(execute, "typedConfig");
        const check = checkOf(kind, at(inner, "typedConfig"), at(execute, "samplePercent"));
        return inner === undefined ? [] : [{ ...check, isSelective }];
      });
}

/**
 * Whether a check asks an agent of this kind: external authorization is taken for one, external processing has other
 * uses, and is known by the agent's name or its port.
 */
export function asksAgent({ filter, cluster }: ExternalCheck): boolean {
  return filter === "ext_authz" || /sigsci|(?:^|\D)9999(?:\D|$)/.test(cluster);
}

/** What each filter that the spec of an EnvoyFilter inserts asks an agent. */
export function insertedChecks(spec: unknown): ExternalCheck[] {
  return insertions(spec).flatMap(({ checks }) => checks);
}

/** The proxies that ask an agent by the spec of an EnvoyFilter: its contexts, each once. */
export function checkedContexts(spec: unknown): string[] {
  const patches = insertions(spec).filter(({ checks }) => checks.length > 0);
  return [...new Set(patches.map(({ context }) => context))];
}

function insertions(spec: unknown): { context: string; checks: ExternalCheck[] }[] {
  return listAt(spec, "configPatches")
    .filter(
      (patch) =>
        at(patch, "applyTo") === "HTTP_FILTER" &&
        !["MERGE", "REMOVE"].includes(textAt(patch, "patch", "operation") ?? ""),
    )
    .map((patch) => ({
      context: textAt(patch, "match", "context") ?? "ANY",
      checks: checksOf(camelCased(at(patch, "patch", "value"))).filter(asksAgent),
    }));
}

/** Whether the spec of an EnvoyFilter keeps the checks of others from blocking, as it does for an observed policy. */
export function mergesShadow(spec: unknown): boolean {
  return listAt(spec, "configPatches")
    .filter((patch) => textAt(patch, "patch", "operation") === "MERGE")
    .flatMap((patch) => checksOf(camelCased(at(patch, "patch", "value"))))
    .some(({ observed }) => observed);
}

function checkOf(filter: CheckFilter, config: unknown, share: unknown): ExternalCheck {
  const service = at(config, "grpcService");
  return {
    filter,
    cluster:
      textAt(service, "envoyGrpc", "clusterName") ??
      textAt(service, "googleGrpc", "targetUri") ??
      textAt(config, "httpService", "serverUri", "cluster") ??
      "",
    failOpen: at(config, "failureModeAllow") === true,
    observed: at(config, "shadowMode") === true || at(config, "observabilityMode") === true,
    percent: share === undefined ? 100 : percentOf(share),
    isSelective: at(config, "filterEnabledMetadata") !== undefined,
    sendsBodies:
      filter === "ext_proc"
        ? (textAt(config, "processingMode", "requestBodyMode") ?? "NONE") !== "NONE"
        : at(config, "withRequestBody") !== undefined,
    fields: [
      ...setFields(config),
      ...(share !== undefined && filter === "ext_proc" ? ["samplePercent"] : []),
    ],
    config,
  };
}

/** istiod prints nothing for a value that is the default of its type. */
function setFields(config: unknown): string[] {
  return Object.entries(isRecord(config) ? config : {})
    .filter(([, value]) => value !== false && value !== 0 && value !== "")
    .map(([name]) => name);
}

interface MatchedAction {
  readonly action: unknown;
  readonly isSelective: boolean;
}

/** The actions of a matcher. A WebSocket among all requests is none that a condition of the target selects. */
function matchedActions(matcher: unknown): MatchedAction[] {
  const last = at(matcher, "onNoMatch", "action");
  const conditional = listAt(matcher, "matcherList", "matchers").map((one) => ({
    action: at(one, "onMatch", "action"),
    isSelective: last === undefined || readsMetadata(at(one, "predicate")),
  }));
  return [...conditional, ...(last === undefined ? [] : [{ action: last, isSelective: false }])];
}

function readsMetadata(predicate: unknown): boolean {
  const input = textAt(predicate, "singlePredicate", "input", "typedConfig", "@type") ?? "";
  return (
    input.endsWith(".DynamicMetadataInput") ||
    ["andMatcher", "orMatcher"].some((kind) => listAt(predicate, kind, "predicate").some(readsMetadata))
  );
}

const denominators: Readonly<Record<string, number>> = {
  HUNDRED: 100,
  TEN_THOUSAND: 10_000,
  MILLION: 1_000_000,
};

/** Percent of a `RuntimeFractionalPercent`. */
function percentOf(fraction: unknown): number {
  const share = at(fraction, "defaultValue");
  // Numbers that are zero, and the first value of an enum, need not be written.
  const denominator = denominators[textAt(share, "denominator") ?? "HUNDRED"] ?? 100;
  const percent = (Number(at(share, "numerator") ?? 0) / denominator) * 100;
  return Number.isNaN(percent) ? 0 : Number(percent.toFixed(4));
}

/** The value with the names of its fields as istiod prints them; an EnvoyFilter may write them in either way. */
export function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(camelCased);
  }
  return isRecord(value)
    ? Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [
          name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
          camelCased(inner),
        ]),
      )
    : value;
}
