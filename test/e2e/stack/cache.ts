import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isSystemError, StackError } from "./failure";
import { onProcessEnd } from "./processEnd";
import { say } from "./progress";
import { isRunning } from "./runningProcess";

const longestWaitMinutes = 40;

/** Folder that keeps what the suite has built: `$XDG_CACHE_HOME/pulumi-sigsci-istio`, by default under `~/.cache`. */
export function cacheFolder(): string {
  const configured = process.env.XDG_CACHE_HOME;
  const base = configured === undefined || configured === "" ? join(homedir(), ".cache") : configured;
  return join(base, "pulumi-sigsci-istio");
}

/**
 * Fills an entry of the cache, once per machine.
 *
 * The entry appears whole or not at all. When two suites want the same one, the second waits for the first.
 *
 * @param name name of the entry, with the hash of all that it is made from
 * @param fill makes the contents in an empty folder
 * @returns path of the entry
 */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const entry = join(cacheFolder(), name);
  if (existsSync(entry)) {
    return entry;
  }
  mkdirSync(cacheFolder(), { recursive: true });
  const release = await lock(`${entry}.lock`, name);
  try {
    if (!existsSync(entry)) {
      await fillWhole(entry, fill);
    }
  } finally {
    release();
  }
  return entry;
}

async function fillWhole(entry: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const unfinished = `${entry}.unfinished-${process.pid}-${Date.now()}`;
  const remove = (): void => {
    rmSync(unfinished, { recursive: true, force: true });
  };
  const forget = onProcessEnd(remove);
  mkdirSync(unfinished);
  try {
    await fill(unfinished);
    moveIntoPlace(unfinished, entry);
  } finally {
    remove();
    forget();
  }
}

/** Renaming is what makes an entry whole: the lock only saves double work. */
function moveIntoPlace(unfinished: string, entry: string): void {
  try {
    renameSync(unfinished, entry);
  } catch (error) {
    if (!isSystemError(error, "ENOTEMPTY") && !isSystemError(error, "EEXIST")) {
      throw error;
    }
  }
}

async function lock(file: string, name: string): Promise<() => void> {
  const deadline = Date.now() + longestWaitMinutes * 60_000;
  let told = false;
  while (!tryLock(file)) {
    const holder = holderOf(file);
    if (holder !== undefined && !isRunning(holder)) {
      rmSync(file, { force: true });
      continue;
    }
    if (Date.now() > deadline) {
      throw new StackError(
        `Another run has been making ${name} for more than ${longestWaitMinutes} minutes.`,
        `End it, or remove ${file} if there is none.`,
      );
    }
    if (!told) {
      say(`${name}: another run is making it, waiting`);
    }
    told = true;
    await delay(1000);
  }
  const release = (): void => {
    rmSync(file, { force: true });
  };
  const forget = onProcessEnd(release);
  return () => {
    release();
    forget();
  };
}

function tryLock(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (isSystemError(error, "EEXIST")) {
      return false;
    }
    throw error;
  }
}

/** The process that holds a lock; undefined while the file is being written or when it is gone. */
function holderOf(file: string): number | undefined {
  try {
    const text = readFileSync(file, "utf8");
    return text === "" ? undefined : Number(text);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) {
      return undefined;
    }
    throw error;
  }
}
