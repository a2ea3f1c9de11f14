import { join } from "node:path";
import { reasonOf } from "../stack/failure";
import { runInNamespace } from "./namespace";

// Entry point: runs the tests of this folder, or the files given, in a network namespace of their own.

const mocha = require.resolve("mocha/bin/mocha.js");

function mochaArguments(given: readonly string[]): string[] {
  const tests = given.some((argument) => argument.endsWith(".e2e.ts")) ? [] : [join(__dirname, "*.e2e.ts")];
  return [
    mocha,
    ...["--no-config", "--no-package", "--require", "ts-node/register/transpile-only"],
    ...["--require", join(__dirname, "sharedRig.ts"), "--timeout", "60000", "--slow", "4000"],
    ...given,
    ...tests,
  ];
}

runInNamespace(process.execPath, mochaArguments(process.argv.slice(2))).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exitCode = 1;
  },
);
