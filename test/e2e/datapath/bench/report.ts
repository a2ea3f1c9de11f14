import Table from "cli-table3";
import type { Variant } from "./exchange";
import type { Sample, Samples, Traffic } from "./measure";
import { formatSpread, spreadOf } from "./statistics";

/** Ours beside the guide's, measured right after each other. */
export interface Comparison {
  readonly title: string;
  readonly guide: Variant;
  readonly ours: Variant;
}

type Value = (sample: Sample) => number;

const costs: readonly (readonly [title: string, digits: number, value: Value])[] = [
  ["p50 ms", 2, ({ p50 }) => p50],
  ["p90 ms", 2, ({ p90 }) => p90],
  ["p99 ms", 2, ({ p99 }) => p99],
  ["CPU s/1000", 3, ({ cpu }) => cpu],
];

const effects: readonly (readonly [title: string, digits: number, value: Value])[] = [
  ["inspected %", 2, ({ inspected }) => inspected],
  ["over limit %", 2, ({ overflowed }) => overflowed],
  ["too late %", 2, ({ timedOut }) => timedOut],
  ["not 200 %", 2, ({ failed }) => failed],
  ["requests/s", 0, ({ requestsPerSecond }) => requestsPerSecond],
];

/** What the proxy without an agent costs, and what each variant adds to that, round by round. */
export function addedTable(samples: Samples, none: Variant, traffic: Traffic): string {
  const base = roundsOf(samples, none, traffic);
  const rows = [...samples.keys()].map((variant) => [
    variant === none ? `${none.title}: cost` : `${variant.title}: added`,
    ...costs.map(([, digits, value]) => {
      const rounds = roundsOf(samples, variant, traffic).map(value);
      const subtract = (one: number, round: number): number => one - valueAt(base, round, value);
      return formatSpread(spreadOf(variant === none ? rounds : rounds.map(subtract)), digits);
    }),
  ]);
  return tableOf([traffic.title, ...costs.map(([title]) => title)], rows);
}

/** Which requests the agent has seen, and why not all. */
export function effectTable(samples: Samples, traffic: Traffic): string {
  const rows = [...samples.keys()].map((variant) => [
    variant.title,
    ...effects.map(([, digits, value]) =>
      formatSpread(spreadOf(roundsOf(samples, variant, traffic).map(value)), digits),
    ),
  ]);
  return tableOf([traffic.title, ...effects.map(([title]) => title)], rows);
}

/** Ours as a multiple of the guide's, round by round; below 1 is better than the guide. */
export function ratioTable(
  samples: Samples,
  comparisons: readonly Comparison[],
  traffics: readonly Traffic[],
): string {
  const rows = comparisons.flatMap(({ title, guide, ours }) =>
    traffics.map((traffic) => [
      `${title}, ${traffic.title}`,
      ...costs.map(([, , value]) => {
        const theirs = roundsOf(samples, guide, traffic);
        const ratios = roundsOf(samples, ours, traffic).map(
          (sample, round) => value(sample) / valueAt(theirs, round, value),
        );
        return formatSpread(spreadOf(ratios), 2);
      }),
    ]),
  );
  return tableOf(["ours / guide's", ...costs.map(([title]) => title.split(" ")[0] ?? title)], rows);
}

/** How many rounds were made. */
export function roundsIn(samples: Samples): number {
  const [first] = samples.values();
  const [rounds] = first?.values() ?? [];
  return rounds?.length ?? 0;
}

function roundsOf(samples: Samples, variant: Variant, traffic: Traffic): readonly Sample[] {
  return samples.get(variant)?.get(traffic) ?? [];
}

function valueAt(samples: readonly Sample[], round: number, value: Value): number {
  const sample = samples[round];
  if (sample === undefined) throw new Error(`round ${round} has no sample`);
  return value(sample);
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  for (const row of rows) table.push([...row]);
  return table.toString();
}
