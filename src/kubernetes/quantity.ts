/**
 * Kubernetes quantities, exact: `1500m`, `1Gi`, `0.5`, `1e3`. A YAML program may write a bare number.
 *
 * Source: Kubernetes API, `Quantity`.
 */

const quantityPattern =
  /^([+-]?)(\d{1,40})?(?:\.(\d{0,40}))?(?:(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE])|[eE]([+-]?\d{1,2}))?$/;

const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binarySuffixes = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const nanoExponent = 9;
const nanosPerUnit = 10n ** BigInt(nanoExponent);

/**
 * The quantity in billionths of its unit, the finest that Kubernetes keeps, rounded away from zero as there;
 * undefined when the text is no quantity.
 */
export function quantityNanos(text: string | number): bigint | undefined {
  const match = quantityPattern.exec(String(text));
  const [, sign, whole = "", fraction = "", suffix = "", exponent] = match ?? [];
  if (match === null || whole + fraction === "") {
    return undefined;
  }
  const binary = 1024n ** BigInt(binarySuffixes.indexOf(suffix) + 1);
  const power = Number(exponent ?? decimalExponents[suffix] ?? 0) + nanoExponent - fraction.length;
  const digits = BigInt(whole + fraction) * binary;
  const nanos = power >= 0 ? digits * 10n ** BigInt(power) : ceilingDivision(digits, 10n ** BigInt(-power));
  return sign === "-" ? -nanos : nanos;
}

function ceilingDivision(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

/**
 * The quantity in whole units, rounded up: `1500m` is 2. Undefined when the text is no quantity.
 *
 * @param text - The quantity, for example a number of CPUs.
 */
export function quantityCeiling(text: string | number): bigint | undefined {
  const nanos = quantityNanos(text);
  if (nanos === undefined) {
    return undefined;
  }
  return nanos > 0n ? ceilingDivision(nanos, nanosPerUnit) : nanos / nanosPerUnit;
}

/** A quantity that is not negative. Returns the reason for a refusal. */
export function quantity(text: string | number): string | undefined {
  if (text === "") {
    return "it is empty";
  }
  const nanos = quantityNanos(text);
  if (nanos === undefined) {
    return "it is no Kubernetes quantity: a number with an optional suffix such as m, k, M, G, Ki, Mi or Gi";
  }
  return nanos < 0n ? "a quantity is not negative" : undefined;
}

/** A quantity of bytes. Returns the reason for a refusal; `512m` is one, since it means half a byte. */
export function byteQuantity(text: string | number): string | undefined {
  return (
    quantity(text) ?? (/[num]$/.test(String(text)) ? "the suffix means a fraction of a byte" : undefined)
  );
}
