import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";
import { at } from "../kubernetes/liveObject";
import { Refusal } from "../offline/refusal";
import type { RenderReport } from "./report";

/** What a program is compared with. */
export type Base =
  | { readonly kind: "report"; readonly report: RenderReport }
  | {
      readonly kind: "folder";
      readonly folder: string;
      readonly notes: readonly string[];
      /** The file that another file is there: the one at the ref, where the repository has it. */
      readonly fileAt: (file: string) => string;
      /** Removes what was made to have the folder. */
      readonly release: () => void;
    };

/**
 * Finds what a program is compared with: a document that `render --json` printed, a folder with a program, or the same
 * folder at a git ref, checked out apart.
 *
 * @param base - Path, or ref.
 * @param folder - Folder of the program, which may be a part of the repository.
 * @throws Refusal when it is none of them.
 */
export function openBase(base: string, folder: string): Base {
  const stats = existsSync(base) ? statSync(base) : undefined;
  if (stats?.isFile() === true) {
    return { kind: "report", report: readReport(base) };
  }
  if (stats?.isDirectory() === true && existsSync(join(base, "Pulumi.yaml"))) {
    return {
      kind: "folder",
      folder: resolve(base),
      notes: [],
      fileAt: (file) => file,
      release: () => undefined,
    };
  }
  return checkOut(base, realpathSync(folder));
}

/** Lists of a report that are read of a base. */
const listPaths = [
  ["resources"],
  ["coverage", "policies"],
  ["coverage", "workloads"],
  ["mesh", "edits"],
  ["mesh", "external"],
];

function readReport(file: string): RenderReport {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new Refusal(`--base ${file}: it is no JSON. Give what \`render --json\` printed.`);
  }
  const version = at(value, "version");
  if (version !== 1 || !listPaths.every((path) => Array.isArray(at(value, ...path)))) {
    throw new Refusal(
      `--base ${file}: it is no document that \`render --json\` of this version prints (version ${String(version)}, ` +
        "expected 1). Render the base again.",
    );
  }
  // The version says that it has this shape.
  return value as RenderReport;
}

// In a hook git names repository and index by variables: with these a checkout apart would write into the user's index.
const withoutGit = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^GIT_(DIR|INDEX_FILE|WORK_TREE|PREFIX)$/.test(name)),
  );

function git(folder: string, ...args: string[]): string {
  return execFileSync("git", ["-C", folder, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: withoutGit(),
  }).trim();
}

/** What a git command prints; undefined when it fails. */
function tried(folder: string, ...args: string[]): string | undefined {
  try {
    return git(folder, ...args);
  } catch {
    return undefined;
  }
}

