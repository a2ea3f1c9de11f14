import type { RecordedLog } from "./recordedResource";

// The SDK prefixes an error with each property it passed on its way; the first cause is what the reader needs.
const PROPERTY_PREFIX = /^(?:error serializing property "[^"]*": )+/;

/** `path: reason` of Pulumi's input errors, whose own message leaves the path out. */
function inputProblem(error: object): string | undefined {
  const [path, reason] = [
    Reflect.get(error, "propertyPath") as unknown,
    Reflect.get(error, "reason") as unknown,
  ];
  return typeof path === "string" && typeof reason === "string" ? `${path}: ${reason}` : undefined;
}

/** The text of anything that was thrown, without the prefixes the SDK adds on the way. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const message = inputProblem(error) ?? error.message.replace(PROPERTY_PREFIX, "");
  const several: unknown = Reflect.get(error, "errors");
  const inner = Array.isArray(several)
    ? several.flatMap((one: unknown) =>
        typeof one === "object" && one !== null ? (inputProblem(one) ?? []) : [],
      )
    : [];
  return [message, ...inner.filter((line) => !message.includes(line)).map((line) => `  ${line}`)].join("\n");
}

/**
 * A program failed: it threw, an `apply` in it failed, a resource was refused, or it logged an error.
 * The message joins the distinct messages of all errors, each on its own line.
 */
export class ProgramError extends Error {
  public override readonly name = "ProgramError";

  /** what the user has to know, each thing once */
  public readonly messages: readonly string[];

  /**
   * @param errors everything that was thrown, in the order it came up, each object once
   * @param secrets secret texts seen so far, to be kept out of whatever is printed about this error
   * @param notes about the configuration, which may be what it failed of
   */
  public constructor(
    public readonly errors: readonly unknown[],
    public readonly logs: readonly RecordedLog[],
    public readonly secrets: ReadonlySet<string>,
    public readonly notes: readonly string[] = [],
  ) {
    const logged = logs.filter(({ severity }) => severity === "error").map(({ message }) => message);
    const messages = [...new Set([...errors.map(messageOf), ...logged])];
    super(messages.join("\n"), { cause: errors[0] });
    this.messages = messages;
  }

  /** The same error with more notes. */
  public noting(notes: readonly string[]): ProgramError {
    return new ProgramError(this.errors, this.logs, this.secrets, [...this.notes, ...notes]);
  }
}
