import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { placeholderFor } from "./missingConfiguration";
import { Refusal, UsageProblem } from "./refusal";
import { isPlainObject } from "./secretValue";
import { parseYaml } from "./yamlFile";

/** What a program folder says about its program, with the configuration of one stack. */
export interface ProjectSettings {
  readonly folder: string;
  readonly project: string;
  readonly stack: string;
  /** `main` of Pulumi.yaml, relative to the folder, or undefined */
  readonly main: string | undefined;
  /** full keys (`namespace:name`) to values */
  readonly config: Readonly<Record<string, string>>;
  /** those keys of `config` that are secret */
  readonly secretKeys: readonly string[];
  /** those keys of `config` that have no value, so that a placeholder stands for it */
  readonly placeholders: readonly string[];
  /** keys of the project that the command line sets, without its name */
  readonly assigned: readonly string[];
  /** what the reader has to know about it: what could not be read */
  readonly notes: readonly string[];
}

/** What the command line adds. */
export interface ConfigChoice {
  /** stack name, or undefined to choose */
  readonly stack?: string | undefined;
  /** `key=value`, as given */
  readonly assignments?: readonly string[];
}

interface Draft {
  readonly values: Map<string, string>;
  readonly secrets: Set<string>;
  /** keys whose value stands in for one that is not there */
  readonly placeholders: Set<string>;
  /** keys whose value is encrypted, in whole or in part, so that something stands in for it */
  readonly encrypted: Set<string>;
  readonly types: Map<string, unknown>;
}

const DEFAULT_STACK = "dev";

function readYamlObject(path: string): Record<string, unknown> {
  const documents = parseYaml(readFileSync(path, "utf8"), path);
  const value = documents[0] ?? {};
  if (documents.length > 1 || !isPlainObject(value)) {
    throw new Refusal(`${path}: one YAML document with a mapping is expected`);
  }
  return value;
}

function findProjectFile(folder: string): string {
  const found = ["Pulumi.yaml", "Pulumi.yml"]
    .map((name) => join(folder, name))
    .find((path) => existsSync(path));
  if (found === undefined) {
    const reason = existsSync(folder) ? "holds no Pulumi.yaml" : "does not exist";
    throw new UsageProblem(`the program folder ${folder} ${reason}`);
  }
  return found;
}

function checkRuntime(project: Record<string, unknown>, file: string): void {
  const runtime = isPlainObject(project.runtime) ? project.runtime.name : project.runtime;
  if (runtime !== "nodejs") {
    throw new Refusal(
      `${file}: runtime is ${JSON.stringify(runtime)}; only nodejs programs can be rendered. ` +
        "`pulumi preview --diff` shows what this one would do",
    );
  }
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function setPlaceholder(draft: Draft, key: string): void {
  draft.values.set(key, placeholderFor(key, draft.types.get(key)));
}

function setValue(draft: Draft, key: string, value: string): void {
  draft.values.set(key, value);
  draft.placeholders.delete(key);
  draft.encrypted.delete(key);
}

/** The project's own `config:` section: `key: value`, or a declaration with `type`, `default`, `value`, `secret`. */
function addDeclarations(draft: Draft, section: unknown, project: string): void {
  if (!isPlainObject(section)) {
    return;
  }
  for (const [name, declared] of Object.entries(section)) {
    const key = name.includes(":") ? name : `${project}:${name}`;
    if (!isPlainObject(declared)) {
      setValue(draft, key, asText(declared));
      continue;
    }
    draft.types.set(key, declared.type);
    if (declared.secret === true) {
      draft.secrets.add(key);
    }
    const value = declared.value ?? declared.default;
    if (value !== undefined && value !== null) {
      setValue(draft, key, asText(value));
    } else {
      setPlaceholder(draft, key);
      draft.placeholders.add(key);
    }
  }
}

function isSecure(value: unknown): boolean {
  return isPlainObject(value) && typeof value.secure === "string" && Object.keys(value).length === 1;
}

/** Replaces encrypted parts, which only the stack's own key can open; undefined if there are none. */
function withoutSecure(value: unknown): unknown {
  if (isSecure(value)) {
    return "<secure>";
  }
  if (Array.isArray(value)) {
    return value.map(withoutSecure);
  }
  if (!isPlainObject(value)) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutSecure(item)]));
}

