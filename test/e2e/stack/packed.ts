import { createHash } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, join, relative, resolve } from "node:path";
import { cached, cacheFolder } from "./cache";
import { runCommand } from "./command";
import type { Automation } from "./engine";
import { withProgress } from "./progress";
import { createTemporaryFolder } from "./temporaryFolder";

const repository = resolve(__dirname, "../../..");
const packageName = "pulumi-sigsci-istio";

/** Names that have no part in what is packed. */
const leftOut = new Set([".git", "node_modules", "dist", "coverage", "out", "test", "examples"]);

/** The SDKs that user programs share with the package; at the versions of the lock file. */
const sdks = ["@pulumi/pulumi", "@pulumi/kubernetes", "@pulumi/random"];

/** A project that has the package installed from its tarball, as a user's has. */
export interface PackedProject {
  /** Path of the project; shared by all runs, so nothing may be written there. */
  readonly folder: string;
  /** Loads a module from the project's `node_modules`, as a program in it would. */
  require(specifier: string): unknown;
  readonly automation: Automation;
  readonly pulumi: typeof import("@pulumi/pulumi");
  readonly kubernetes: typeof import("@pulumi/kubernetes");
  /**
   * Copies a folder with a program (an example, say) next to a link to the project's `node_modules`.
   * The copy goes when the process ends.
   *
   * @returns path of the copy
   */
  copyProgram(source: string): string;
  /**
   * Copies a folder with a program, as a user does, and installs there what its `package.json` names: the package from
   * its tarball, all else at the versions of the lock file. The copy goes when the process ends.
   *
   * @returns path of the copy
   * @throws StackError when the installation fails
   */
  installProgram(source: string): Promise<string>;
}

/** Environment variable that names a scratch project that is ready, so that one run uses one state of the sources. */
export const packedVariable = "E2E_PACKED";

/**
 * Packs the package, installs the tarball in a scratch project and returns that. Both happen once for each
 * state of the sources; the work tree is not written to. A project named in `E2E_PACKED` is taken as it is.
 *
 * @throws StackError when the build, the packing or the installation fails
 */
export async function packedProject(): Promise<PackedProject> {
  const ready = process.env[packedVariable];
  if (ready !== undefined && ready !== "") {
    return project(ready);
  }
  const sources = packedFiles();
  const folder = await cached(`packed-${fingerprint(sources)}`, async (entry) => {
    await withProgress(packageName, "building, packing and installing it in a scratch project", async () => {
      await pack(sources, entry);
      await install(entry);
    });
  });
  forgetOldProjects(folder);
  return project(folder);
}

const oneDay = 24 * 60 * 60 * 1000;

/** Each state of the sources has a project of more than 100 MB: those not used for a day go. */
function forgetOldProjects(inUse: string): void {
  const now = new Date();
  utimesSync(inUse, now, now);
  for (const name of readdirSync(cacheFolder())) {
    const path = join(cacheFolder(), name);
    if (/^packed-[0-9a-f]+$/.test(name) && now.getTime() - statSync(path).mtimeMs > oneDay) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

function project(folder: string): PackedProject {
  const load = createRequire(join(folder, "index.js"));
  return {
    folder,
    require: (specifier) => {
      const loaded: unknown = load(specifier);
      return loaded;
    },
    // `require` gives `any`: the scratch project holds the same versions as the work tree, so its types fit.
    automation: load("@pulumi/pulumi/automation") as Automation,
    pulumi: load("@pulumi/pulumi") as typeof import("@pulumi/pulumi"),
    kubernetes: load("@pulumi/kubernetes") as typeof import("@pulumi/kubernetes"),
    copyProgram: (source) => {
      const copy = createTemporaryFolder("program").path;
      cpSync(source, copy, { recursive: true, filter: (path) => basename(path) !== "node_modules" });
      symlinkSync(join(folder, "node_modules"), join(copy, "node_modules"));
      return copy;
    },
    installProgram: (source) => installProgram(source, join(folder, "package.tgz")),
  };
}

async function installProgram(source: string, tarball: string): Promise<string> {
  const copy = createTemporaryFolder("user").path;
  cpSync(source, copy, { recursive: true, filter: (path) => basename(path) !== "node_modules" });
  const file = join(copy, "package.json");
  const manifest: unknown = JSON.parse(readFileSync(file, "utf8"));
  const versionOf = (name: string): string =>
    name === packageName ? `file:${tarball}` : installedVersion(name);
  const pinned = (key: string): Record<string, string> =>
    Object.fromEntries(Object.keys(property(manifest, key) ?? {}).map((name) => [name, versionOf(name)]));
  const overrides = Object.fromEntries(sdks.map((name) => [name, installedVersion(name)]));
  const [dependencies, devDependencies] = [pinned("dependencies"), pinned("devDependencies")];
  writeFileSync(
    file,
    JSON.stringify({ private: true, dependencies, devDependencies, overrides }, undefined, 2),
  );
  await npm(["install", ...installFlags], copy, "installing an example as a user does");
  return copy;
}

const installFlags = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];

/** Builds and packs a copy, so that runs side by side do not meet in `dist`. */
async function pack(sources: readonly string[], entry: string): Promise<void> {
  const copy = createTemporaryFolder("pack");
  try {
    for (const file of sources) {
      cpSync(join(repository, file), join(copy.path, file));
    }
    symlinkSync(join(repository, "node_modules"), join(copy.path, "node_modules"));
    await npm(["pack", "--silent", "--pack-destination", entry], copy.path, "packing the package");
    const tarball = readdirSync(entry).find((name) => name.endsWith(".tgz"));
    if (tarball === undefined) {
      throw new Error("npm pack made no tarball");
    }
    renameSync(join(entry, tarball), join(entry, "package.tgz"));
  } finally {
    copy.remove();
  }
}

async function install(entry: string): Promise<void> {
  const versions = Object.fromEntries(sdks.map((name) => [name, installedVersion(name)]));
  const manifest = {
    name: "scratch",
    private: true,
    dependencies: { [packageName]: "file:./package.tgz", ...versions },
  };
  mkdirSync(entry, { recursive: true });
  writeFileSync(join(entry, "package.json"), JSON.stringify(manifest, undefined, 2));
  await npm(["install", ...installFlags], entry, "installing the package in a scratch project");
}

async function npm(args: readonly string[], cwd: string, purpose: string): Promise<void> {
  await runCommand({
    command: "npm",
    args,
    cwd,
    logFile: join(cacheFolder(), "logs", `npm-${args[0] ?? ""}.log`),
    purpose,
    ifMissing: "Install Node.js 20 or later with npm.",
  });
}

/** The version that the lock file names for a package. */
function installedVersion(name: string): string {
  const lock: unknown = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8"));
  const version = property(property(property(lock, "packages"), `node_modules/${name}`), "version");
  if (typeof version !== "string") {
    throw new Error(`package-lock.json does not name ${name}`);
  }
  return version;
}

function property(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  return Object.entries(value).find(([name]) => name === key)?.[1];
}

function packedFiles(folder = repository): string[] {
  return readdirSync(folder)
    .filter((name) => !leftOut.has(name))
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? packedFiles(path) : [relative(repository, path)];
    });
}

function fingerprint(sources: readonly string[]): string {
  const hash = createHash("sha256").update(process.version);
  for (const file of sources) {
    hash.update(file).update(readFileSync(join(repository, file)));
  }
  return hash.digest("hex").slice(0, 12);
}
