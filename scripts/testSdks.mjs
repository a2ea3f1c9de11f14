// Runs the unit tests against SDKs that package.json promises to work with: `npm run test:sdks oldest|newest`.
// All else stays at the versions of package-lock.json, and the work tree as it is.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const ranges = { ...dependencies, ...peerDependencies };
const sdks = ["@pulumi/pulumi", "@pulumi/kubernetes", "@pulumi/random"];
const leftOut = new Set([".git", "node_modules", "dist", "coverage", "out"]);

/** Which version of a promised range, and on which major version of Node.js. */
const kinds = {
  oldest: { nodeMajor: 20, version: (name) => ranges[name].replace(/^\^/, "") },
  newest: { nodeMajor: 22, version: (name) => newestVersion(name, ranges[name]) },
};

const kind = kinds[process.argv[2]];
if (kind === undefined) {
  console.error("Usage: npm run test:sdks oldest|newest");
  process.exit(2);
}
// What runs gets these signals as well and ends; the folder goes then too.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {});
}
const scratch = mkdtempSync(join(tmpdir(), "sigsci-istio-sdks-"));
try {
  process.exitCode = runTests();
} catch (error) {
  console.error(`test:sdks: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function runTests() {
  const project = join(scratch, "project");
  cpSync(root, project, { recursive: true, filter: (path) => !leftOut.has(basename(path)) });
  const chosen = sdks.map((name) => `${name}@${kind.version(name)}`);
  install(project, chosen);
  const node = nodeOf(kind.nodeMajor);
  console.log(`Unit tests with ${chosen.join(", ")} on Node.js ${output(node, ["--version"])}`);
  const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` };
  const mocha = join(project, "node_modules/mocha/bin/mocha.js");
  return spawnSync(node, [mocha], { cwd: project, env, stdio: "inherit" }).status ?? 1;
}

/** The Node.js of this script if it is of that major version, else the newest one that npm has. */
function nodeOf(major) {
  if (process.versions.node.startsWith(`${major}.`)) {
    return process.execPath;
  }
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(scratch, "node");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), "{}");
  install(folder, [`${name}@${newestVersion(name, `^${major}`)}`]);
  return join(folder, "node_modules", name, "bin/node");
}

function install(folder, packages) {
  const flags = [
    "--ignore-scripts",
    "--prefer-offline",
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ];
  output("npm", ["install", ...flags, ...packages], folder);
}

function newestVersion(name, range) {
  // npm lists the versions in ascending order; a single one is no list.
  return [JSON.parse(output("npm", ["view", `${name}@${range}`, "version", "--json"]))].flat().at(-1);
}

/** What a command prints; ends with its exit code if it fails. */
function output(command, args, cwd = scratch) {
  const { status, stdout, error } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) {
    throw new Error(`${command} ${args.join(" ")} failed: ${error?.message ?? `exit code ${status}`}`);
  }
  return stdout.trim();
}
