import { Enforcement } from "../args/integration";
import { endedCounter, ofAskingPods, proxies, series } from "./series";
import type { Watched } from "./watched";

/** What may come of a check; `uninspected` are those of the errors that were let through. */
export type CheckResult = "ok" | "denied" | "error" | "uninspected";

/** What is made of a counter, such as its rate. */
type Reading = (counter: string) => string;

/** Names of counters, by the sign with which they make up a number. */
interface Terms {
  plus: readonly string[];
  minus?: readonly string[];
}

/** Streams that ended without an answer: broken, or too late. Source: measured with Envoy 1.40. */
const unanswered = ["streams_failed", "message_timeouts"];

/** Whether the filter is one of external processing. */
export function isProcessing({ enforcement }: Watched): boolean {
  return enforcement === Enforcement.ExternalProcessing;
}

/** The counters of the filter that make up a result. */
function termsOf(watched: Watched, result: CheckResult | "all"): Terms {
  if (!isProcessing(watched)) {
    return {
      all: { plus: ["ok", "denied", "error"] },
      ok: { plus: ["ok"] },
      denied: { plus: ["denied"] },
      error: { plus: ["error"] },
      uninspected: { plus: ["failure_mode_allowed"] },
    }[result];
  }
  const blocked = "immediate_responses_sent";
  // Failing closed, Envoy answers in place of the agent, and counts it as the agent's answer.
  const [refused, passed] = watched.failOpen ? [[], unanswered] : [unanswered, []];
  return {
    all: { plus: ["streams_started"] },
    ok: { plus: ["streams_started"], minus: [blocked, ...passed] },
    denied: { plus: [blocked], minus: refused },
    error: { plus: unanswered },
    uninspected: { plus: ["failure_mode_allowed"] },
  }[result];
}

function combined(watched: Watched, result: CheckResult | "all", reading: Reading): string {
  const { plus, minus = [] } = termsOf(watched, result);
  const read = (names: readonly string[]): string[] =>
    names.map((name) => reading(checkCounter(watched, name)));
  const all = [read(plus).join(" + "), ...read(minus)].join(" - ");
  return plus.length + minus.length === 1 ? all : `(${all})`;
}

/** A counter of the filter that asks the agent. */
function checkCounter(watched: Watched, counter: string): string {
  const prefix = watched.statPrefix === undefined ? "" : `${watched.statPrefix.replaceAll(/\W/g, "_")}_`;
  const filter = isProcessing(watched) ? "ext_proc" : "ext_authz";
  return series(`envoy_http_${filter}_${prefix}${counter}`, ...proxies(watched));
}

/** Checks in a second of each listener, of this result. */
export function checkRates(watched: Watched, window: string, result: CheckResult | "all"): string {
  return combined(watched, result, (counter) => `rate(${counter}[${window}])`);
}

/** Checks of each namespace in a second, of this result. */
export function checkRate(watched: Watched, window: string, result: CheckResult | "all"): string {
  return `sum by (namespace) (${ofAskingPods(watched, checkRates(watched, window, result))})`;
}

/**
 * Requests that the agent blocked; undefined where nothing tells of them. An answer of external processing has no flag in
 * Istio's own metrics.
 */
export function blocked(watched: Watched, reading: Reading): string | undefined {
  const { failOpen, statusOnError, proxyStats } = watched;
  if (isProcessing(watched)) {
    return proxyStats ? combined(watched, "denied", reading) : undefined;
  }
  // A request that is refused for want of an answer is no block.
  return reading(endedCounter(watched, ...(failOpen ? [] : [`response_code!="${statusOnError}"`])));
}
