#!/usr/bin/env node
import { processOutput } from "./output";
import { runCommandLine } from "./program";

void runCommandLine(process.argv.slice(2), processOutput()).then((exitCode) => {
  // A program may leave timers or sockets behind; what was printed has to be out before they are cut off.
  process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
});
