import type { EnvoyFilterSettings } from "../../settings/envoyFilter";
import type { EnvoyValue } from "./envoyFilterTypes";

/** The share of the requests that is checked, a `RuntimeFractionalPercent`. */
export function rolloutFraction({ rolloutPercent, rolloutRuntimeKey }: EnvoyFilterSettings): EnvoyValue {
  const fraction = Number.isInteger(rolloutPercent)
    ? { numerator: rolloutPercent, denominator: "HUNDRED" }
    : { numerator: Math.round(rolloutPercent * 10_000), denominator: "MILLION" };
  return { default_value: fraction, runtime_key: rolloutRuntimeKey };
}
