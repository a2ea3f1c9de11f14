import { Command, Option } from "commander";
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
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

async function run(folder: string, flags: RenderFlags, output: CommandOutput): Promise<number> {
  try {
    const { render } = await import("../../render/render");
    const { report, guard } = await render({ ...flags, folder, withInputs: flags.json });
    if (flags.json === true) {
      output.out(`${JSON.stringify(report, undefined, 2)}\n`);
    } else {
      const { reportText } = await import("./reportText");
      output.out(guard.text(reportText(report, output)));
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

With --json, one JSON document is printed instead: program, resources, mesh,
coverage, outputs, warnings, notes, written. Secret values read [secret].

Exit codes: 0 fine, 1 refused input (program or file), 2 wrong usage.

Examples:
  pulumi-sigsci-istio render
  pulumi-sigsci-istio render infra --stack prod --workloads apps.yaml
  kubectl get configmap istio -n istio-system -o yaml |
    pulumi-sigsci-istio render --mesh - --out manifests`;

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
    .addOption(new Option("--verbose", "show the stack of errors"))
    .addHelpText("after", EXPLANATION)
    .action(async (folder: string, flags: RenderFlags) => {
      done(await run(folder, flags, output));
    });
}
