const DECIMAL: readonly (readonly [string, number])[] = [
  ["n", -9],
  ["u", -6],
  ["m", -3],
  ["", 0],
  ["k", 3],
  ["M", 6],
  ["G", 9],
  ["T", 12],
  ["P", 15],
  ["E", 18],
];
const BINARY = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const;

/**
 * The canonical form of a Kubernetes resource quantity, as the API server stores it: no fraction, the largest
 * suffix that loses nothing, same family of suffixes (`1000m` → `1`, `0.5Gi` → `512Mi`, `1000M` → `1G`).
 * Text that is not a quantity, and the exponent form (`1e3`), come back unchanged.
 */
export function canonicalQuantity(value: string | number): string {
  const text = String(value).trim();
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/.exec(text);
  const [, sign = "", whole = "", fraction = "", suffix = ""] = match ?? [];
  if (!match || whole + fraction === "") {
    return text;
  }
  const minus = sign === "-" ? "-" : "";
  const digits = BigInt(whole + fraction);
  const power = BINARY.findIndex((candidate) => candidate === suffix);
  if (power < 0) {
    const exponent = DECIMAL.find(([name]) => name === suffix)?.[1] ?? 0;
    return minus + decimal(digits, exponent - fraction.length);
  }
  const scaled = digits * 1024n ** BigInt(power + 1);
  const denominator = 10n ** BigInt(fraction.length);
  // Fractions of a byte leave the binary family.
  return (
    minus + (scaled % denominator === 0n ? binary(scaled / denominator) : decimal(scaled, -fraction.length))
  );
}

function decimal(digits: bigint, exponent: number): string {
  if (digits === 0n) {
    return "0";
  }
  let best = "";
  for (const [suffix, size] of DECIMAL) {
    const shift = exponent - size;
    const scale = 10n ** BigInt(Math.abs(shift));
    if (shift >= 0) {
      best = `${digits * scale}${suffix}`;
    } else if (digits % scale === 0n) {
      best = `${digits / scale}${suffix}`;
    }
  }
  // The smallest unit is a billionth: what is finer is rounded up.
  return best === "" ? decimal(digits / 10n ** BigInt(-9 - exponent) + 1n, -9) : best;
}

function binary(bytes: bigint): string {
  let count = bytes;
  let suffix = "";
  for (const candidate of BINARY) {
    if (count === 0n || count % 1024n !== 0n) {
      break;
    }
    count /= 1024n;
    suffix = candidate;
  }
  return `${count}${suffix}`;
}
