import * as pulumi from "@pulumi/pulumi";
import { isDeferred, isRecord } from "../../pulumi/inputs";

/**
 * Applies a function now when the value itself is plain, else when it is known; what stands deeper may still be
 * deferred while the value is plain.
 *
 * @param value - Anything that may be known only later.
 * @param transform - Function of the value; all of it is plain when the value had to be waited for.
 */
export function mapInput<T>(value: unknown, transform: (known: unknown) => T): T | pulumi.Output<T> {
  if (!isDeferred(value)) {
    return transform(value);
  }
  const resolved: pulumi.Output<unknown> = pulumi.output<unknown>(value);
  return resolved.apply<T>(transform);
}

/**
 * Whether two values are the same data. What is known only later is the same when it is the same object; a missing
 * field is the same as an undefined one.
 *
 * @param one - A value.
 * @param other - Another.
 */
export function sameInput(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) {
    return true;
  }
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => sameInput(item, other[index]));
  }
  if (!isRecord(one) || !isRecord(other)) {
    return false;
  }
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every((key) =>
    sameInput(one[key], other[key]),
  );
}
