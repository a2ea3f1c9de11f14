import type { RecordedLog } from "./recordedResource";

// The SDK prefixes an error with each property it passed on its way; the first cause is what the reader needs.
const PROPERTY_PREFIX = /^(?:error serializing property "[^"]*": )+/;

/** The message of anything that was thrown, without the prefixes the SDK adds on the way. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(PROPERTY_PREFIX, "") : String(error);
}

/**
 * A program failed: it threw, an `apply` in it failed, a resource was refused, or it logged an error.
 * The message joins the distinct messages of all errors, each on its own line.
 */
export class ProgramError extends Error {
  public override readonly name = "ProgramError";

  /**
   * @param errors everything that was thrown, in the order it came up, each object once
   * @param logs messages of `pulumi.log` up to the failure
   * @param secrets secret texts seen so far, to be kept out of whatever is printed about this error
   */
  public constructor(
    public readonly errors: readonly unknown[],
    public readonly logs: readonly RecordedLog[],
    public readonly secrets: ReadonlySet<string>,
  ) {
    const logged = logs.filter(({ severity }) => severity === "error").map(({ message }) => message);
    super([...new Set([...errors.map(messageOf), ...logged])].join("\n"), { cause: errors[0] });
  }
}
