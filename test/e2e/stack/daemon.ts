import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { lastLines } from "./command";
import { findOnPath, isExecutable } from "./executables";
import { StackError } from "./failure";
import { onProcessEnd } from "./processEnd";

/** A program that runs until it is stopped. */
export interface DaemonOptions {
  /** What messages call it. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Its whole environment. Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Takes all that it prints. */
  readonly logFile: string;
}

// Ends the program with this process even when this process is killed and can clean up nothing.
const parentDeathGuard = findOnPath("setpriv");

/** A running program of the stack. It is killed when this process ends, whatever the reason. */
export class Daemon {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  private readonly ended: Promise<void>;
  private ending: string | undefined;
  private stopping = false;

  private constructor(
    options: DaemonOptions,
    private readonly child: ChildProcess,
    pid: number,
  ) {
    this.name = options.name;
    this.logFile = options.logFile;
    this.pid = pid;
    const forget = onProcessEnd(() => child.kill("SIGKILL"));
    this.ended = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.ending =
          signal === null
            ? `ended by itself (exit code ${code ?? "unknown"}): ${lastLines(options.logFile, 1)}`
            : `was ended by ${signal}.`;
        forget();
        resolve();
      });
    });
  }

  /**
   * Starts a program. It may not be ready yet when this returns: see {@link Daemon.startReady}.
   *
   * @throws StackError when it cannot be started
   */
  static async start(options: DaemonOptions): Promise<Daemon> {
    if (!isExecutable(options.command)) {
      throw new StackError(
        `${options.name} cannot be started: ${options.command} is not an executable file.`,
        "Correct the path.",
      );
    }
    const log = openSync(options.logFile, "a");
    const [command, args] = guarded(options);
    const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: ["ignore", log, log] });
    closeSync(log);
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("spawn", () => {
        // The event says that there is a process, so that it has an id.
        resolve(new Daemon(options, child, child.pid ?? 0));
      });
    });
  }

  /**
   * Starts a program and waits until `probe` gives true; stops it again when it does not come up.
   *
   * @param what what is waited for, for messages
   * @throws StackError when it cannot be started, ends, or is not ready within a minute
   */
  static async startReady(
    options: DaemonOptions,
    what: string,
    probe: () => Promise<boolean>,
  ): Promise<Daemon> {
    const daemon = await Daemon.start(options);
    try {
      await daemon.waitUntil(what, probe);
      return daemon;
    } catch (error) {
      await daemon.stop(0);
      throw error;
    }
  }

  /** Whether the program has ended. */
  get hasEnded(): boolean {
    return this.ending !== undefined;
  }

  /** All that the program has printed. */
  get log(): string {
    return readFileSync(this.logFile, "utf8");
  }

  /** Calls `listener` when the program ends although nobody stopped it, with a sentence that says so. */
  onUnexpectedEnd(listener: (sentence: string) => void): void {
    void this.ended.then(() => {
      if (!this.stopping) {
        listener(this.endSentence());
      }
    });
  }

  /**
   * Waits until `probe` gives true.
   *
   * @param what what is waited for, for messages
   * @param probe asked every 100 ms; an error counts as "not yet"
   * @param limitSeconds longest wait
   * @throws StackError when the program ends or the time is over
   */
  async waitUntil(what: string, probe: () => Promise<boolean>, limitSeconds = 60): Promise<void> {
    const deadline = Date.now() + limitSeconds * 1000;
    for (;;) {
      if (this.hasEnded) {
        throw new StackError(this.endSentence(), "Put that right and run again.");
      }
      if (await succeeds(probe)) {
        return;
      }
      if (Date.now() > deadline) {
        throw new StackError(
          `${what} did not come within ${limitSeconds} s; ${this.name} last said: ${lastLines(this.logFile, 1)}`,
          "Run again on a machine with less to do, or look for the reason in that line.",
        );
      }
      await Promise.race([delay(100), this.ended]);
    }
  }

  /**
   * Ends the program: SIGTERM, and SIGKILL when it is still there after `graceMilliseconds`.
   * Returns when the process is gone. Safe to call twice.
   */
  async stop(graceMilliseconds = 2000): Promise<void> {
    this.stopping = true;
    if (this.hasEnded) {
      return;
    }
    this.child.kill("SIGTERM");
    const kill = setTimeout(() => this.child.kill("SIGKILL"), graceMilliseconds);
    await this.ended;
    clearTimeout(kill);
  }

  private endSentence(): string {
    return `${this.name} ${this.ending ?? "runs."}`;
  }
}

function guarded(options: DaemonOptions): [string, string[]] {
  if (parentDeathGuard === undefined) {
    return [options.command, [...options.args]];
  }
  return [parentDeathGuard, ["--pdeathsig", "KILL", options.command, ...options.args]];
}

async function succeeds(probe: () => Promise<boolean>): Promise<boolean> {
  try {
    return await probe();
  } catch {
    return false;
  }
}
