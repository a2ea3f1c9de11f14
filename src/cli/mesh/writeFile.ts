import { randomBytes } from "node:crypto";
import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { Refusal } from "../../offline/refusal";

/**
 * Replaces a file in one step: a reader sees the old content or the new one. Its mode stays, and a symbolic link
 * still points to it.
 * @throws Refusal when it cannot be written; the file is then as it was
 */
export function replaceFile(path: string, content: string): void {
  let temporary: string | undefined;
  try {
    const target = realpathSync(path);
    temporary = `${target}.${randomBytes(4).toString("hex")}.tmp`;
    writeFileSync(temporary, content, { mode: statSync(target).mode, flag: "wx" });
    renameSync(temporary, target);
  } catch (error) {
    if (temporary !== undefined) {
      rmSync(temporary, { force: true });
    }
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new Refusal(`cannot write ${path}: ${reason}. It is as it was.`);
  }
}
