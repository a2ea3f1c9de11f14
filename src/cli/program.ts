import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { EXIT } from "./failure";
import { meshCommand } from "./mesh/meshCommand";
import { printableOutput } from "./output";
import type { Output } from "./output";
import { renderCommand } from "./render/renderCommand";
import { doctorCommand, statusCommand } from "./status/statusCommand";

function packageVersion(): string {
  // The package's own file, whose version is always a string.
  const { version } = JSON.parse(readFileSync(join(__dirname, "..", "..", "package.json"), "utf8")) as {
    version: string;
  };
  return version;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/**
 * Runs the `pulumi-sigsci-istio` command.
 * @param args what follows the command's name
 * @returns the exit code: 0 fine, 1 refused input, 2 wrong usage
 */
export async function runCommandLine(args: readonly string[], streams: Output): Promise<number> {
  const output = printableOutput(streams);
  let exitCode: number = EXIT.fine;
  const program = new Command("pulumi-sigsci-istio")
    .description("The Fastly Next-Gen WAF agent in an Istio mesh, seen from the command line.")
    .version(packageVersion(), "--version", "print the version")
    .helpOption("-h, --help", "print help");
  const done = (code: number): void => {
    exitCode = code;
  };
  for (const create of [renderCommand, statusCommand, doctorCommand, meshCommand]) {
    program.addCommand(create(output, done));
  }
  for (const command of withSubcommands(program)) {
    command
      .exitOverride()
      .showHelpAfterError("(--help shows what is possible)")
      .configureOutput({
        writeOut: output.out,
        writeErr: output.err,
        getOutHelpWidth: () => output.width,
        getErrHelpWidth: () => output.width,
      });
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      throw error;
    }
    // commander has already written the message; its own code is 0 for help and version, 1 for anything wrong.
    return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  }
}
