import type { KubeConfig } from "@kubernetes/client-node";
import { nameOf, namespaceOf, textAt, type LiveObject } from "../kubernetes/liveObject";
import { PortForward } from "../kubernetes/portForward";
import { RequestFailure } from "../kubernetes/requestFailure";
import { readCounters, sumOf, type ProxyCounters } from "./counters";
import { inParallel } from "./inParallel";
import { proxyId } from "./judgeWorkload";

/** The counters of the proxies that could be read. */
export interface CountersRead {
  /** The sum for some proxies, by `<pod>.<namespace>`; undefined when none of them was read. */
  readonly sumOf: (ids: readonly string[]) => ProxyCounters | undefined;
  readonly problems: readonly string[];
}

const atOnce = 8;
const timeoutMs = 10_000;
// Source: Istio, pilot-agent's own port for Prometheus.
const statsPort = 15_020;

/** Reads the counters of the proxies of some pods, each from its own port. */
export async function readAllCounters(
  config: KubeConfig,
  pods: readonly LiveObject[],
  progress: (text: string) => void,
): Promise<CountersRead> {
  const distinct = [...new Map(pods.map((pod) => [proxyId(pod), pod])).values()];
  const found = new Map<string, ProxyCounters>();
  const problems: string[] = [];
  let silent = 0;
  await inParallel(distinct, atOnce, async (pod) => {
    try {
      const counters = await countersOf(config, pod);
      if (counters === undefined) {
        silent += 1;
      } else {
        found.set(proxyId(pod), counters);
      }
    } catch (error) {
      if (!(error instanceof RequestFailure)) {
        throw error;
      }
      problems.push(error.message);
    }
    progress(`read the counters of ${found.size} of ${distinct.length} proxies`);
  });
  const [first] = problems;
  return {
    sumOf: (ids) => {
      const counters = [...new Set(ids)].flatMap((id) => found.get(id) ?? []);
      return counters.length === 0 ? undefined : sumOf(counters);
    },
    problems: [
      ...(first === undefined
        ? []
        : [`the counters of ${problems.length} proxies could not be read: ${first}`]),
      ...(silent === 0
        ? []
        : [`proxies that expose no counters of their checks, see docs/metrics.md: ${silent}`]),
    ],
  };
}

async function countersOf(config: KubeConfig, pod: LiveObject): Promise<ProxyCounters | undefined> {
  const target = { namespace: namespaceOf(pod), pod: nameOf(pod), port: statsPort };
  const forward = await PortForward.open(config, target);
  try {
    const response = await fetch(`${forward.url}/stats/prometheus`, {
      signal: AbortSignal.timeout(timeoutMs),
    });
    return readCounters(await response.text());
  } catch (error) {
    throw forward.explain(
      `${target.namespace}/${target.pod} does not answer (${textAt(error, "name") ?? ""})`,
    );
  } finally {
    forward.close();
  }
}
