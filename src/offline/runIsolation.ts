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
 * makes every promise of the process dearer; as recordings run one after another, one variable does as well.
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
