import { readdirSync, readFileSync } from "node:fs";
import { isSystemError } from "./failure";
import { isRunning } from "./runningProcess";

const longestWaitMilliseconds = 1000;

/**
 * Ends, at once, the engine of one `PULUMI_HOME` with the providers that it has started; none may be running.
 *
 * An engine that lost its program would go on for a while and write its state into a folder that is gone.
 * Synchronous, as it is also done while this process ends. The Automation API does not tell the process id:
 * it is found among the descendants of this process by its environment. Only on Linux.
 */
export function endEngineProcesses(home: string): void {
  if (process.platform !== "linux") {
    return;
  }
  const pids = descendants(process.pid).filter((pid) => environmentOf(pid).includes(`PULUMI_HOME=${home}`));
  for (const pid of pids) {
    killNow(pid);
  }
  const deadline = Date.now() + longestWaitMilliseconds;
  while (pids.some(isRunning) && Date.now() < deadline) {
    sleep(10);
  }
}

/** The ids of all processes that `ancestor` has started, and that those have started. Only on Linux. */
export function descendants(ancestor: number): number[] {
  const parents = new Map(runningPids().map((pid) => [pid, parentOf(pid)]));
  const found = [ancestor];
  // The list grows while it is walked.
  for (const parent of found) {
    for (const [pid, of] of parents) {
      if (of === parent) {
        found.push(pid);
      }
    }
  }
  return found.slice(1);
}

function runningPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** "<pid> (<name>) <state> <parent> ...", where the name may hold anything. */
function parentOf(pid: number): number {
  return Number(readProcess(pid, "stat").split(") ").at(-1)?.split(" ")[1]);
}

function environmentOf(pid: number): string[] {
  return readProcess(pid, "environ").split("\0");
}

/** A file about a process; empty when the process is gone or somebody else's. */
function readProcess(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES"].some((code) => isSystemError(error, code))) {
      return "";
    }
    throw error;
  }
}

function killNow(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!isSystemError(error, "ESRCH")) {
      throw error;
    }
  }
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
