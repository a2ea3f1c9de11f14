import { Command, InvalidArgumentError, Option } from "commander";
import { dangers, type Danger } from "../../render/danger";
import { EXIT, reportFailure } from "../failure";
import type { CommandOutput } from "../output";

/** Flags of `pulumi-sigsci-istio render`, as commander parses them. */
interface RenderFlags {
  readonly mesh?: string;
  readonly workloads?: string[];
  readonly namespace: string;
  readonly out?: string;
  readonly json?: true;
  readonly stack?: string;
  readonly config?: string[];
  readonly verbose?: true;
  readonly base?: string;
  readonly failOn?: Danger[];
  readonly format?: "text" | "markdown";
}

/** Exit code of a difference that `--fail-on` names. */
const gateClosed = 3;

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

function dangerList(value: string): Danger[] {
  const known: readonly string[] = dangers;
  const wrong = value.split(",").find((one) => !known.includes(one));
  if (wrong !== undefined) {
    throw new InvalidArgumentError(`${wrong} is none of ${dangers.join(", ")}, as in --fail-on lost,closed.`);
  }
  return dangers.filter((danger) => value.split(",").includes(danger));
}

async function run(folder: string, flags: RenderFlags, output: CommandOutput): Promise<number> {
  try {
    const { render } = await import("../../render/render");
    const { Refusal, UsageProblem } = await import("../../offline/refusal");
    if (flags.failOn !== undefined && flags.base === undefined) {
      throw new UsageProblem("--fail-on needs --base: there is nothing to compare with");
    }
    if (flags.json === true && flags.format !== undefined) {
      throw new UsageProblem("--json and --format cannot be used together");
    }
    const { report, guard, baseProblem } = await render({ ...flags, folder, withInputs: flags.json });
    if (flags.json === true) {
      output.out(`${JSON.stringify(report, undefined, 2)}\n`);
    } else if (flags.format === "markdown") {
      const { markdown } = await import("./markdown");
      output.out(guard.text(markdown(report, baseProblem)));
    } else {
      const { reportText } = await import("./reportText");
      output.out(guard.text(reportText(report, output)));
    }
    if (baseProblem !== undefined) {
      throw new Refusal(guard.text(`the base could not be rendered: ${baseProblem}`));
    }
    const closed =
      report.difference?.dangers.filter((danger) => flags.failOn?.includes(danger) === true) ?? [];
    if (closed.length > 0) {
      output.err(`error: --fail-on ${closed.join(",")}: the difference to ${flags.base ?? ""} has it\n`);
      return gateClosed;
    }
    return EXIT.fine;
  } catch (error) {
    return await reportFailure(
      error,
      output,
      flags.verbose === true || process.env.PULUMI_DEBUG !== undefined,
    );
  }
}

const EXPLANATION = `
Runs the Pulumi program of a folder in this process, with neither engine nor
cluster, and prints the resources in order of creation, the change of the mesh
config, which workloads are inspected, and warnings. Nothing is created.

With --json, one JSON document is printed instead: docs/render.schema.json
describes it. Secret values read [secret].

With --base, the program is rendered as it was too (at a git ref, in another
folder, or in a saved --json), and the difference is shown, the worst first.
--fail-on takes lost (somebody loses inspection, or a part of it), closed
(requests are refused when the agent does not answer) and mesh.

Exit codes: 0 fine, 1 refused input (program, file or base), 2 wrong usage,
3 the difference has what --fail-on names.

Examples:
  pulumi-sigsci-istio render
  pulumi-sigsci-istio render infra --stack prod --workloads apps.yaml
  kubectl get configmap istio -n istio-system -o yaml |
    pulumi-sigsci-istio render --mesh - --out manifests
  pulumi-sigsci-istio render --base origin/main --fail-on lost,closed
  pulumi-sigsci-istio render --base origin/main --format markdown`;

/**
 * The `render` command.
 * @param done receives the exit code
 */
export function renderCommand(output: CommandOutput, done: (exitCode: number) => void): Command {
  return new Command("render")
    .summary("show offline what a Pulumi program does to the mesh")
    .argument("[folder]", "folder with Pulumi.yaml", ".")
    .addOption(
      new Option("--mesh <file>", "ConfigMap manifest or mesh config text, - for stdin (default: a sample)"),
    )
    .addOption(new Option("--workloads <file...>", "manifests of the workloads to look at, - for stdin"))
    .addOption(new Option("--namespace <name>", "of workload manifests without one").default("default"))
    .addOption(new Option("--out <dir>", "write one manifest per object to an empty folder"))
    .addOption(new Option("--json", "print one JSON document"))
    .addOption(new Option("--stack <name>", "use the configuration of this stack"))
    .addOption(
      new Option("-c, --config <key=value>", "set a configuration value (repeatable)").argParser(collect),
    )
    .addOption(new Option("--base <ref|folder|file>", "show what differs from this program"))
    .addOption(
      new Option("--fail-on <list>", `exit with 3 on any of ${dangers.join(",")} (needs --base)`).argParser(
        dangerList,
      ),
    )
    .addOption(new Option("--format <format>", "of the report (default: text)").choices(["text", "markdown"]))
    .addOption(new Option("--verbose", "show the stack of errors"))
    .addHelpText("after", EXPLANATION)
    .action(async (folder: string, flags: RenderFlags) => {
      done(await run(folder, flags, output));
    });
}
