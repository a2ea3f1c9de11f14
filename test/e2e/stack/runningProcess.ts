import { readFileSync } from "node:fs";
import { isSystemError } from "./failure";

/** Whether a process of this id runs. One that has ended and only waits to be collected does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return isSystemError(error, "EPERM");
  }
  return process.platform !== "linux" || !hasEnded(pid);
}

function hasEnded(pid: number): boolean {
  try {
    // "<pid> (<name>) <state> ...", where the name may hold anything.
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.startsWith("Z") ?? true;
  } catch (error) {
    if (isSystemError(error, "ENOENT") || isSystemError(error, "ESRCH")) {
      return true;
    }
    throw error;
  }
}
