import { goDuration } from "../../kubernetes/syntax";
import { alone, isSingle } from "../form";
import { like, text } from "../shape";
import type { Shape } from "../shape";

const leastMilliseconds = 100;

/** The durations that a bare number may mean: a small one is as likely of seconds as of milliseconds. */
export function withUnits(given: unknown): string[] {
  const one = alone(given);
  const digits = isSingle(one) ? String(one) : "";
  if (!/^[1-9]\d*$/.test(digits)) {
    return [];
  }
  return Number(digits) < leastMilliseconds ? [`${digits}s`, `${digits}ms`] : [`${digits}ms`];
}

/** A duration with its unit. */
export function duration(example: string): Shape {
  const shape = text(
    goDuration,
    (value) => {
      const meant = withUnits(value);
      const shown = (meant.length > 0 ? meant : [example]).map((one) => `"${one}"`);
      return `Write a number and a unit, for example ${shown.join(" or ")}.`;
    },
    example,
  );
  return like(shape, shape, withUnits);
}
