// Renders examples/quickstart against the sample cluster beside it. Further arguments go to `pulumi-sigsci-istio render`:
// `npm run demo -- --mesh FILE --workloads FILE…` shows the same program against another cluster. With
// `--target NAMESPACE/key=value`, once or more, the root stack of this clone protects these instead.
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { adviceOnTargets, quickStartTarget, takeTargets } from "./demoTargets.mjs";
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

function parsed(given) {
  try {
    return takeTargets(given);
  } catch (error) {
    console.error(error.message);
    return process.exit(2);
  }
}

/** The values of a flag that takes one or more: up to the next flag. */
function filesOf(flag, args) {
  return args.flatMap((argument, index) => {
    if (argument.startsWith(`${flag}=`)) {
      return [argument.slice(flag.length + 1)];
    }
    const rest = args.slice(index + 1);
    const end = rest.findIndex((one) => one.startsWith("--"));
    return argument === flag ? rest.slice(0, end < 0 ? rest.length : end) : [];
  });
}

/** Names what the user's own workloads offer when nothing of it is chosen. Standard input cannot be read twice. */
function advise(args, targets) {
  const files = filesOf("--workloads", args);
  if (files.length === 0 || files.includes("-")) {
    return;
  }
  const compiled = createRequire(command);
  const { readManifests } = compiled("../render/clusterObjects.js");
  const { findWorkloads } = compiled("../render/workloads.js");
  const advice = adviceOnTargets(findWorkloads(readManifests(files), "default").workloads, targets);
  if (advice !== undefined) {
    console.error(`\n${advice}`);
  }
}

const { rest, targets } = parsed(process.argv.slice(2));
installDependencies();
buildIfStale();
const program =
  targets.length === 0
    ? [example]
    : [relative(process.cwd(), root) || ".", "-c", "site=demo", "-c", `targets=${JSON.stringify(targets)}`];
const args = ["render", ...program, ...withSampleCluster(rest)];
const { status } = spawnSync(process.execPath, [command, ...args], { stdio: "inherit" });
if (status === 0) {
  advise(args, targets.length === 0 ? [quickStartTarget] : targets);
}
process.exit(status ?? 1);
