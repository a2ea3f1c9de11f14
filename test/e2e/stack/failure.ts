/** A reason why the stack cannot run, in one line: what is wrong, and how to go on. */
export class StackError extends Error {
  /**
   * @param what what is wrong, a full sentence
   * @param wayOut what the reader can do about it, a full sentence
   */
  constructor(
    readonly what: string,
    readonly wayOut: string,
  ) {
    super(`${what.replace(/[.\s]*$/, "")}. ${wayOut}`);
    this.name = "StackError";
  }
}

/** The message of whatever was thrown. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Whether `thrown` is a system error with this code (for example `ENOENT`). */
export function isSystemError(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === code;
}
