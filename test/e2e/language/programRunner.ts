import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { configOf, type ProgramConfig } from "./programConfig";

/** A program, and the run that the engine wants of it. */
export interface ProgramRun extends ProgramConfig {
  readonly engine: string;
  /** Address at which the program registers its resources. */
  readonly monitor: string;
  readonly organization: string;
  readonly project: string;
  readonly stack: string;
  readonly dryRun: boolean;
  readonly parallel: number;
  readonly args: readonly string[];
  /** Folder of `Pulumi.yaml`. */
  readonly rootDirectory: string;
  /** Folder that the program runs in, where its modules are looked for. */
  readonly programDirectory: string;
  /** What is run there: a file, or `.` for what `package.json` names. */
  readonly entryPoint: string;
  /** `runtime.options` of the project. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** How a program ended. */
export interface ProgramEnd {
  /** Empty when it went well, or when the program itself has told the user. */
  readonly error: string;
  /** Whether the engine shall stop without another word. */
  readonly bail: boolean;
}

/** Exit code of the SDK's runner after it has shown the program's error to the user. */
const alreadyReported = 32;

/** Runs programs with the runner that the project's own `@pulumi/pulumi` brings along. */
export class ProgramRunner {
  private readonly running = new Set<ChildProcess>();

  constructor() {
    process.on("exit", () => {
      for (const child of this.running) {
        child.kill("SIGKILL");
      }
    });
  }

  /** Asks the programs to end. */
  interrupt(): void {
    for (const child of this.running) {
      child.kill("SIGINT");
    }
  }

  /**
   * Runs a program to its end. What it prints goes to this process's own output, where the engine reads it.
   *
   * @param run - The program.
   */
  async run(run: ProgramRun): Promise<ProgramEnd> {
    const script = runnerModule(run.programDirectory, "run");
    if (script === undefined) {
      return failed("It looks like the Pulumi SDK has not been installed. Have you run npm install?");
    }
    if ("nodeargs" in run.options) {
      return failed("This stand-in does not know the option nodeargs.");
    }
    const child = spawn("node", [script, ...flags(run), run.entryPoint, ...run.args], {
      cwd: process.cwd(),
      env: { ...process.env, ...configOf(run), ...typeScriptOf(run.options) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.pipe(process.stdout);
    child.stderr.pipe(process.stderr);
    this.running.add(child);
    try {
      return endOf(await exitCode(child));
    } finally {
      this.running.delete(child);
    }
  }
}

/**
 * A runner of the SDK that a program or plugin has installed; undefined when there is none.
 *
 * @param directory - Folder of the program.
 * @param name - Which runner.
 */
export function runnerModule(
  directory: string,
  name: "run" | "run-plugin" | "run-policy-pack",
): string | undefined {
  try {
    return createRequire(join(directory, "program.js")).resolve(`@pulumi/pulumi/cmd/${name}`);
  } catch {
    return undefined;
  }
}

/** The real host stands between program and monitor, for calls that wait in JavaScript; nothing here makes such calls. */
function flags(run: ProgramRun): string[] {
  const values: [string, string][] = [
    ["monitor", run.monitor],
    ["engine", run.engine],
    ["organization", run.organization],
    ["project", run.project],
    ["root-directory", run.rootDirectory],
    ["stack", run.stack],
    ["pwd", run.programDirectory],
    ["parallel", String(run.parallel)],
  ];
  const given = values.filter(([, value]) => value !== "").flatMap(([name, value]) => [`--${name}`, value]);
  return run.dryRun ? ["--dry-run", ...given] : given;
}

/** TypeScript is loaded as it is, unless the project says otherwise. */
function typeScriptOf({ typescript = true, tsconfig }: Readonly<Record<string, unknown>>): NodeJS.ProcessEnv {
  return {
    ...(typescript === true ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
    ...(typeof tsconfig === "string" ? { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig } : {}),
  };
}

function exitCode(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    // Not "exit": the last lines of a program may come after it.
    child.once("close", (code, signal) => {
      resolve(code ?? signal ?? "unknown");
    });
  });
}

function endOf(code: number | string): ProgramEnd {
  if (code === 0) {
    return { error: "", bail: false };
  }
  if (code === alreadyReported) {
    return { error: "", bail: true };
  }
  return failed(
    typeof code === "number"
      ? `Program exited with non-zero exit code: ${code}`
      : `Program exited unexpectedly: ${code}`,
  );
}

function failed(error: string): ProgramEnd {
  return { error, bail: false };
}
