import type { PulumiSdk } from "../offline/pulumiSdk";

/**
 * Makes stack traces cheap for the time of a run. The SDK takes one for every promise and one without limit for every
 * resource, and a source-map hook rewrites each of their frames: with a thousand resources that is most of the time.
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
