#!/usr/bin/env node
// Runs the real-stack suite: `node test/e2e/run.mjs [--prepare] [files ending in .ts] [options of mocha]`.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const signals = ["SIGINT", "SIGTERM", "SIGHUP"];

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
    // Before anything is built: the data path tests need more of the machine than the others.
    if (runsDataPath()) {
      loadTypeScript("./datapath/namespace.ts").requireNamespace();
    }
    return await stackModule.prepareStack();
  } catch (error) {
    console.error(`[stack] ${stackModule.explainFailure(error)}`);
    return process.exit(1);
  }
}

/** Whether data path tests are among those that were asked for; without names of files they are. */
function runsDataPath() {
  const files = args.filter((arg) => arg.endsWith(".ts"));
  return files.length === 0 || files.some((file) => file.includes("datapath") || file.includes("**"));
}

/** All temporary folders of the tests are in one, so that nothing is left even of a test that was killed. */
async function runTests(environment) {
  const folder = mkdtempSync(join(tmpdir(), "sigsci-e2e-run-"));
  try {
    return await mocha({ ...process.env, ...environment, TMPDIR: folder });
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

function mocha(env) {
  const program = join(repository, "node_modules/mocha/bin/mocha.js");
  const patterns = args.some((arg) => arg.endsWith(".ts")) ? [] : ["test/e2e/**/*.e2e.ts"];
  const child = spawn(
    process.execPath,
    [program, "--config", "test/e2e/mocharc.json", ...args, ...patterns],
    {
      stdio: "inherit",
      env,
    },
  );
  // The tests take their own processes away; this process only waits for them to do so.
  for (const signal of signals) {
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
