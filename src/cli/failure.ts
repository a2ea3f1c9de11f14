import type { CommandOutput } from "./output";

/** Exit codes of every command. */
export const EXIT = { fine: 0, refused: 1, usage: 2 } as const;

/** Writes an error for people: no stack unless asked for, lines as wide as the terminal. Loads what it needs late. */
export async function reportFailure(
  error: unknown,
  output: CommandOutput,
  verbose: boolean,
): Promise<number> {
  const { Refusal, UsageProblem } = await import("../offline/refusal");
  const { ProgramError, messageOf } = await import("../offline/programError");
  const { bullet } = await import("./textLayout");
  const { createSecretGuard } = await import("../offline/secretGuard");
  const guard = createSecretGuard(error instanceof ProgramError ? error.secrets : []);
  const causes = error instanceof ProgramError ? error.errors : [error];
  const messages = error instanceof ProgramError ? error.messages : [messageOf(error)];
  for (const message of messages) {
    output.err(`${bullet("error: ", guard.text(message), output.width).join("\n")}\n`);
  }
  const notes = error instanceof ProgramError ? error.notes : [];
  for (const note of notes) {
    output.err(`${bullet("note: ", guard.text(note), output.width).join("\n")}\n`);
  }
  const isExpected = error instanceof Refusal || error instanceof ProgramError;
  if (verbose || !isExpected) {
    for (const cause of causes) {
      if (cause instanceof Error) {
        output.err(`${guard.text(cause.stack ?? "")}\n`);
      }
    }
  }
  return error instanceof UsageProblem ? EXIT.usage : EXIT.refused;
}
