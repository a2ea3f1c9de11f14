import Table from "cli-table3";
import type { Sample, Samples, Traffic, Variant } from "./measure";
import { formatSpread, spreadOf } from "./statistics";

/** Ours against the guide's, both above the same proxy without an agent. */
export interface Comparison {
  readonly title: string;
  readonly none: Variant;
  readonly guide: Variant;
  readonly ours: Variant;
}

const milliseconds = ["p50", "p90", "p99"] as const;

/** One table for each traffic, one line for each variant: median of the rounds, lowest and highest. */
export function variantTables(samples: Samples): string {
  const traffics = [...([...samples.values()][0]?.keys() ?? [])];
  return traffics.map((traffic) => `${traffic.title}\n${variantTable(samples, traffic)}`).join("\n\n");
}

function variantTable(samples: Samples, traffic: Traffic): string {
  const table = new Table({
    head: ["", "p50 ms", "p90 ms", "p99 ms", "req/s", "CPU s/1000", "inspected %", "not 200 %"],
    style: { head: [], border: [], compact: true },
  });
  for (const [variant, byTraffic] of samples) {
    const rounds = byTraffic.get(traffic) ?? [];
    const column = (value: (sample: Sample) => number, digits: number): string =>
      formatSpread(spreadOf(rounds.map(value)), digits);
    table.push([
      variant.title,
      ...milliseconds.map((name) => column((sample) => sample[name], 2)),
      column((sample) => sample.requestsPerSecond, 0),
      column((sample) => sample.cpuPer1000, 3),
      column((sample) => sample.inspected * 100, 2),
      column((sample) => sample.failed * 100, 2),
    ]);
  }
  return table.toString();
}

/** What ours adds as a multiple of what the guide's adds, round by round; below 1 is better than the guide. */
export function comparisonTable(samples: Samples, comparisons: readonly Comparison[]): string {
  const table = new Table({
    head: ["added, ours / guide's", "traffic", "p50", "p90", "p99", "CPU"],
    style: { head: [], border: [], compact: true },
  });
  for (const comparison of comparisons) {
    for (const traffic of samples.get(comparison.ours)?.keys() ?? []) {
      const column = (value: (sample: Sample) => number): string =>
        formatSpread(spreadOf(ratios(samples, comparison, traffic, value)));
      table.push([
        comparison.title,
        traffic.title,
        ...milliseconds.map((name) => column((sample) => sample[name])),
        column((sample) => sample.cpuPer1000),
      ]);
    }
  }
  return table.toString();
}

function ratios(
  samples: Samples,
  { none, guide, ours }: Comparison,
  traffic: Traffic,
  value: (sample: Sample) => number,
): number[] {
  const of = (variant: Variant): number[] => (samples.get(variant)?.get(traffic) ?? []).map(value);
  const [base, theirs] = [of(none), of(guide)];
  return of(ours).map(
    (one, round) => (one - (base[round] ?? NaN)) / ((theirs[round] ?? NaN) - (base[round] ?? NaN)),
  );
}
