import { goDuration } from "../../kubernetes/syntax";
import { like, text } from "../shape";
import type { Shape } from "../shape";

/** The duration that a bare number means, in milliseconds. */
export function withUnit(value: unknown): string | undefined {
  return /^[1-9]\d*$/.test(String(value)) ? `${String(value)}ms` : undefined;
}

/** A duration with its unit. */
export function duration(example: string): Shape {
  const shape = text(
    goDuration,
    (value) => `Write a number and a unit, for example "${withUnit(value) ?? example}".`,
    example,
  );
  return like(shape, shape, withUnit);
}
