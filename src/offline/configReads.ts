import type * as pulumi from "@pulumi/pulumi";
import type { PulumiSdk } from "./pulumiSdk";

/** The one method that all others of a configuration read by; private, so there may be none in another version. */
interface Reading {
  getImpl?: (key: string, ...rest: unknown[]) => unknown;
}

/**
 * Notes which configuration a program reads.
 * @param read collects the full keys
 * @returns a function that takes the change back
 */
export function watchConfigReads(sdk: PulumiSdk, read: Set<string>): () => void {
  const { Config, runtime } = sdk.pulumi;
  const prototype = Config.prototype as unknown as Reading;
  const { getImpl } = prototype;
  const { allConfig } = runtime;
  if (getImpl !== undefined) {
    prototype.getImpl = function get(this: pulumi.Config, key, ...rest) {
      read.add(`${this.name}:${key}`);
      return getImpl.call(this, key, ...rest);
    };
  }
  // Where the SDK lets it be set: who asks for all is one of few.
  Reflect.set(runtime, "allConfig", () => {
    const all = allConfig();
    Object.keys(all).forEach((key) => read.add(key));
    return all;
  });
  return () => {
    Object.assign(prototype, { getImpl });
    Reflect.set(runtime, "allConfig", allConfig);
  };
}
