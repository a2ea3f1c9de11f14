// Renders examples/quickstart against the sample cluster beside it. Further arguments go to `pulumi-sigsci-istio render`:
// `npm run demo -- --mesh FILE --workloads FILE…` shows the same program against another cluster.
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { installDependencies } from "./install.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const command = join(root, "dist", "cli", "main.js");
// Relative paths read better in the report.
const example = relative(process.cwd(), join(root, "examples", "quickstart"));

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newestIn(folder) {
  const files = readdirSync(folder, { recursive: true }).map((name) => modified(join(folder, name)));
  return Math.max(...files);
}

function buildIfStale() {
  const sources = Math.max(newestIn(join(root, "src")), modified(join(root, "tsconfig.build.json")));
  if (modified(command) >= sources) {
    return;
  }
  console.log("build: compiling src to dist");
  const { status } = spawnSync("npm", ["run", "--silent", "build"], { cwd: root, stdio: "inherit" });
  if (status !== 0) {
    process.exit(status ?? 1);
  }
}

/** The sample stands in for what the user does not give. */
function withSampleCluster(given) {
  const has = (flag) => given.some((argument) => argument === flag || argument.startsWith(`${flag}=`));
  const sample = [
    ["--mesh", join(example, "cluster", "mesh.yaml")],
    ["--workloads", join(example, "cluster", "workloads.yaml")],
  ];
  return [...given, ...sample.filter(([flag]) => !has(flag)).flat()];
}

installDependencies();
buildIfStale();
const args = ["render", example, ...withSampleCluster(process.argv.slice(2))];
const { status } = spawnSync(process.execPath, [command, ...args], { stdio: "inherit" });
process.exit(status ?? 1);
