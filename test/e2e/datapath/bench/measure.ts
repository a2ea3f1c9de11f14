import { setTimeout as delay } from "node:timers/promises";
import { addresses, ports } from "../addresses";
import type { LoadOptions } from "../client";
import type { Rig } from "../rig";
import { Exchange } from "./exchange";
import { busyPercent, processorTime } from "./machine";
import type { Variant } from "./variants";

/** One way of sending requests. */
export interface Traffic extends Pick<LoadOptions, "concurrency" | "rate" | "burstEveryMs" | "durationMs"> {
  readonly title: string;
  /** Milliseconds that the app takes to answer, by a timer. Default 0. */
  readonly appMs?: number;
  /** Milliseconds that the agent takes to answer, by a timer. Default 0. */
  readonly agentMs?: number;
}

/** What one traffic gave under one variant in one round. */
export interface Sample {
  /** Milliseconds. */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly requestsPerSecond: number;
  /** CPU milliseconds of the proxy for each request, which is seconds for 1,000 requests. */
  readonly cpu: number;
  /** Percentage of the requests which reached the app that the agent had seen. */
  readonly inspected: number;
  /** Percentage of the requests whose check met a limit on concurrent checks. */
  readonly overflowed: number;
  /** Percentage of the requests whose check took longer than the timeout. */
  readonly timedOut: number;
  /** Percentage of the requests that were not answered with 200. */
  readonly failed: number;
  /** Checks in the agent's hands, and requests in the app's, at the same time at most. */
  readonly checksAtOnce: number;
  readonly requestsAtOnce: number;
  /** Percentage of the whole machine's CPU time that was used, by whomever. */
  readonly busy: number;
}

/** How long to measure. */
export interface Limit {
  readonly rounds: number;
  /** No round starts when the next one would probably end after this. Two rounds are made in any case. */
  readonly seconds: number;
}

/** Every sample, by variant and traffic; the rounds in their order. */
export type Samples = ReadonlyMap<Variant, ReadonlyMap<Traffic, Sample[]>>;

/**
 * Measures all variants with all traffics, round by round. What is compared follows each other within a round, so
 * that it is measured at nearly the same time, and changes places from round to round.
 *
 * @param say gets a line of progress
 */
export async function measure(
  rig: Rig,
  variants: readonly Variant[],
  traffics: readonly Traffic[],
  limit: Limit,
  say: (line: string) => void,
): Promise<Samples> {
  const empty = (): Map<Traffic, Sample[]> => new Map(traffics.map((traffic) => [traffic, []]));
  const samples = new Map(variants.map((variant) => [variant, empty()]));
  const exchange = await Exchange.of(rig, variants);
  const started = Date.now();
  for (let round = 0; round < limit.rounds && !isOver(round, started, limit); round += 1) {
    for (const variant of round % 2 === 0 ? variants : [...variants].reverse()) {
      say(`round ${round + 1} of ${limit.rounds}: ${variant.title}`);
      await exchange.to(variant);
      // Connections and caches warm up outside the measure.
      await rig.clients.load({ url: urlOf({}), concurrency: 64, durationMs: 250 }).done;
      for (const traffic of traffics) {
        const one = await sample(rig, exchange.cluster, traffic);
        samples.get(variant)?.get(traffic)?.push(one);
      }
    }
  }
  await exchange.end();
  return samples;
}

/** The samples of one traffic under one variant. */
export function roundsOf(samples: Samples, variant: Variant, traffic: Traffic): readonly Sample[] {
  return samples.get(variant)?.get(traffic) ?? [];
}

function isOver(round: number, started: number, limit: Limit): boolean {
  if (round < 2) {
    return false;
  }
  const elapsed = (Date.now() - started) / 1000;
  return elapsed + elapsed / round > limit.seconds;
}

function urlOf({ appMs }: Pick<Traffic, "appMs">): string {
  return `http://${addresses.workload}:${ports.http}/${appMs === undefined ? "plain" : `after/${appMs}`}`;
}

async function sample(rig: Rig, cluster: string | undefined, traffic: Traffic): Promise<Sample> {
  const { concurrency, rate, burstEveryMs, durationMs, agentMs = 0 } = traffic;
  await rig.agent.behave({ delayMs: agentMs });
  await rig.app.reset();
  await rig.agent.reset();
  const before = await state(rig, cluster);
  const url = urlOf(traffic);
  const result = await rig.clients.load({ url, concurrency, rate, burstEveryMs, durationMs }).done;
  const after = await state(rig, cluster);
  const [arrivals, checks] = [await rig.app.arrivals(), await rig.agent.counts()];
  // What was still under way when the load ended is not to disturb the next one.
  await delay(50);
  const percent = (count: number): number => (100 * count) / result.requests;
  return {
    ...result.latencyMs,
    requestsPerSecond: result.requests / result.seconds,
    cpu: ((after.cpu - before.cpu) / result.requests) * 1000,
    inspected: (100 * arrivals.inspected) / arrivals.requests,
    overflowed: percent(after.overflowed - before.overflowed),
    timedOut: percent(after.timedOut - before.timedOut + increase(before.late, after.late)),
    failed: percent(result.requests - (result.outcomes["200"] ?? 0)),
    checksAtOnce: checks.mostAtOnce,
    requestsAtOnce: arrivals.mostAtOnce,
    busy: busyPercent(before.processors, after.processors),
  };
}

/** What counters have gained; those that are gone have gained nothing. */
function increase(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number {
  return [...after].reduce((sum, [name, count]) => sum + count - (before.get(name) ?? 0), 0);
}

/** What Envoy and the kernel have counted so far. */
async function state(
  rig: Rig,
  cluster: string | undefined,
): Promise<{
  cpu: number;
  overflowed: number;
  timedOut: number;
  late: ReadonlyMap<string, number>;
  processors: ReturnType<typeof processorTime>;
}> {
  const counter = async (name: RegExp): Promise<number> =>
    cluster === undefined ? 0 : rig.envoy.clusterCounter(cluster, name);
  return {
    overflowed: await counter(/upstream_rq_(?:pending|active)_overflow/),
    timedOut: await counter(/upstream_rq_timeout/),
    late: await rig.envoy.lateMessages(),
    cpu: rig.envoy.cpuSeconds(),
    processors: processorTime(),
  };
}
