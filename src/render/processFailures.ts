const EVENTS = ["unhandledRejection", "uncaughtException"] as const;

/**
 * Collects what would otherwise end the process while a program runs: a failed `apply` nobody waits for surfaces only
 * as an unhandled rejection. The listeners that were there (a test runner's, for example) are put back by `release`.
 */
export function watchProcessFailures(): { readonly failures: Set<unknown>; release(): void } {
  const failures = new Set<unknown>();
  const note = (error: unknown): void => {
    failures.add(error);
  };
  const before = EVENTS.map((event) => ({ event, listeners: process.rawListeners(event) }));
  for (const event of EVENTS) {
    process.removeAllListeners(event);
    process.on(event, note);
  }
  return {
    failures,
    release: () => {
      for (const { event, listeners } of before) {
        process.removeListener(event, note);
        // rawListeners declares plain functions; these are the very ones that were registered for this event.
        for (const listener of listeners) {
          process.on(event, listener as (error: unknown) => void);
        }
      }
    },
  };
}
