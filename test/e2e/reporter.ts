import { reporters, Runner, type MochaOptions, type Test } from "mocha";

const { EVENT_RUN_END, EVENT_TEST_RETRY } = Runner.constants;

/** Mocha's `spec`, which then names every test that needed a second try, with the reason of the first. */
class SecondTries extends reporters.Spec {
  constructor(runner: Runner, options?: MochaOptions) {
    super(runner, options);
    const failed: string[] = [];
    runner.on(EVENT_TEST_RETRY, (test: Test, error: Error) => {
      failed.push(
        `  ${failed.length + 1}) ${test.fullTitle()}\n     ${error.message.replaceAll("\n", "\n     ")}`,
      );
    });
    runner.once(EVENT_RUN_END, () => {
      if (failed.length > 0) {
        reporters.Base.consoleLog(`  ${failed.length} needed a second try:\n\n${failed.join("\n\n")}\n`);
      }
    });
  }
}

// Mocha takes what the module itself is.
export = SecondTries;
