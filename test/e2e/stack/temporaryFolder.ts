import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onProcessEnd } from "./processEnd";

/** Every temporary folder of the suite has a name that starts with this. */
export const temporaryPrefix = "sigsci-e2e-";

/** A folder that lives no longer than the process that made it. */
export interface TemporaryFolder {
  readonly path: string;
  /** Removes the folder with all that is in it. Safe to call twice. */
  remove(): void;
}

/**
 * Makes an empty folder of the suite, removed when the process ends at the latest.
 *
 * @param purpose a word that says what is in it, part of its name
 */
export function createTemporaryFolder(purpose: string): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), `${temporaryPrefix}${purpose}-`));
  const removeNow = (): void => {
    // A process that was just ended may still add a file while its folder is being emptied.
    rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  };
  const forget = onProcessEnd(removeNow);
  return {
    path,
    remove: () => {
      forget();
      removeNow();
    },
  };
}
