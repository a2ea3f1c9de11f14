import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { reporters, Runner, type MochaOptions, type Test } from "mocha";

const { EVENT_TEST_RETRY } = Runner.constants;

/** What one run of mocha leaves to the next, which prints the totals of both. */
interface Results {
  readonly passes: number;
  readonly pending: number;
  readonly milliseconds: number;
  readonly failures: readonly { titlePath: readonly string[]; message: string; stack?: string }[];
  readonly secondTries: readonly string[];
}

/**
 * Mocha's `spec`, whose summary then names every test that needed a second try, with the reason of the first.
 *
 * `--reporter-option summary=FILE` counts in what an earlier run left in the file; with `last=no` this run leaves its own
 * there too, and prints no summary.
 */
class SuiteReport extends reporters.Spec {
  private readonly secondTries: string[] = [];
  private readonly file: string | undefined;
  private readonly isLast: boolean;

  constructor(runner: Runner, options: MochaOptions = {}) {
    super(runner, options);
    // Mocha sets its own code at the end of the run; without an end, as when a worker dies in between, the run has failed.
    process.exitCode = 1;
    // Mocha declares reporter options as `any`: they are the texts of the command line.
    const given = (options.reporterOptions ?? {}) as Record<string, string | undefined>;
    this.file = given.summary;
    this.isLast = given.last !== "no";
    runner.on(EVENT_TEST_RETRY, (test: Test, error: Error) => {
      this.secondTries.push(`${test.fullTitle()}\n     ${error.message.replaceAll("\n", "\n     ")}`);
    });
  }

  override epilogue(): void {
    this.addEarlier();
    if (this.file !== undefined && !this.isLast) {
      writeFileSync(this.file, JSON.stringify(this.results()));
      return;
    }
    super.epilogue();
    if (this.secondTries.length > 0) {
      const list = this.secondTries.map((text, index) => `  ${index + 1}) ${text}`).join("\n\n");
      reporters.Base.consoleLog(`  ${this.secondTries.length} needed a second try:\n\n${list}\n`);
    }
  }

  private addEarlier(): void {
    if (this.file === undefined || !existsSync(this.file)) {
      return;
    }
    // Written by `results` below, in the same run of the suite.
    const earlier = JSON.parse(readFileSync(this.file, "utf8")) as Results;
    this.stats.passes += earlier.passes;
    this.stats.pending += earlier.pending;
    this.stats.failures += earlier.failures.length;
    this.stats.duration = (this.stats.duration ?? 0) + earlier.milliseconds;
    this.failures.unshift(...earlier.failures.map(failedTest));
    this.secondTries.unshift(...earlier.secondTries);
  }

  private results(): Results {
    const { passes, pending, duration = 0 } = this.stats;
    const failures = this.failures.map((test) => ({
      titlePath: test.titlePath(),
      message: test.err?.message ?? "",
      stack: test.err?.stack,
    }));
    return { passes, pending, milliseconds: duration, failures, secondTries: this.secondTries };
  }
}

/** What the list of failures reads of a test. */
function failedTest({ titlePath, message, stack }: Results["failures"][number]): Test {
  const err = Object.assign(new Error(message), { stack });
  return { titlePath: () => titlePath, err } as unknown as Test;
}

// Mocha takes what the module itself is.
export = SuiteReport;
