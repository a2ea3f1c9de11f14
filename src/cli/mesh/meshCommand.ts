import { Command } from "commander";
import { UsageProblem } from "../../offline/refusal";
import { EXIT } from "../failure";
import type { CommandOutput } from "../output";
import { addToMesh } from "./addition";
import { definedProviders } from "./definition";
import type { DefinitionFlags } from "./definition";
import { carryOut, showDiff } from "./edit";
import type { EditFlags } from "./edit";
import { withDefinitionFlags, withRemovalFlags, withSourceFlags, withWriteFlags } from "./flags";
import { addHelp, diffHelp, meshHelp, removeHelp, showHelp } from "./help";
import type { MeshEditor } from "./meshState";
import { exitCodeOf } from "./refusals";
import { removeFromMesh } from "./removal";
import { showMesh } from "./show";
import type { SourceFlags } from "./source";

type AddFlags = EditFlags & DefinitionFlags & { readonly adopt?: true };
type RemoveFlags = EditFlags & { readonly owner?: string };
type ShowFlags = SourceFlags & { readonly json?: true };

/** Exit code of `diff` for every error: 1 says that there is a difference. */
const diffFailed = 2;

/** The `mesh` command with its four subcommands. */
export function meshCommand(output: CommandOutput, done: (exitCode: number) => void): Command {
  const run = async (refused: number, work: () => Promise<number>): Promise<void> => {
    done(await exitCodeOf(output, refused, work));
  };
  const show = withSourceFlags(new Command("show").summary("list the extension providers"))
    .option("--json", "print one JSON document")
    .addHelpText("after", showHelp)
    .action((flags: ShowFlags) => run(EXIT.refused, () => showMesh(flags, output)));
  const add = withWriteFlags(
    withDefinitionFlags(withSourceFlags(new Command("add").summary("put providers in"))),
  )
    .addHelpText("after", addHelp)
    .action((flags: AddFlags) =>
      run(EXIT.refused, async () => carryOut(additionEditor(flags), flags, output)),
    );
  const remove = withWriteFlags(
    withRemovalFlags(withSourceFlags(new Command("remove").summary("take providers out"))),
  )
    .addHelpText("after", removeHelp)
    .action((names: string[], flags: RemoveFlags) =>
      run(EXIT.refused, async () => carryOut(removalEditor(names, flags), flags, output)),
    );
  return new Command("mesh")
    .summary("show and edit the extension providers of a mesh config")
    .description("Shows and edits the extension providers of a mesh config: in a file or in a cluster.")
    .addHelpText("after", meshHelp)
    .addCommand(show)
    .addCommand(diffCommand(output, run))
    .addCommand(add)
    .addCommand(remove);
}

function diffCommand(
  output: CommandOutput,
  run: (refused: number, work: () => Promise<number>) => Promise<void>,
): Command {
  const add = withDefinitionFlags(withSourceFlags(new Command("add").summary("what `mesh add` would change")))
    .addHelpText("after", diffHelp)
    .action((flags: AddFlags) => run(diffFailed, async () => showDiff(additionEditor(flags), flags, output)));
  const remove = withRemovalFlags(
    withSourceFlags(new Command("remove").summary("what `mesh remove` would change")),
  )
    .addHelpText("after", diffHelp)
    .action((names: string[], flags: RemoveFlags) =>
      run(diffFailed, async () => showDiff(removalEditor(names, flags), flags, output)),
    );
  return new Command("diff")
    .summary("show what add or remove would change")
    .addHelpText("after", diffHelp)
    .addCommand(add)
    .addCommand(remove);
}

function additionEditor(flags: AddFlags): MeshEditor {
  if (flags.file === "-" && flags.providers === "-") {
    throw new UsageProblem("--file and --providers cannot both be standard input.");
  }
  const providers = definedProviders(flags);
  return (state) => addToMesh(state, { providers, adopt: flags.adopt === true });
}

function removalEditor(names: readonly string[], { owner, force }: RemoveFlags): MeshEditor {
  if (names.length === 0 && owner === undefined) {
    throw new UsageProblem("Nothing to remove. Give names of entries, or --owner.");
  }
  return (state) => removeFromMesh(state, { names, owner, force: force === true });
}
