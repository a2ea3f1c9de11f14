import type { JsonObject } from "../../values";
import { ANNOTATION, annotation, nameOf } from "../objects";

/** What an awaiter found when it looked at the cluster. */
export interface Readiness {
  /** False also while the object looks ready, but may still change its mind: then there are no problems. */
  readonly ready: boolean;
  /** Why not, in the words that the user is shown. */
  readonly problems: readonly string[];
  /** The object as it was seen. */
  readonly object: JsonObject;
}

/** Thrown when an object was written but did not become ready in time, or was found not to be ready. */
export class NotReady extends Error {
  constructor(
    message: string,
    readonly object: JsonObject,
    readonly problems: readonly string[],
  ) {
    super(message);
  }
}

const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1000;

/**
 * How long to wait: the resource option (`customTimeouts`), else the annotation `pulumi.com/timeoutSeconds`,
 * else the default of the kind.
 * @param optionSeconds 0 when the option is not set
 */
export function timeoutMs(optionSeconds: number, inputs: JsonObject, defaultSeconds: number): number {
  if (optionSeconds > 0) {
    return optionSeconds * 1000;
  }
  const text = annotation(inputs, ANNOTATION.timeoutSeconds);
  return (/^\d+$/.test(text) ? Number(text) : defaultSeconds) * 1000;
}

/**
 * Looks again and again, with growing pauses, until the object is ready.
 * @throws NotReady when the time is over
 */
export async function waitUntilReady(
  look: () => Promise<Readiness>,
  limitMs: number,
  aborted: () => boolean,
): Promise<JsonObject> {
  const end = Date.now() + limitMs;
  for (let pause = SHORTEST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    const seen = await look();
    if (seen.ready) {
      return seen.object;
    }
    const name = nameOf(seen.object);
    if (aborted()) {
      throw new NotReady(`Resource operation was cancelled for "${name}"`, seen.object, seen.problems);
    }
    if (Date.now() >= end) {
      if (seen.problems.length === 0) {
        return seen.object;
      }
      throw new NotReady(`'${name}' timed out waiting to be Ready`, seen.object, seen.problems);
    }
    await sleep(Math.min(pause, Math.max(end - Date.now(), 1)));
  }
}

/** Waits for a number of milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
