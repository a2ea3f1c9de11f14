import { setTimeout as delay } from "node:timers/promises";
import { addresses, ports } from "../addresses";
import type { LoadOptions, LoadResult } from "../client";
import type { Rig } from "../rig";
import type { Scenario } from "../scenario";

/** One configuration to be measured; no scenario means no agent in the mesh. */
export interface Variant {
  readonly title: string;
  readonly scenario?: Scenario;
}

/** One way of sending requests. */
export interface Traffic {
  readonly title: string;
  readonly concurrency: number;
  /** Requests a second in all. Default: as fast as answers come. */
  readonly rate?: number;
  readonly durationMs: number;
  /** Pause of the agent before each answer in milliseconds. Default 0. */
  readonly agentDelayMs?: number;
}

/** What one traffic gave under one variant in one round. */
export interface Sample {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly requestsPerSecond: number;
  /** CPU seconds of the proxy for 1,000 requests. */
  readonly cpuPer1000: number;
  /** Share of the requests which reached the app that the agent had seen, 0 to 1. */
  readonly inspected: number;
  /** Share of the requests that were not answered with 200. */
  readonly failed: number;
}

/** Every sample, by variant and traffic. */
export type Samples = ReadonlyMap<Variant, ReadonlyMap<Traffic, Sample[]>>;

const url = `http://${addresses.workload}:${ports.http}/plain`;

/**
 * Measures all variants with all traffics, round by round, each round in another order so that a drift of the
 * machine hits all of them alike.
 *
 * @param say gets a line of progress
 */
export async function measure(
  rig: Rig,
  variants: readonly Variant[],
  traffics: readonly Traffic[],
  rounds: number,
  say: (line: string) => void,
): Promise<Samples> {
  const samples = new Map(
    variants.map((variant) => [variant, new Map(traffics.map((one) => [one, [] as Sample[]]))]),
  );
  for (let round = 0; round < rounds; round += 1) {
    const order = variants.map((_, index) => variants[(index + round) % variants.length]);
    for (const variant of order) {
      if (variant === undefined) continue;
      say(`round ${round + 1} of ${rounds}: ${variant.title}`);
      await withVariant(rig, variant, async () => {
        for (const traffic of traffics)
          samples
            .get(variant)
            ?.get(traffic)
            ?.push(await sample(rig, traffic));
      });
    }
  }
  return samples;
}

async function withVariant(rig: Rig, { scenario }: Variant, work: () => Promise<void>): Promise<void> {
  await rig.reset();
  if (scenario !== undefined) await rig.apply(scenario);
  // Connections and caches warm up outside the measure.
  await rig.clients.load({ url, concurrency: 64, durationMs: 300 }).done;
  await work();
  await rig.reset();
  if (scenario !== undefined) await rig.remove(scenario);
}

async function sample(rig: Rig, traffic: Traffic): Promise<Sample> {
  await rig.agent.behave({ delayMs: traffic.agentDelayMs });
  await rig.app.reset();
  const before = rig.envoy.cpuSeconds();
  const result = await rig.clients.load(loadOf(traffic)).done;
  const cpu = rig.envoy.cpuSeconds() - before;
  const arrivals = await rig.app.arrivals();
  // What was still under way when the load ended is not to disturb the next one.
  await delay(100);
  return {
    ...result.latencyMs,
    requestsPerSecond: result.requests / result.seconds,
    cpuPer1000: (cpu / result.requests) * 1000,
    inspected: arrivals.inspected / arrivals.requests,
    failed: 1 - okShare(result),
  };
}

function loadOf({ concurrency, rate, durationMs }: Traffic): LoadOptions {
  return { url, concurrency, durationMs, ...(rate === undefined ? {} : { rate }) };
}

function okShare({ outcomes, requests }: LoadResult): number {
  return (outcomes["200"] ?? 0) / requests;
}
