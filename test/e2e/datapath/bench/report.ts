import { columnWidth, table } from "../../../../src/cli/textLayout";
import { roundsOf, type Sample, type Samples, type Traffic } from "./measure";
import { formatSpread, spreadOf } from "./statistics";
import type { Pair, Variant } from "./variants";
import { ratioIn } from "./verdict";

type Value = (sample: Sample) => number;

const costs: readonly (readonly [title: string, digits: number, value: Value])[] = [
  ["p50 ms", 2, ({ p50 }) => p50],
  ["p90 ms", 2, ({ p90 }) => p90],
  ["p99 ms", 2, ({ p99 }) => p99],
  ["CPU s/1000", 3, ({ cpu }) => cpu],
  ["machine %", 0, ({ busy }) => busy],
];

const effects: readonly (readonly [title: string, digits: number, value: Value])[] = [
  ["inspected %", 2, ({ inspected }) => inspected],
  ["over limit %", 2, ({ overflowed }) => overflowed],
  ["too late %", 2, ({ timedOut }) => timedOut],
  ["not 200 %", 2, ({ failed }) => failed],
  ["checks at once", 0, ({ checksAtOnce }) => checksAtOnce],
  ["in app at once", 0, ({ requestsAtOnce }) => requestsAtOnce],
  ["machine %", 0, ({ busy }) => busy],
  ["requests/s", 0, ({ requestsPerSecond }) => requestsPerSecond],
];

/** What the proxy without an agent costs, and what each variant adds to that, round by round. */
export function addedTable(samples: Samples, none: Variant, traffic: Traffic): string {
  const base = roundsOf(samples, none, traffic);
  const rows = [...samples.keys()].map((variant) => [
    variant === none ? `${none.title}: cost` : `${variant.title}: added`,
    ...costs.map(([title, digits, value]) => {
      const rounds = roundsOf(samples, variant, traffic).map(value);
      const subtract = (one: number, round: number): number => one - valueAt(base, round, value);
      const added = variant !== none && title !== "machine %";
      return formatSpread(spreadOf(added ? rounds.map(subtract) : rounds), digits);
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

/** Ours as a multiple of the guide's, with the interval of the estimate; below 1 is better than the guide. */
export function ratioTable(samples: Samples, pairs: readonly Pair[], traffics: readonly Traffic[]): string {
  const rows = pairs.flatMap((pair) =>
    traffics.map((traffic) => [
      `${pair.title}, ${traffic.title}`,
      ...(["p50", "p90", "p99", "cpu"] as const).map((value) => {
        const { estimate, low, high } = ratioIn(samples, pair, traffic, value);
        return formatSpread({ median: estimate, low, high }, 2);
      }),
    ]),
  );
  return tableOf(["ours / guide's", "p50", "p90", "p99", "CPU"], rows);
}

/** How many rounds were made. */
export function roundsIn(samples: Samples): number {
  const [first] = samples.values();
  const [rounds] = first?.values() ?? [];
  return rounds?.length ?? 0;
}

function valueAt(samples: readonly Sample[], round: number, value: Value): number {
  const sample = samples[round];
  if (sample === undefined) {
    throw new Error(`round ${round} has no sample`);
  }
  return value(sample);
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) =>
    columnWidth(
      all.map((row) => row[column] ?? ""),
      Infinity,
    ),
  );
  return table(all, widths).join("\n");
}
