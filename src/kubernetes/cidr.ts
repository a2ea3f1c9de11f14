import { isIP } from "node:net";

const groupBits = 16n;
const groupCount = 8;
// ::ffff:0:0/96 holds the IPv4 addresses written as IPv6.
const mappedPrefix = 0xffffn;

/**
 * A CIDR block as Kubernetes takes it: an address without bits after its prefix, and the prefix's length.
 * Returns the reason for a refusal.
 *
 * Source: Kubernetes API, `IPBlock`; API servers from 1.36 on refuse bits after the prefix.
 *
 * @param text - The block, for example `203.0.113.0/24` or `2001:db8::/32`.
 */
export function cidrBlock(text: string): string | undefined {
  const [address = "", length = "", ...rest] = text.split("/");
  const version = address.includes("%") ? 0 : isIP(address);
  const bits = version === 4 ? 32 : 128;
  const isBlock = version !== 0 && rest.length === 0 && /^(0|[1-9]\d{0,2})$/.test(length);
  if (!isBlock || Number(length) > bits) {
    return "it is no CIDR block";
  }
  const value = version === 4 ? ipv4Value(address) : ipv6Value(address);
  if (version === 6 && value >> 32n === mappedPrefix) {
    return "it is an IPv4 block written as IPv6";
  }
  const hostBits = BigInt(bits) - BigInt(length);
  return (value >> hostBits) << hostBits === value
    ? undefined
    : `the address has bits after its prefix of ${length} bits`;
}

function ipv4Value(address: string): bigint {
  return address.split(".").reduce((value, part) => (value << 8n) + BigInt(part), 0n);
}

function ipv6Value(address: string): bigint {
  // A URL writes an address in its canonical form, so that only groups and one "::" are left to read.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = [], tail = []] = canonical.split("::").map((half) => half.split(":").filter(Boolean));
  const zeros = Array<string>(groupCount - head.length - tail.length).fill("0");
  return [...head, ...zeros, ...tail].reduce(
    (value, group) => (value << groupBits) + BigInt(`0x${group}`),
    0n,
  );
}
