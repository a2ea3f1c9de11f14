import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { findOnPath, isExecutable } from "./executables";
import { StackError } from "./failure";
import { makePart } from "./makePart";
import { partNamed, type Part, type PartName } from "./parts";

/** Where a part was found. */
export type PartOrigin = "environment" | "PATH" | "cache" | "built now";

/** A part that is ready to be used. */
export interface FoundPart {
  readonly name: PartName;
  readonly path: string;
  readonly origin: PartOrigin;
}

/**
 * Finds a part of the stack: the file that its environment variable names, else on PATH, else in the cache,
 * else it is made.
 *
 * @throws StackError when the variable names no usable file, or when the part cannot be made
 */
export async function findPart(name: PartName): Promise<FoundPart> {
  const part = partNamed(name);
  const named = namedByEnvironment(part);
  if (named !== undefined) {
    return { name, path: named, origin: "environment" };
  }
  const onPath = part.executable ? findOnPath(name) : undefined;
  if (onPath !== undefined) {
    return { name, path: onPath, origin: "PATH" };
  }
  const { path, made } = await makePart(part);
  return { name, path, origin: made ? "built now" : "cache" };
}

function namedByEnvironment(part: Part): string | undefined {
  const value = process.env[part.variable];
  if (value === undefined || value === "") {
    return undefined;
  }
  const path = resolve(value);
  if (part.executable ? isExecutable(path) : existsSync(path)) {
    return path;
  }
  throw new StackError(
    `${part.variable} names ${path}, which ${part.executable ? "is no executable file" : "does not exist"}.`,
    `Correct it, or unset it to have ${part.name} ${part.version} made.`,
  );
}