function checkOut(ref: string, folder: string): Base {
  const top = tried(folder, "rev-parse", "--show-toplevel");
  if (top === undefined) {
    throw new Refusal(
      `--base ${ref}: there is no such file or folder with Pulumi.yaml, and ${folder} is in no git repository`,
    );
  }
  const commit = tried(folder, "rev-parse", "--verify", "--quiet", `${ref}^{commit}`);
  if (commit === undefined) {
    const isShallow = tried(folder, "rev-parse", "--is-shallow-repository") === "true";
    const short = ref.replace(/^origin\//, "");
    throw new Refusal(
      isShallow
        ? `--base ${ref}: this clone is shallow and does not have it. Fetch it first: \`git fetch --depth=1 origin ${short}:refs/remotes/origin/${short}\`, then \`--base origin/${short}\``
        : `--base ${ref}: the repository has no such ref, and there is no such file or folder with Pulumi.yaml`,
    );
  }
  const place = mkdtempSync(join(tmpdir(), "sigsci-istio-base-"));
  const tree = join(place, "tree");
  const release = (): void => {
    tried(top, "worktree", "remove", "--force", tree);
    rmSync(place, { recursive: true, force: true });
    tried(top, "worktree", "prune");
  };
  try {
    git(top, "worktree", "add", "--quiet", "--detach", tree, commit);
    const inTree = join(tree, relative(realpathSync(top), folder));
    if (!existsSync(join(inTree, "Pulumi.yaml"))) {
      throw new Refusal(
        `--base ${ref}: there is no Pulumi.yaml in ${relative(tree, inTree) || "."} at that ref`,
      );
    }
    const place = placeIn(realpathSync(top), tree);
    linkModules(realpathSync(top), folder, place);
    const fileAt = (file: string): string => {
      const there = existsSync(file) ? place(realpathSync(file)) : undefined;
      return there !== undefined && existsSync(there) ? there : file;
    };
    return { kind: "folder", folder: inTree, notes: notesOn(ref, folder, inTree), fileAt, release };
  } catch (error) {
    release();
    throw error instanceof Refusal ? error : new Refusal(`--base ${ref}: git cannot check it out`);
  }
}

/** Where a path of the repository is in the checkout; undefined for one outside. */
type PlaceInTree = (path: string) => string | undefined;

function placeIn(top: string, tree: string): PlaceInTree {
  return (path) => (path.startsWith(top + sep) ? join(tree, relative(top, path)) : undefined);
}

/** The base runs with the dependencies that are installed: each `node_modules` on the way to the program is shared. */
function linkModules(top: string, folder: string, place: PlaceInTree): void {
  for (let level = folder; ; level = dirname(level)) {
    share(join(level, "node_modules"), place);
    if (level === top || !level.startsWith(top + sep)) {
      return;
    }
  }
}

/** Packages of the repository itself, as workspaces link them, count as they were at the ref. */
function share(modules: string, place: PlaceInTree): void {
  const link = place(modules);
  if (link === undefined || !existsSync(modules) || !existsSync(dirname(link)) || isThere(link)) {
    return;
  }
  const entries = entriesOf(modules).map((name) => ({ name, own: ownPackage(join(modules, name), place) }));
  if (entries.every(({ own }) => own === undefined)) {
    symlinkSync(modules, link, "dir");
    return;
  }
  for (const { name, own } of entries) {
    mkdirSync(dirname(join(link, name)), { recursive: true });
    symlinkSync(own?.there ?? join(modules, name), join(link, name), "dir");
    if (own !== undefined) {
      share(join(own.path, "node_modules"), place);
    }
  }
}

/** Names of packages and the rest, with their scopes. */
function entriesOf(modules: string): string[] {
  return readdirSync(modules).flatMap((name) => {
    const path = join(modules, name);
    return name.startsWith("@") && !lstatSync(path).isSymbolicLink()
      ? readdirSync(path).map((part) => join(name, part))
      : [name];
  });
}

function ownPackage(entry: string, place: PlaceInTree): { path: string; there: string } | undefined {
  if (!lstatSync(entry).isSymbolicLink() || !existsSync(entry)) {
    return undefined;
  }
  const path = realpathSync(entry);
  const there = path.split(sep).includes("node_modules") ? undefined : place(path);
  return there === undefined ? undefined : { path, there };
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function notesOn(ref: string, folder: string, inTree: string): string[] {
  const lockFiles = ["package-lock.json", "yarn.lock", "pnpm-lock.yaml"];
  const differs = lockFiles.some((name) => textOf(join(folder, name)) !== textOf(join(inTree, name)));
  const uncommitted = tried(folder, "status", "--porcelain", "--", ".") ?? "";
  const files = uncommitted.split("\n").filter((line) => line !== "");
  return [
    ...(files.length > 0
      ? [
          `compared with ${ref} are also changes that are not committed: ${files.map((line) => line.trim().replace(/^\S+\s+/, "")).join(", ")}`,
        ]
      : []),
    ...(differs
      ? [
          `the lock file at ${ref} is another one; that side was rendered with the dependencies that are installed now`,
        ]
      : []),
  ];
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
