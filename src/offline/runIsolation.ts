import type { PulumiSdk } from "./pulumiSdk";

/** What the SDK uses of an AsyncLocalStorage. */
interface StoreHolder {
  getStore(): unknown;
  run<T>(store: unknown, callback: () => T): T;
}

/** All copies of the SDK in a process find their per-run state through this one global. */
interface SdkGlobals {
  asyncLocalStorage: StoreHolder;
}

/**
 * Gives the SDK a fresh per-run state while `callback` runs. The SDK's own way is an AsyncLocalStorage, which in Node 20
 * makes every promise of the process dearer: a render of 1,000 targets takes 9 % more CPU time. As recordings run one
 * after another, one variable does as well.
 */
export async function withFreshState<T>(sdk: PulumiSdk, callback: () => Promise<T>): Promise<T> {
  // The SDK declares the global with its own types; this is the part of it that it uses.
  const globals = globalThis as unknown as SdkGlobals;
  const original = globals.asyncLocalStorage;
  let current: unknown;
  globals.asyncLocalStorage = {
    getStore: () => current,
    run: (store, run) => {
      current = store;
      return run();
    },
  };
  try {
    return await sdk.state.withLocalStorage(callback);
  } finally {
    globals.asyncLocalStorage = original;
  }
}

/**
 * Makes stack traces cheap for the time of a run. The SDK takes one for every promise and one without limit for every
 * resource, and a source-map hook rewrites each of their frames. Without this a render of 1,000 targets takes 25 % more
 * CPU time, one of the quickstart 15 %.
 * @returns a function that goes back to full traces
 */
export function withoutStackTraces(sdk: PulumiSdk): () => void {
  const { stackTraceLimit } = Error;
  const hook = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  Error.stackTraceLimit = 0;
  Reflect.deleteProperty(Error, "prepareStackTrace");
  // Private to the SDK, and only asked where a resource was declared, which no recording keeps.
  const positions = Object.getOwnPropertyDescriptor(sdk.pulumi.Resource, "callsites");
  if (positions !== undefined) {
    Object.defineProperty(sdk.pulumi.Resource, "callsites", { ...positions, value: () => [] });
  }
  return () => {
    Error.stackTraceLimit = stackTraceLimit;
    if (hook !== undefined) {
      Object.defineProperty(Error, "prepareStackTrace", hook);
    }
    if (positions !== undefined) {
      Object.defineProperty(sdk.pulumi.Resource, "callsites", positions);
    }
  };
}

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
