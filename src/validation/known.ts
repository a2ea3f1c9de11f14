import type * as pulumi from "@pulumi/pulumi";
import { isDeferred } from "../pulumi/inputs";
import type { ArgumentProblem } from "./problem";

/**
 * The value when it is plain, undefined when it is missing or known only later.
 *
 * @param value - A leaf of the arguments.
 */
export function known<T>(value: pulumi.Input<T> | undefined): T | undefined {
  return isDeferred(value) ? undefined : value;
}

/** Gives the reason to refuse a value, or undefined when it is fine. */
export type Check<T> = (value: T) => string | undefined;

/**
 * Checks one leaf of the arguments. A missing leaf is fine; a deferred one is checked when it is known.
 *
 * @param path - Where the leaf stands.
 * @param value - The leaf. It is shown in the problem, so it must not be a secret.
 * @param check - The check for a plain value.
 * @param remedy - What to do when it is refused.
 */
export function leafProblems<T>(
  path: string,
  value: pulumi.Input<T> | undefined,
  check: Check<T>,
  remedy: string,
): ArgumentProblem[] {
  const plain = known(value);
  const reason = plain === undefined ? undefined : check(plain);
  return reason === undefined ? [] : [{ path, value: plain, reason, remedy }];
}
