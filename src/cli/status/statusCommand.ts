import { setTimeout as delay } from "node:timers/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { UsageProblem } from "../../offline/refusal";
import type { StatusReport } from "../../status/report";
import { createColors } from "../colors";
import type { CommandOutput } from "../output";
import { openCluster } from "../openCluster";
import { exitCodeOf } from "../mesh/refusals";
import type { Page } from "../textLayout";
import { doctorHelp, statusHelp } from "./help";

/** Flags of `status` and `doctor`, as commander parses them. */
interface StatusFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly component?: string;
  readonly istiod?: string[];
  readonly istioNamespace: string;
  readonly stats?: true;
  readonly json?: true;
  readonly watch?: number | true;
}

/** Exit code of every failure: nothing was seen. 1 says that something is not inspected. */
const notSeen = 3;
const watchSeconds = 5;

type Show = (report: StatusReport, page: Page) => Promise<string>;

/** The `status` command. */
export function statusCommand(output: CommandOutput, done: (exitCode: number) => void): Command {
  const show: Show = async (report, page) => (await import("./statusText")).statusText(report, page);
  return withFlags(new Command("status"))
    .summary("show which workloads are inspected now")
    .addOption(
      new Option("--watch [seconds]", `look again every so often (default: ${watchSeconds})`).argParser(
        seconds,
      ),
    )
    .addHelpText("after", statusHelp)
    .action(async (flags: StatusFlags) => {
      done(await exitCodeOf(output, notSeen, () => run(flags, output, show)));
    });
}

/** The `doctor` command. */
export function doctorCommand(output: CommandOutput, done: (exitCode: number) => void): Command {
  const show: Show = async (report, page) => (await import("./doctorText")).doctorText(report, page);
  return withFlags(new Command("doctor"))
    .summary("say what keeps a workload from being inspected, and what to do")
    .addHelpText("after", doctorHelp)
    .action(async (flags: StatusFlags) => {
      done(await exitCodeOf(output, notSeen, () => run(flags, output, show)));
    });
}

function withFlags(command: Command): Command {
  return command
    .addOption(new Option("--kubeconfig <path>", "kubeconfig file"))
    .addOption(new Option("--context <name>", "context of the kubeconfig"))
    .addOption(new Option("--namespace <name>", "look at the workloads of one namespace only"))
    .addOption(new Option("--component <name>", "look at the targets of one component only"))
    .addOption(
      new Option("--istiod <url>", "where an istiod's port 15014 is reached (repeatable)").argParser(collect),
    )
    .addOption(new Option("--istio-namespace <name>", "where istiod runs").default("istio-system"))
    .addOption(new Option("--stats", "read what the proxies have counted, too"))
    .addOption(new Option("--json", "print one JSON document"));
}

function collect(value: string, before: string[] | undefined): string[] {
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    throw new InvalidArgumentError("It is no URL such as http://127.0.0.1:15014.");
  }
  return [...(before ?? []), value];
}

function seconds(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) {
    throw new InvalidArgumentError("It is no whole number of seconds.");
  }
  return Number(value);
}

async function run(flags: StatusFlags, output: CommandOutput, show: Show): Promise<number> {
  const { watch } = flags;
  if (watch !== undefined && flags.json === true) {
    throw new UsageProblem("--watch and --json cannot be used together.");
  }
  const page = { colors: createColors(output.colors), width: output.width };
  for (;;) {
    const report = await look(flags, output);
    output.out(flags.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : await show(report, page));
    if (watch === undefined) {
      return report.exitCode;
    }
    await delay((watch === true ? watchSeconds : watch) * 1000);
    output.out(`\n${new Date().toISOString()}\n`);
  }
}

async function look(flags: StatusFlags, output: CommandOutput): Promise<StatusReport> {
  const { readStatus } = await import("../../status/readStatus");
  return readStatus(await openCluster(flags), { ...flags, progress: progressOn(output) });
}

/** A line now and then, on a terminal only, once the look takes long enough to wonder. */
function progressOn({ columns, err }: CommandOutput): (text: string) => void {
  let last = Date.now();
  return (text) => {
    if (columns !== undefined && Date.now() - last > 1000) {
      last = Date.now();
      err(`${text}…\n`);
    }
  };
}
