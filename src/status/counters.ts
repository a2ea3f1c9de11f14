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
  const add = (key: string, value: string | undefined): void => {
    sums[key] = (sums[key] ?? 0) + Number(value ?? 0);
  };
  for (const line of text.split("\n")) {
    const [, outcome = "", count] = check.exec(line) ?? [];
    if (count !== undefined) {
      add(outcome, count);
    }
    const bySelection = selected.exec(line)?.[1];
    if (bySelection !== undefined) {
      add("selected", bySelection);
    }
    const served = requests.exec(line)?.[1];
    if (served !== undefined) {
      add("served", served);
    }
  }
  const { ok = 0, denied = 0, error = 0 } = sums;
  const isExact = ["ok", "denied", "error"].some((key) => key in sums);
  if (!isExact && sums.selected === undefined) {
    return undefined;
  }
  return {
    checked: isExact ? ok + denied + error : (sums.selected ?? 0),
    blocked: denied,
    passed: ok,
    failed: error,
    isExact,
    served: sums.served,
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
