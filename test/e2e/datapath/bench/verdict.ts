import { roundsOf, type Samples, type Traffic } from "./measure";
import { formatSpread, ratioOf, spreadOf, type RatioEstimate } from "./statistics";
import type { Pair } from "./variants";

/** A percentile that is compared, and the ratio to the guide's that an estimate may reach. */
export interface Percentile {
  readonly name: "p50" | "p90" | "p99";
  /** Above 1, as an estimate has an error of its own; the one of p99 rests on a hundredth of the requests. */
  readonly allowed: number;
}

export const percentiles: readonly Percentile[] = [
  { name: "p50", allowed: 1.05 },
  { name: "p90", allowed: 1.05 },
  { name: "p99", allowed: 1.1 },
];

/** Of the interval of each comparison. */
const confidence = 0.95;

/** What is said about one comparison. */
export interface Verdict {
  readonly text: string;
  readonly holds: boolean;
}

/**
 * Ours as a multiple of the guide's, over all rounds; below 1 is better than the guide.
 *
 * @param value what is compared
 */
export function ratioIn(
  samples: Samples,
  { guide, ours }: Pair,
  traffic: Traffic,
  value: "p50" | "p90" | "p99" | "cpu",
): RatioEstimate {
  const theirs = roundsOf(samples, guide, traffic);
  const ratios = roundsOf(samples, ours, traffic).flatMap((sample, round) => {
    const other = theirs[round];
    return other === undefined ? [] : [sample[value] / other[value]];
  });
  return ratioOf(ratios, confidence);
}

/** Whether ours is no slower than the guide's at one load. */
export function noSlower(samples: Samples, pair: Pair, traffic: Traffic): Verdict {
  const findings = percentiles.map(({ name, allowed }) => {
    const { estimate, low, high } = ratioIn(samples, pair, traffic, name);
    const word = low > 1 ? "slower" : estimate > allowed ? "not shown" : "no slower";
    const interval = `${estimate.toFixed(2)} (${low.toFixed(2)}..${high.toFixed(2)})`;
    return { text: `${name} ${word} ${interval}`, holds: word === "no slower" };
  });
  return verdict(`${pair.title}, ${traffic.title}`, findings);
}

/**
 * Whether ours inspects every request in every round, or at least loses none to a limit.
 *
 * @param everything false for a load at which the timeout, and so the speed of the machine, decides about the rest
 */
export function inspects(samples: Samples, pair: Pair, traffic: Traffic, everything: boolean): Verdict {
  const [ours, guide] = [roundsOf(samples, pair.ours, traffic), roundsOf(samples, pair.guide, traffic)];
  const seen = (rounds: typeof ours): string =>
    `${formatSpread(spreadOf(rounds.map(({ inspected }) => inspected)), 1)} %`;
  const overLimit = ours.some(({ overflowed }) => overflowed > 0);
  const holds = !overLimit && (!everything || ours.every(({ inspected }) => inspected === 100));
  const reason = overLimit ? ", checks beyond a limit" : holds ? "" : ", checks later than the timeout";
  const text = `inspected ${seen(ours)}, guide's ${seen(guide)}${reason}`;
  return verdict(`${pair.title}, ${traffic.title}`, [{ text, holds }]);
}

function verdict(title: string, findings: readonly Verdict[]): Verdict {
  const holds = findings.every((finding) => finding.holds);
  const text = findings.map((finding) => finding.text).join(", ");
  return { text: `${holds ? "holds        " : "DOES NOT HOLD"}  ${title}: ${text}`, holds };
}
