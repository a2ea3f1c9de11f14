import { AssertionError } from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";

/** How long to wait, and how often to look. */
export interface Patience {
  /** Longest wait in milliseconds. Default 10,000. */
  readonly withinMs?: number;
  /** Pause between two looks in milliseconds. Default 100. */
  readonly everyMs?: number;
}

/**
 * Repeats `look` until it fails no assertion any more and returns what it returned.
 *
 * Configuration and access-log entries arrive late; any error other than a failed assertion ends the wait at once.
 *
 * @param what what is waited for, a part of the message
 * @throws the last failed assertion when the time is over
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T>,
  { withinMs = 10_000, everyMs = 100 }: Patience = {},
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof AssertionError)) {
        throw error;
      }
      if (Date.now() > deadline) {
        error.message = `${what}, within ${withinMs} ms: ${error.message}`;
        throw error;
      }
    }
    await delay(everyMs);
  }
}
