import { isatty } from "node:tty";

/** Where a command writes; tests put their own in the place of the process's streams. */
export interface Output {
  /** results */
  readonly out: (text: string) => void;
  /** errors */
  readonly err: (text: string) => void;
  /** whether results may be coloured */
  readonly colors: boolean;
}

/** The streams of this process; colours on a terminal only, unless NO_COLOR is set. */
export function processOutput(): Output {
  const noColor = process.env.NO_COLOR;
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    // Not `isTTY`: it is undefined without a terminal, and picocolors takes that for "decide yourself".
    colors:
      isatty(process.stdout.fd) && (noColor === undefined || noColor === "") && process.env.TERM !== "dumb",
  };
}
