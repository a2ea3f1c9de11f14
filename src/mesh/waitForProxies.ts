/**
 * Seconds until no proxy asks the agent any more: a proxy serves open connections by its old configuration for 45
 * seconds, and istiod needs a moment before.
 *
 * Source: Istio, `drainDuration`.
 */
export const drainSeconds = 50;

/**
 * Seconds in which istiod brings a changed mesh configuration or EnvoyFilter to the proxies. It gathers changes for 100
 * milliseconds; what an `up` takes away after its program has ended, such as an agent that moved, is then asked by
 * nobody.
 *
 * Source: Istio, `PILOT_DEBOUNCE_AFTER`.
 */
export const pushSeconds = 2;

/** What decides how long a run waits after it told the proxies whom to ask. */
export interface WrittenConfiguration {
  /** Whether the component is taken out of the mesh. */
  teardown: boolean;
  /** Whether requests pass when the agent cannot be asked; then nobody needs the agent longer than its policy. */
  failOpen: boolean;
  /** For each mesh ConfigMap or EnvoyFilter, whether this run changes it. */
  changed: readonly boolean[];
  /** Whether an engine writes: not in a preview, and not in an offline run. */
  isWritten: boolean;
}

/**
 * How long a run waits after it wrote the mesh configuration or EnvoyFilters. In a teardown that fails closed long
 * enough for a `destroy` to follow at once: without the agent, a connection that was idle would get a refusal for the
 * one request that it still asks the agent about.
 *
 * @returns seconds; 0 for no wait.
 */
export function waitAfterWrite({ teardown, failOpen, changed, isWritten }: WrittenConfiguration): number {
  if (!isWritten || !changed.includes(true)) {
    return 0;
  }
  return teardown && !failOpen ? drainSeconds : pushSeconds;
}

/**
 * Waits, and says so if it is long.
 *
 * @param seconds - What {@link waitAfterWrite} gave.
 */
export async function waitForProxies(seconds: number, say: (line: string) => void): Promise<void> {
  if (seconds === 0) {
    return;
  }
  if (seconds > pushSeconds) {
    say(`Waiting ${seconds} s: open connections may ask the agent that long, and fail closed without it.`);
  }
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
