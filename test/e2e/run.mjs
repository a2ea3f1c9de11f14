#!/usr/bin/env node
// Runs the real-stack suite: `node test/e2e/run.mjs [--prepare] [files ending in .ts] [options of mocha]`.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { constants, tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
const serial = ["--no-parallel"];
let interruptedBy;

/** Files that need the machine for themselves, and why. The others run side by side, each in a process of mocha's. */
const alone = {
  "test/e2e/datapath/datapath.e2e.ts": "measures how long Envoy waits for the agent",
  "test/e2e/datapath/rollout/rollout.e2e.ts": "counts the requests that a change loses under load",
};

/** What takes longest, longest first: begun last, it would keep the run waiting. */
const longest = [
  "test/e2e/mesh/cuts.e2e.ts",
  "test/e2e/provider/contract.e2e.ts",
  "test/e2e/metrics/metrics.e2e.ts",
  "test/e2e/plugin/yaml.e2e.ts",
  "test/e2e/plugin/python.e2e.ts",
  "test/e2e/plugin/dependsOn.e2e.ts",
  "test/e2e/lifecycle/examples.e2e.ts",
  "test/e2e/lifecycle/changes.e2e.ts",
  "test/e2e/lifecycle/changesOfPlacement.e2e.ts",
  "test/e2e/mesh/strategies.e2e.ts",
  "test/e2e/mesh/twoStacks.e2e.ts",
  "test/e2e/pulumi/quickstart.e2e.ts",
  "test/e2e/mesh/patchIstiod.e2e.ts",
  "test/e2e/validate/examples.e2e.ts",
  "test/e2e/lifecycle/workloadOwners.e2e.ts",
  "test/e2e/lifecycle/sidecarPatch.e2e.ts",
  "test/e2e/cli/meshCommand.e2e.ts",
];

process.chdir(repository);
const args = process.argv.slice(2);
installDependencies();
const stackModule = loadTypeScript("./stack/prepare.ts");
const stack = await prepare();
console.log(`\nStack of this run:\n${stackModule.describeStack(stack)}\n`);
if (!args.includes("--prepare")) {
  process.exitCode = await runTests(stackModule.environmentOf(stack));
  console.log(`Stack of this run:\n${stackModule.describeStack(stack)}\n`);
}

function installDependencies() {
  if (existsSync(join(repository, "node_modules"))) {
    return;
  }
  console.log("[stack] node_modules: installing what package-lock.json names");
  const { status } = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    stdio: "inherit",
  });
  if (status === 0) {
    return;
  }
  console.error("[stack] cannot run: npm ci failed. Its reason is above; put it right and run again.");
  process.exit(1);
}

function loadTypeScript(path) {
  const require = createRequire(import.meta.url);
  require("ts-node/register/transpile-only");
  return require(path);
}

async function prepare() {
  try {
    // Before anything is built: tests with proxies need more of the machine than the others.
    if (runsProxies()) {
      loadTypeScript("./datapath/namespace.ts").requireNamespace();
    }
    return await stackModule.prepareStack();
  } catch (error) {
    console.error(`[stack] ${stackModule.explainFailure(error)}`);
    return process.exit(1);
  }
}

/** Whether tests with proxies are among those that were asked for; without names of files they are. */
function runsProxies() {
  const files = args.filter((arg) => arg.endsWith(".ts"));
  return files.length === 0 || files.some((file) => /datapath|metrics|status|\*\*/.test(file));
}

/** All temporary folders of the tests are in one, so that nothing is left even of a test that was killed. */
async function runTests(environment) {
  const folder = mkdtempSync(join(tmpdir(), "sigsci-e2e-run-"));
  const env = { ...process.env, ...environment, TMPDIR: folder };
  const summary = ["--reporter-option", `summary=${join(folder, "results.json")}`];
  try {
    const { sideBySide, oneByOne } = chooseFiles();
    if (oneByOne.length === 0) {
      // A single file shows its results as they come.
      return await mocha(sideBySide, sideBySide.length === 1 ? serial : [], env);
    }
    if (sideBySide.length === 0) {
      return await mocha(oneByOne, serial, env);
    }
    const first = await mocha(sideBySide, [...summary, "--reporter-option", "last=no"], env);
    if (interruptedBy !== undefined) {
      return first;
    }
    const second = await mocha(oneByOne, [...serial, ...summary], env);
    return first || second;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** The files that were asked for, or all, in the order in which mocha takes them up. */
function chooseFiles() {
  const named = args.filter((arg) => arg.endsWith(".ts")).map((file) => relative(repository, resolve(file)));
  const rank = (file) => (longest.includes(file) ? longest.indexOf(file) : longest.length);
  const files = named.length > 0 ? named : allFiles().sort((one, other) => rank(one) - rank(other));
  return {
    sideBySide: files.filter((file) => !(file in alone)),
    oneByOne: files.filter((file) => file in alone),
  };
}

function allFiles() {
  const names = readdirSync("test/e2e", { recursive: true }).filter((name) => name.endsWith(".e2e.ts"));
  return names.sort().map((name) => join("test/e2e", name));
}

function mocha(files, options, env) {
  const program = join(repository, "node_modules/mocha/bin/mocha.js");
  const given = args.filter((arg) => !arg.endsWith(".ts"));
  const all = ["--config", "test/e2e/mocharc.json", ...options, ...given, ...files];
  const child = spawn(process.execPath, [program, ...all], { stdio: "inherit", env });
  // The tests take their own processes away; this process only waits for them to do so. At SIGINT mocha waits too.
  const interrupt = (signal) => {
    interruptedBy = signal;
    child.kill("SIGINT");
  };
  signals.forEach((signal) => process.on(signal, interrupt));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      signals.forEach((each) => process.off(each, interrupt));
      const ending = interruptedBy ?? signal;
      resolve(ending === null ? code : 128 + constants.signals[ending]);
    });
  });
}
