/** What the proxies of a workload have counted since they started. */
export interface RequestCounters {
  /** Requests about which the agent was asked. */
  readonly checked: number;
  /** Those that it refused. */
  readonly blocked: number;
  /** Those that it let through. */
  readonly passed: number;
  /** Those about which it gave no answer. */
  readonly failed: number;
  /** Whether the proxies expose the counters of the check itself; else `checked` is what their policy selected. */
  readonly isExact: boolean;
}

// A filter with a prefix of its own counts under that prefix only. The dry run of a policy's rules is no answer.
const check =
  /^envoy_http_(?!\w*rbac_istio_ext_authz_)(?:\w+_)?ext_authz_(?:\w+_)?(ok|denied|error)\{[^}]*\} (\d+)/;
const processed =
  /^envoy_http_(?:\w+_)?ext_proc_(?:\w+_)?(streams_started|immediate_responses_sent|streams_failed|message_timeouts|failure_mode_allowed)\{[^}]*\} (\d+)/;
const selected = /^envoy_http_(?:\w+_)?rbac_istio_ext_authz_(?:\w*denied\{|[^}]*="denied")[^}]*\} (\d+)/;
const requests = /^istio_requests_total\{[^}]*reporter="(?:destination|waypoint)"[^}]*\} (\d+)/;

/** What one proxy has counted. */
export interface ProxyCounters extends RequestCounters {
  /** Requests that it has served; undefined when it does not say. */
  readonly served: number | undefined;
}

/**
 * Reads the counters from what a proxy prints for Prometheus.
 *
 * @returns undefined when it exposes none: by Istio's default those of an EnvoyFilter's check are left out.
 */
export function readCounters(text: string): ProxyCounters | undefined {
  const sums: Record<string, number> = {};
  for (const line of text.split("\n")) {
    const [key, value] = countIn(line) ?? [];
    if (key !== undefined) {
      sums[key] = (sums[key] ?? 0) + Number(value);
    }
  }
  const exact = withProcessing(sums);
  const isExact = ["ok", "denied", "error", "streams_started"].some((key) => key in sums);
  if (!isExact && sums.selected === undefined) {
    return undefined;
  }
  const { blocked, passed, failed } = exact;
  return {
    ...exact,
    checked: isExact ? blocked + passed + failed : (sums.selected ?? 0),
    isExact,
    served: sums.served,
  };
}

/** What a line counts, and how much. */
function countIn(line: string): [key: string, value: string] | undefined {
  const [, counter, count] = check.exec(line) ?? processed.exec(line) ?? [];
  if (counter !== undefined && count !== undefined) {
    return [counter, count];
  }
  const bySelection = selected.exec(line)?.[1];
  const served = requests.exec(line)?.[1];
  return bySelection !== undefined
    ? ["selected", bySelection]
    : served === undefined
      ? undefined
      : ["served", served];
}

/** Both kinds of filters together. One that fails closed counts a refusal for want of an answer as an answer of the agent. */
function withProcessing(
  sums: Readonly<Record<string, number>>,
): Pick<RequestCounters, "blocked" | "passed" | "failed"> {
  const of = (name: string): number => sums[name] ?? 0;
  const unanswered = of("streams_failed") + of("message_timeouts");
  const blocked = of("immediate_responses_sent") - (unanswered - of("failure_mode_allowed"));
  return {
    blocked: of("denied") + blocked,
    passed: of("ok") + of("streams_started") - blocked - unanswered,
    failed: of("error") + unanswered,
  };
}

/** The counters of several proxies together. */
export function sumOf(counters: readonly ProxyCounters[]): ProxyCounters {
  const sum = (key: "checked" | "blocked" | "passed" | "failed"): number =>
    counters.reduce((total, one) => total + one[key], 0);
  const served = counters.flatMap((one) => one.served ?? []);
  return {
    checked: sum("checked"),
    blocked: sum("blocked"),
    passed: sum("passed"),
    failed: sum("failed"),
    isExact: counters.every(({ isExact }) => isExact),
    served: served.length === 0 ? undefined : served.reduce((total, one) => total + one, 0),
  };
}
