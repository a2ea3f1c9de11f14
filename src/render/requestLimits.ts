import { everyRequest } from "../enforcement/targetCoverage";
import type { ExternalCheck } from "../kubernetes/externalChecks";
import { isRecord } from "../pulumi/inputs";

/** Which of a workload's requests a policy covers. */
export interface RequestLimits {
  readonly coverage: "all" | "some" | "none";
  /** one line, for example `only /api/*, except /healthz` */
  readonly text: string;
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

// Field of an operation or a source, with what stands before its values.
const ONLY: readonly (readonly [string, string])[] = [
  ["hosts", "host "],
  ["ports", "port "],
  ["methods", ""],
  ["paths", ""],
  ["ipBlocks", "from "],
  ["remoteIpBlocks", "client "],
];

function values(source: Readonly<Record<string, unknown>>, negative: boolean): string[] {
  return ONLY.flatMap(([field, label]) => {
    const key = negative ? `not${field.charAt(0).toUpperCase()}${field.slice(1)}` : field;
    const found = list(source[key]);
    return found.length === 0 ? [] : [label + found.join(" ")];
  });
}

interface Condition {
  readonly only: readonly string[];
  readonly except: readonly string[];
}

const ALWAYS: Condition = { only: [], except: [] };

function conditionsOf(entries: unknown, field: string): Condition[] {
  if (!Array.isArray(entries) || entries.length === 0) {
    return [ALWAYS];
  }
  return entries.map((entry) => {
    const inner: unknown = isRecord(entry) ? entry[field] : undefined;
    return isRecord(inner) ? { only: values(inner, false), except: values(inner, true) } : ALWAYS;
  });
}

function headerConditions(entries: unknown): Condition {
  const conditions = Array.isArray(entries) ? entries.filter(isRecord) : [];
  const of = (field: string): string[] =>
    conditions.flatMap((condition) => {
      const found = list(condition[field]);
      return found.length === 0 ? [] : [`${String(condition.key)} ${found.join(" ")}`];
    });
  return { only: of("values"), except: of("notValues") };
}

/** One text for conditions of which any suffices; undefined if one of them always holds. */
function anyOf(conditions: readonly Condition[]): string | undefined {
  const texts = conditions.map(({ only, except }) => {
    const parts = [
      only.length > 0 ? `only ${only.join(", ")}` : "",
      except.length > 0 ? `except ${except.join(", ")}` : "",
    ];
    return parts.filter((part) => part !== "").join(", ");
  });
  return texts.includes("") ? undefined : [...new Set(texts)].join(" or ");
}

function ruleText(rule: Readonly<Record<string, unknown>>): string | undefined {
  const parts = [
    anyOf(conditionsOf(rule.to, "operation")),
    anyOf(conditionsOf(rule.from, "source")),
    anyOf([headerConditions(rule.when)]),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join("; ");
}

/** Puts the rules of an AuthorizationPolicy into words. They are alternatives; a policy without any matches nothing. */
export function describeRules(rules: unknown): RequestLimits {
  const found = Array.isArray(rules) ? rules.filter(isRecord) : [];
  if (found.length === 0) {
    return { coverage: "none", text: "no requests: the policy has no rules" };
  }
  const texts = found.map(ruleText);
  if (texts.includes(undefined)) {
    return { coverage: "all", text: "all requests" };
  }
  return { coverage: "some", text: [...new Set(texts)].join(" or ") };
}

const unnamed = "those that its conditions select";

/** What a target says of its requests, as alternatives; it leaves some out or picks some. */
function selectionText(requests: readonly string[]): string {
  const text = requests.join(" or ");
  return text === "" ? `only ${unnamed}` : text.startsWith("except ") ? text : `only ${text}`;
}

/**
 * Puts into words which requests the filters of an EnvoyFilter ask about.
 *
 * @param requests - What the target that it is for says of them; without, its conditions are not named.
 */
export function describeFilters(
  checks: readonly Pick<ExternalCheck, "percent" | "isSelective">[],
  requests: readonly string[] = [],
): RequestLimits {
  // Then they only tell apart what is checked in two ways.
  const takesAll = requests.includes(everyRequest);
  const most = (isSelective: boolean): number =>
    Math.max(
      0,
      ...checks
        .filter((check) => (check.isSelective && !takesAll) === isSelective)
        .map(({ percent }) => percent),
    );
  const [ofAll, ofSelected] = [most(false), most(true)];
  if (ofAll >= 100) {
    return { coverage: "all", text: "all requests" };
  }
  if (ofAll + ofSelected === 0) {
    return { coverage: "none", text: "0 % of requests" };
  }
  const select = selectionText(requests);
  const shares = [
    ...(ofAll > 0 ? [`${ofAll} % of requests`] : []),
    ...(ofSelected > 0 && ofSelected < 100 ? [`${ofSelected} % of requests, ${select}`] : []),
    ...(ofSelected >= 100 ? [ofAll > 0 ? select.replace(/^only /, "") : select] : []),
  ];
  return { coverage: "some", text: shares.join("; or ") };
}
