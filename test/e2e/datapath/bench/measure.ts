import { setTimeout as delay } from "node:timers/promises";
import { addresses, ports } from "../addresses";
import type { LoadOptions } from "../client";
import type { Rig } from "../rig";
import { Exchange, type Variant } from "./exchange";

/** One way of sending requests. */
export interface Traffic extends Pick<LoadOptions, "concurrency" | "rate" | "burstEveryMs" | "durationMs"> {
  readonly title: string;
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
}

/** How long to measure. */
export interface Limit {
  readonly rounds: number;
  /** No round starts when the next one would probably end after this. Two rounds are made in any case. */
  readonly seconds: number;
}

/** Every sample, by variant and traffic; the rounds in their order. */
export type Samples = ReadonlyMap<Variant, ReadonlyMap<Traffic, Sample[]>>;

const url = `http://${addresses.workload}:${ports.http}/plain`;

/**
 * Measures all variants with all traffics, round by round. Variants of one group follow each other, so that what
 * is compared is measured at nearly the same time; groups and their members change places from round to round.
 *
 * @param say gets a line of progress
 */
export async function measure(
  rig: Rig,
  groups: readonly (readonly Variant[])[],
  traffics: readonly Traffic[],
  limit: Limit,
  say: (line: string) => void,
): Promise<Samples> {
  const empty = (): Map<Traffic, Sample[]> => new Map(traffics.map((traffic) => [traffic, []]));
  const samples = new Map(groups.flat().map((variant) => [variant, empty()]));
  const exchange = await Exchange.of(rig, groups.flat());
  const started = Date.now();
  for (let round = 0; round < limit.rounds && !isOver(round, started, limit); round += 1) {
    for (const variant of orderOf(groups, round)) {
      say(`round ${round + 1} of ${limit.rounds}: ${variant.title}`);
      await exchange.to(variant);
      // Connections and caches warm up outside the measure.
      await rig.clients.load({ url, concurrency: 64, durationMs: 300 }).done;
      for (const traffic of traffics) {
        samples
          .get(variant)
          ?.get(traffic)
          ?.push(await sample(rig, exchange.cluster, traffic));
      }
    }
  }
  await exchange.end();
  return samples;
}

function isOver(round: number, started: number, limit: Limit): boolean {
  if (round < 2) return false;
  const elapsed = (Date.now() - started) / 1000;
  return elapsed + elapsed / round > limit.seconds;
}

function orderOf(groups: readonly (readonly Variant[])[], round: number): Variant[] {
  const turned = [...groups.slice(round % groups.length), ...groups.slice(0, round % groups.length)];
  return turned.flatMap((group) => (round % 2 === 0 ? group : [...group].reverse()));
}

async function sample(rig: Rig, cluster: string | undefined, traffic: Traffic): Promise<Sample> {
  await rig.app.reset();
  const before = await state(rig, cluster);
  const { concurrency, rate, burstEveryMs, durationMs } = traffic;
  const result = await rig.clients.load({ url, concurrency, rate, burstEveryMs, durationMs }).done;
  const after = await state(rig, cluster);
  const arrivals = await rig.app.arrivals();
  // What was still under way when the load ended is not to disturb the next one.
  await delay(100);
  const percent = (count: number): number => (100 * count) / result.requests;
  return {
    ...result.latencyMs,
    requestsPerSecond: result.requests / result.seconds,
    cpu: ((after.cpu - before.cpu) / result.requests) * 1000,
    inspected: (100 * arrivals.inspected) / arrivals.requests,
    overflowed: percent(after.overflowed - before.overflowed),
    timedOut: percent(after.timedOut - before.timedOut),
    failed: percent(result.requests - (result.outcomes["200"] ?? 0)),
  };
}

/** What Envoy has counted so far. */
async function state(
  rig: Rig,
  cluster: string | undefined,
): Promise<{ cpu: number; overflowed: number; timedOut: number }> {
  const cpu = rig.envoy.cpuSeconds();
  if (cluster === undefined) return { cpu, overflowed: 0, timedOut: 0 };
  const [overflowed, timedOut] = [
    await rig.envoy.clusterCounter(cluster, /upstream_rq_(?:pending|active)_overflow/),
    await rig.envoy.clusterCounter(cluster, /upstream_rq_timeout/),
  ];
  return { cpu, overflowed, timedOut };
}
