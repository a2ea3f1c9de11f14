/** The middle of some numbers, and how far they reach. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Median, lowest and highest of some numbers.
 *
 * @throws Error when there is none
 */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = ascending(values);
  return { median: medianOf(sorted), low: at(sorted, 0), high: at(sorted, sorted.length - 1) };
}

/** `1.23 (1.10..1.40)`, and only `1.23` when all numbers look alike. */
export function formatSpread({ median, low, high }: Spread, digits: number): string {
  const [middle, from, to] = [median, low, high].map((value) => value.toFixed(digits));
  return from === to ? String(middle) : `${String(middle)} (${String(from)}..${String(to)})`;
}

/** What paired measurements say about a ratio. */
export interface RatioEstimate {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The ratio of two things that were measured in pairs, and an interval for it: the Hodges-Lehmann estimate of the
 * ratios' logarithms with the interval that belongs to Wilcoxon's signed-rank test. Both need nothing but that a
 * pair could as well have been measured the other way round, and a stall in one round hardly moves them.
 *
 * @param ratios one for each pair
 * @param confidence of the interval, 0.95 for 95 %; with fewer than six pairs the interval holds all of them
 */
export function ratioOf(ratios: readonly number[], confidence: number): RatioEstimate {
  const logarithms = ratios.map(Math.log);
  const averages = ascending(
    logarithms.flatMap((one, index) => logarithms.slice(index).map((other) => (one + other) / 2)),
  );
  const outside = criticalValue(ratios.length, (1 - confidence) / 2);
  return {
    estimate: Math.exp(medianOf(averages)),
    low: Math.exp(at(averages, outside)),
    high: Math.exp(at(averages, averages.length - 1 - outside)),
  };
}

/** The largest sum of ranks which Wilcoxon's test of `pairs` reaches with at most this probability; 0 for none. */
function criticalValue(pairs: number, probability: number): number {
  // How many of the sets of ranks have each sum.
  let ways = [1];
  for (let rank = 1; rank <= pairs; rank += 1) {
    const before = ways;
    ways = Array.from(
      { length: before.length + rank },
      (_, sum) => (before[sum] ?? 0) + (before[sum - rank] ?? 0),
    );
  }
  let reached = 0;
  const beyond = ways.findIndex((count) => (reached += count) > probability * 2 ** pairs);
  return Math.max(0, beyond - 1);
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

function medianOf(sorted: readonly number[]): number {
  const last = sorted.length - 1;
  return (at(sorted, Math.floor(last / 2)) + at(sorted, Math.ceil(last / 2))) / 2;
}

function at(values: readonly number[], index: number): number {
  const value = values[index];
  if (value === undefined) {
    throw new Error("no values");
  }
  return value;
}
