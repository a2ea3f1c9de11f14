import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { isSystemError, StackError } from "./failure";
import { onProcessEnd } from "./processEnd";

/** A command to run to its end. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Takes everything that the command prints; replaced if it exists. */
  readonly logFile: string;
  /** What the command is run for, for messages: "building etcd 3.5.1". */
  readonly purpose: string;
  /** What to do when the command is not on this machine. */
  readonly ifMissing: string;
}

/**
 * Runs a command to its end. It is ended with this process.
 *
 * @throws StackError when the command is missing or fails; the message then holds the end of its log
 */
export async function runCommand(request: Command): Promise<void> {
  mkdirSync(dirname(request.logFile), { recursive: true });
  const code = await exitCode(request);
  if (code === 0) {
    return;
  }
  throw new StackError(
    `${request.command} failed (${code === null ? "ended by a signal" : `exit code ${code}`}) while ${request.purpose}: ${lastLines(request.logFile, 3)}`,
    `The whole log is in ${request.logFile}.`,
  );
}

async function exitCode(request: Command): Promise<number | null> {
  const log = openSync(request.logFile, "w");
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(request.command, request.args, {
        cwd: request.cwd,
        env: { ...process.env, ...request.env },
        stdio: ["ignore", log, log],
      });
      const forget = onProcessEnd(() => child.kill("SIGTERM"));
      child.once("error", (error) => {
        forget();
        reject(isSystemError(error, "ENOENT") ? missing(request) : error);
      });
      child.once("exit", (code) => {
        forget();
        resolve(code);
      });
    });
  } finally {
    closeSync(log);
  }
}

function missing(request: Command): StackError {
  return new StackError(
    `${request.command} is not on PATH, and ${request.purpose} needs it.`,
    request.ifMissing,
  );
}

/** The last `count` lines of a log that are not empty, on one line. */
export function lastLines(logFile: string, count: number): string {
  const lines = readFileSync(logFile, "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return lines.slice(-count).join(" | ") || "it printed nothing";
}
