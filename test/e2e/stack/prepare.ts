import { StackError } from "./failure";
import { findPart, type FoundPart } from "./findPart";
import { packedProject, packedVariable } from "./packed";
import { parts, partNamed } from "./parts";
import { findPlugins, type FoundPlugin } from "./plugins";

/** All that a run needs, found or made. */
export interface PreparedStack {
  readonly parts: readonly FoundPart[];
  readonly plugins: readonly FoundPlugin[];
  /** Path of the scratch project with the packed package. */
  readonly packed: string;
}

/**
 * Finds or makes every part, and the scratch project with the packed package.
 *
 * @throws StackError at the first one that cannot be had
 */
export async function prepareStack(): Promise<PreparedStack> {
  const found: FoundPart[] = [];
  for (const { name } of parts) {
    found.push(await findPart(name));
  }
  const stack = { parts: found, plugins: findPlugins() };
  return { ...stack, packed: (await packedProject()).folder };
}

/** Environment variables with which another process finds the same parts without looking. */
export function environmentOf(stack: PreparedStack): Record<string, string> {
  const environment: Record<string, string> = { [packedVariable]: stack.packed };
  for (const { name, path } of stack.parts) {
    environment[partNamed(name).variable] = path;
  }
  return environment;
}

/** A line for each part and plugin: what it is and where it is from. */
export function describeStack(stack: PreparedStack): string {
  const lines = [
    ...stack.parts.map((part) => [part.name, origin(part), part.path]),
    ...stack.plugins.map((plugin) => [
      plugin.name,
      plugin.isStandIn ? "stand-in of this suite" : "PATH",
      plugin.path,
    ]),
    ["package", "packed", stack.packed],
  ];
  return lines
    .map(([name = "", from = "", path = ""]) => `  ${name.padEnd(27)} ${from.padEnd(45)} ${path}`)
    .join("\n");
}

/** The version is known only of what comes from the pins. */
function origin({ name, origin }: FoundPart): string {
  return origin === "cache" || origin === "built now" ? `${partNamed(name).version}, ${origin}` : origin;
}

/** Says that a part could not be had, as the last line before the run ends. */
export function explainFailure(error: unknown): string {
  if (error instanceof StackError) {
    return `cannot run: ${error.message}`;
  }
  return `cannot run: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
