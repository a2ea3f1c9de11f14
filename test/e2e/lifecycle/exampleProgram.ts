import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve, sep } from "node:path";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import type { PackedProject } from "../stack/packed";

/** An example, copied beside the packed package, as a user has it. */
export interface ExampleProgram {
  /** Runs the program as it is now on disk. */
  readonly run: PulumiFn;
  /**
   * Edits the program as a user would.
   *
   * @param from - Text that must be there.
   * @param to - What stands there afterwards.
   */
  edit: (from: string, to: string) => void;
}

/**
 * Copies an example of this repository.
 *
 * @param project - The scratch project with the packed package.
 * @param name - Folder below `examples`.
 */
export function exampleProgram(project: PackedProject, name: string): ExampleProgram {
  return programAt(project.copyProgram(resolve(__dirname, "../../../examples", name)));
}

/**
 * A program that is not an example.
 *
 * @param project - The scratch project with the packed package.
 * @param name - Folder below `programs` beside this file.
 */
export function testProgram(project: PackedProject, name: string): ExampleProgram {
  return programAt(project.copyProgram(join(__dirname, "programs", name)));
}

function programAt(folder: string): ExampleProgram {
  const file = join(folder, "index.ts");
  const load = createRequire(file);
  return {
    run: () => {
      // Each run is a new program; the packages stay loaded, as the SDK in use must be one.
      for (const loaded of Object.keys(load.cache)) {
        if (loaded.startsWith(folder + sep) && !loaded.includes(`${sep}node_modules${sep}`)) {
          Reflect.deleteProperty(load.cache, loaded);
        }
      }
      const outputs: unknown = load(file);
      // The exports of a program are its outputs.
      return Promise.resolve(outputs as Record<string, unknown>);
    },
    edit: (from, to) => {
      const source = readFileSync(file, "utf8");
      if (!source.includes(from)) {
        throw new Error(`${file} no longer has: ${from}`);
      }
      writeFileSync(file, source.replaceAll(from, to));
    },
  };
}
