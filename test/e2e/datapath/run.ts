import { join } from "node:path";
import { reasonOf } from "../stack/failure";
import { runInNamespace } from "./namespace";
import { dataPathProgram } from "./program";

const mocha = require.resolve("mocha/bin/mocha.js");

/**
 * Runs the cases of this folder in a network namespace of their own, with the output of this process.
 *
 * @param given more arguments for mocha; with files ending in `.case.ts` among them, only those run
 * @returns 0 when every case has passed
 * @throws StackError when this machine lacks what the namespace needs
 */
export async function runCases(given: readonly string[]): Promise<number> {
  // Nothing can be fetched inside the namespace.
  await dataPathProgram();
  const chosen = given.some((argument) => argument.endsWith(".case.ts"));
  return runInNamespace(process.execPath, [
    mocha,
    ...["--no-config", "--no-package", "--require", "ts-node/register/transpile-only"],
    ...["--require", join(__dirname, "sharedRig.ts"), "--timeout", "60000", "--slow", "4000"],
    ...given,
    ...(chosen ? [] : [join(__dirname, "*.case.ts")]),
  ]);
}

if (require.main === module) {
  runCases(process.argv.slice(2)).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      process.stderr.write(`${reasonOf(error)}\n`);
      process.exitCode = 1;
    },
  );
}
