// One process that holds the instrumented sources and all tests: first it notes which tests meet which mutant, then it
// runs for each mutant the tests that meet it, until one fails.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { relative } from "node:path";
import Mocha from "mocha";
import ts from "typescript";
import { instrument } from "./instrument.mjs";

const require = createRequire(import.meta.url);

const { root, sources, tests, met, queue, testTimeout } = await new Promise((resolve) => {
  process.once("message", resolve);
});

const mutants = [];
const texts = new Map();
for (const file of sources) {
  const made = instrument(readFileSync(file, "utf8"), file, mutants.length);
  texts.set(file, made.text);
  mutants.push(...made.mutants);
}

let active = -1;
let place;
/** Tests that take long, and suites, whose hooks do. */
const slow = new Set();
/** Mutants by where they are met: a test, or a suite for its hooks; `""` while modules are loaded. */
const places = new Map();
globalThis.__mutant = (id) => {
  if (met === undefined) {
    const found = places.get(place ?? "") ?? new Set();
    places.set(place ?? "", found.add(id));
  }
  return id === active;
};

require("ts-node/register/transpile-only");
const load = require.extensions[".ts"];
require.extensions[".ts"] = (module, file) => {
  const text = texts.get(file);
  if (text === undefined) {
    load(module, file);
    return;
  }
  const { outputText } = ts.transpileModule(text, {
    fileName: file,
    compilerOptions: { target: "ES2023", module: "CommonJS", esModuleInterop: true },
  });
  module._compile(outputText, file);
};

const mocha = new Mocha({ timeout: testTimeout, bail: met !== undefined, reporter: function Silent() {} });
mocha.cleanReferencesAfterRun(false);
mocha.files = tests;

function run(pattern) {
  mocha.options.grep = pattern;
  return new Promise((resolve) => {
    let first;
    const runner = mocha.run((failures) => {
      resolve({ failures, first });
    });
    runner.on("suite", (suite) => (place = suite.fullTitle()));
    runner.on("test", (test) => (place = test.fullTitle()));
    runner.on("test end", (test) => {
      place = test.parent.fullTitle();
      if (met === undefined && test.duration > 100) {
        slow.add(test.fullTitle());
      }
    });
    runner.on("fail", (test) => (first ??= test.fullTitle()));
  });
}

function patternOf(names) {
  const escaped = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^(?:${escaped.join("|")})`);
}

async function main() {
  process.on("unhandledRejection", () => undefined);
  mocha.loadFiles();
  if (met === undefined) {
    const { failures, first } = await run(undefined);
    const found = [...places].map(([name, ids]) => [name, [...ids]]);
    const listed = mutants.map((one) => ({ ...one, file: relative(root, one.file) }));
    process.send({ failures, first, found, mutants: listed, slow: [...slow] });
    return;
  }
  for (const id of queue) {
    process.send({ started: id });
    active = id;
    let killed = false;
    for (const names of met[id].filter(({ length }) => length > 0)) {
      killed ||= (await run(patternOf(names))).failures > 0;
    }
    active = -1;
    process.send({ ended: id, killed });
  }
  process.send({ done: true });
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
