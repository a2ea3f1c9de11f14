import { join } from "node:path";
import { runCommandLine } from "../../src/cli/program";

/** What one run of the command printed and how it ended. */
export interface CommandResult {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command in this process. */
export async function runCommand(
  args: readonly string[],
  colors = false,
  columns?: number,
): Promise<CommandResult> {
  let [out, err] = ["", ""];
  const exitCode = await runCommandLine(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    colors,
    columns,
  });
  return { exitCode, out, err };
}

/** Path of a fixture program of the render. */
export function fixture(name: string): string {
  return join(__dirname, "..", "render", "fixtures", name);
}
