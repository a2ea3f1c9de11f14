import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { providerFolder } from "./engine";
import { findOnPath } from "./executables";
import { StackError } from "./failure";
import { findPart, type FoundPart } from "./findPart";
import { packedProject, packedVariable } from "./packed";
import { parts, partNamed } from "./parts";

/** The providers that the programs of the suite need. */
const providers = ["pulumi-resource-kubernetes", "pulumi-resource-random"] as const;

/** A provider and where it comes from. */
export interface FoundProvider {
  readonly name: string;
  readonly path: string;
  /** Whether it is the suite's own stand-in. */
  readonly isStandIn: boolean;
}

/** All that a run needs, found or made. */
export interface PreparedStack {
  readonly parts: readonly FoundPart[];
  readonly providers: readonly FoundProvider[];
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
  for (const { name } of parts) found.push(await findPart(name));
  const stack = { parts: found, providers: providers.map(findProvider) };
  return { ...stack, packed: (await packedProject()).folder };
}

/** Environment variables with which another process finds the same parts without looking. */
export function environmentOf(stack: PreparedStack): Record<string, string> {
  const environment: Record<string, string> = { [packedVariable]: stack.packed };
  for (const { name, path } of stack.parts) environment[partNamed(name).variable] = path;
  return environment;
}

/** A line for each part and provider: what it is and where it is from. */
export function describeStack(stack: PreparedStack): string {
  const lines = [
    ...stack.parts.map((part) => [part.name, origin(part), part.path]),
    ...stack.providers.map((provider) => [
      provider.name,
      provider.isStandIn ? "stand-in of this suite" : "PATH",
      provider.path,
    ]),
    ["package", "packed", stack.packed],
  ];
  return lines
    .map(([name = "", from = "", path = ""]) => `  ${name.padEnd(27)} ${from.padEnd(23)} ${path}`)
    .join("\n");
}

/** The version is known only of what comes from the pins. */
function origin({ name, origin }: FoundPart): string {
  return origin === "cache" || origin === "built now" ? `${partNamed(name).version}, ${origin}` : origin;
}

/**
 * The provider on PATH, else the stand-in.
 *
 * @throws StackError when there is neither
 */
export function findProvider(name: string): FoundProvider {
  const own = join(providerFolder, name);
  const searched = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== providerFolder);
  const onPath = findOnPath(name, searched.join(delimiter));
  if (onPath !== undefined) return { name, path: onPath, isStandIn: false };
  if (existsSync(own)) return { name, path: own, isStandIn: true };
  throw new StackError(
    `${name} is neither on PATH nor in ${providerFolder}.`,
    "Put the provider on PATH, or restore that folder from the repository.",
  );
}

/** Says that a part could not be had, as the last line before the run ends. */
export function explainFailure(error: unknown): string {
  if (error instanceof StackError) return `cannot run: ${error.message}`;
  return `cannot run: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
