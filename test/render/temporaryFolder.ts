import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A new folder with these files (path to content); `remove` deletes it again. */
export function temporaryFolder(files: Readonly<Record<string, string>>): {
  path: string;
  remove: () => void;
} {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "render-")));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  const remove = (): void => {
    rmSync(path, { recursive: true });
  };
  return { path, remove };
}

/** Runs `use` in a new folder with these files. */
export async function inFolder<T>(
  files: Readonly<Record<string, string>>,
  use: (path: string) => T | Promise<T>,
): Promise<T> {
  const folder = temporaryFolder(files);
  try {
    return await use(folder.path);
  } finally {
    folder.remove();
  }
}