function addStackFile(draft: Draft, path: string, project: string, notes: string[]): void {
  const content = readYamlObject(path);
  if (content.environment !== undefined) {
    notes.push(`${basename(path)} imports environments, which need the Pulumi service: left out`);
  }
  if (!isPlainObject(content.config)) {
    return;
  }
  for (const [name, value] of Object.entries(content.config)) {
    const key = name.includes(":") ? name : `${project}:${name}`;
    if (isSecure(value)) {
      draft.secrets.add(key);
      setPlaceholder(draft, key);
      draft.placeholders.delete(key);
      draft.encrypted.add(key);
      continue;
    }
    const readable = withoutSecure(value);
    setValue(draft, key, asText(readable));
    if (JSON.stringify(readable) !== JSON.stringify(value)) {
      draft.secrets.add(key);
      draft.encrypted.add(key);
    }
  }
}

/** @returns the keys that are the project's own, without its name */
function addAssignments(draft: Draft, assignments: readonly string[], project: string): string[] {
  const own: string[] = [];
  for (const assignment of assignments) {
    const split = assignment.indexOf("=");
    if (split <= 0) {
      throw new UsageProblem(`--config ${assignment}: expected key=value`);
    }
    const name = assignment.slice(0, split).trim();
    const key = name.includes(":") ? name : `${project}:${name}`;
    setValue(draft, key, assignment.slice(split + 1));
    if (key.startsWith(`${project}:`)) {
      own.push(key.slice(project.length + 1));
    }
  }
  return own;
}

function stackFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((file) => {
    const match = /^Pulumi\.(.+)\.ya?ml$/.exec(file);
    return match?.[1] === undefined ? [] : [match[1]];
  });
}

function chooseStack(folder: string, given: string | undefined, notes: string[]): string {
  const there = stackFiles(folder);
  if (given !== undefined) {
    if (there.length > 0 && !there.includes(given)) {
      throw new UsageProblem(
        `--stack ${given}: there is no Pulumi.${given}.yaml; stacks here: ${there.join(", ")}`,
      );
    }
    if (there.length === 0) {
      notes.push(`--stack ${given}: there is no Pulumi.${given}.yaml, so only the name is used`);
    }
    return given;
  }
  const [first, ...others] = there;
  if (first === undefined || there.includes(DEFAULT_STACK)) {
    return DEFAULT_STACK;
  }
  if (others.length === 0) {
    return first;
  }
  notes.push(`several stacks are configured (${there.join(", ")}); none is used: choose one with --stack`);
  return DEFAULT_STACK;
}

/**
 * Reads Pulumi.yaml and, if there is one, the file of the stack. Where a value is not known (declared without one, or
 * encrypted), a placeholder such as `placeholder-accesskeyid`, `1` or `true` takes its place and a note says so.
 * @throws UsageProblem if the folder is no program folder, Refusal if a file in it is wrong
 */
export function readProjectSettings(folder: string, choice: ConfigChoice = {}): ProjectSettings {
  const file = findProjectFile(folder);
  const content = readYamlObject(file);
  checkRuntime(content, file);
  const project = typeof content.name === "string" && content.name !== "" ? content.name : "project";
  const notes: string[] = [];
  const stack = chooseStack(folder, choice.stack, notes);
  const draft: Draft = {
    values: new Map(),
    secrets: new Set(),
    placeholders: new Set(),
    encrypted: new Set(),
    types: new Map(),
  };
  addDeclarations(draft, content.config, project);
  const stackFile = [`Pulumi.${stack}.yaml`, `Pulumi.${stack}.yml`]
    .map((name) => join(folder, name))
    .find(existsSync);
  if (stackFile !== undefined) {
    addStackFile(draft, stackFile, project, notes);
  }
  const assigned = addAssignments(draft, choice.assignments ?? [], project);
  if (draft.encrypted.size > 0 && stackFile !== undefined) {
    const keys = [...draft.encrypted].map((key) => key.replace(`${project}:`, ""));
    notes.push(
      `${basename(stackFile)} holds ${keys.join(", ")} encrypted, which only Pulumi can read: placeholders are used ` +
        "(set one with --config key=value)",
    );
  }
  return {
    folder,
    project,
    stack,
    main: typeof content.main === "string" && content.main !== "" ? content.main : undefined,
    config: Object.fromEntries(draft.values),
    placeholders: [...draft.placeholders],
    secretKeys: [...draft.secrets].filter((key) => draft.values.has(key)),
    assigned,
    notes,
  };
}
