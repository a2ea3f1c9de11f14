import { cpSync, readFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { createTemporaryFolder } from "../stack/temporaryFolder";

const repository = resolve(__dirname, "../../..");

/**
 * Copies what the repository's own Pulumi project consists of, since `pulumi` writes the settings of a stack beside
 * `Pulumi.yaml`. The copy goes when the process ends.
 *
 * @returns path of the copy
 */
export function cloneOfRepository(): string {
  const copy = createTemporaryFolder("clone").path;
  for (const name of ["Pulumi.yaml", "package.json", "tsconfig.json", "src"]) {
    cpSync(join(repository, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** The commands with which docs/clone-as-stack.md sets up the stack of a clone and runs it, in their order. */
export function documentedCommands(): string[] {
  const page = readFileSync(join(repository, "docs/clone-as-stack.md"), "utf8");
  const block = [...page.matchAll(/^```sh\n(.*?)^```$/gms)]
    .map(([, text = ""]) => text)
    .find((text) => text.startsWith("pulumi stack init"));
  return (block ?? "").split("\n").filter((line) => line !== "");
}
