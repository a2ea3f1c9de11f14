/**
 * Seconds until no proxy asks the agent any more: a proxy serves open connections by its old configuration for 45
 * seconds, and istiod needs a moment before.
 *
 * Source: Istio, `drainDuration`.
 */
export const drainSeconds = 50;

/** What decides whether a teardown waits. */
export interface Teardown {
  /** Whether requests pass when the agent cannot be asked; then nobody needs the agent longer than its policy. */
  failOpen: boolean;
  /** For each mesh ConfigMap, whether this run takes something out of it. */
  removed: readonly boolean[];
  /** Whether this is a preview. */
  isPreview: boolean;
}

/**
 * How long a teardown waits, so that a `destroy` may follow at once: without the agent, failing closed, a connection
 * that was idle would get a refusal for the one request that it still asks the agent about.
 *
 * @param teardown - What is torn down.
 * @returns seconds; 0 for no wait.
 */
export function drainWait({ failOpen, removed, isPreview }: Teardown): number {
  return !failOpen && !isPreview && removed.includes(true) ? drainSeconds : 0;
}

/**
 * Waits until no proxy asks the agent any more, and says so.
 *
 * @param seconds - What {@link drainWait} gave.
 * @param say - Shows a line to the user.
 */
export async function waitForDrain(seconds: number, say: (line: string) => void): Promise<void> {
  if (seconds === 0) {
    return;
  }
  say(`Waiting ${seconds} s: open connections may ask the agent that long, and fail closed without it.`);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
