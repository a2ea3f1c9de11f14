import { goDurationNanoseconds } from "../../kubernetes/syntax";

const nanosecondsPerSecond = 1_000_000_000n;

/**
 * A duration as protobuf's JSON form has it, in seconds: `200ms` gives `0.2s`. Envoy refuses other units.
 *
 * @throws Error when it is none; the arguments were checked before.
 */
export function protobufDuration(duration: string): string {
  const total = goDurationNanoseconds(duration);
  if (total === undefined) {
    throw new Error(`${JSON.stringify(duration)} is no duration.`);
  }
  const nanoseconds = BigInt(total);
  const fraction = String(nanoseconds % nanosecondsPerSecond)
    .padStart(9, "0")
    .replace(/0+$/, "");
  return `${nanoseconds / nanosecondsPerSecond}${fraction === "" ? "" : `.${fraction}`}s`;
}
