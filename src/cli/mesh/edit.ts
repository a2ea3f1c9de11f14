import { createColors } from "../colors";
import { Refusal, UsageProblem } from "../../offline/refusal";
import { bullet } from "../textLayout";
import { EXIT } from "../failure";
import type { CommandOutput } from "../output";
import { ConcurrentEdit, connect } from "./cluster";
import type { ClusterTarget, LiveMesh } from "./cluster";
import { meshDiff } from "./meshDiff";
import type { MeshEditor, MeshOutcome } from "./meshState";
import { refuseReferenced } from "./policyReferences";
import { decide } from "./refusals";
import { chosenSource, loadMeshFile } from "./source";
import type { SourceFlags } from "./source";
import { replaceFile } from "./writeFile";

/** Flags of the commands that change a mesh text, as commander parses them. */
export interface EditFlags extends SourceFlags {
  readonly write?: true;
  readonly yes?: true;
  readonly force?: true;
}

const mostAttempts = 5;

/**
 * Shows as a unified diff what an edit would change. Nothing is written.
 * @returns 0 when nothing would change, else 1
 */
export async function showDiff(
  editor: MeshEditor,
  flags: SourceFlags,
  output: CommandOutput,
): Promise<number> {
  const source = chosenSource(flags);
  if (source.kind === "file") {
    const file = loadMeshFile(source.path, flags);
    const outcome = decide(editor, file);
    note(outcome.notes, output);
    output.out(meshDiff(file.label, file.content, file.withText(outcome.text), colorsOf(output)));
    return outcome.text === file.text ? 0 : 1;
  }
  const live = await (await connect(source)).read();
  const outcome = decide(editor, live);
  announce(live, outcome, output);
  return changes(live, outcome) ? 1 : 0;
}

/**
 * Carries an edit out: a file is printed or replaced, a cluster is written to when `yes` is set.
 * @returns 0 when the text is as wanted, 1 when a cluster would have to be written to and `yes` is not set
 * @throws Refusal, UsageProblem
 */
export async function carryOut(editor: MeshEditor, flags: EditFlags, output: CommandOutput): Promise<number> {
  const source = chosenSource(flags);
  if (source.kind === "file") {
    if (flags.yes === true) {
      throw new UsageProblem("--yes is for a cluster. A file is replaced with --write.");
    }
    return editFile(editor, source.path, flags, output);
  }
  if (flags.write === true) {
    throw new UsageProblem("--write is for --file. A cluster is written to with --yes.");
  }
  return await editCluster(editor, source, flags, output);
}

function editFile(editor: MeshEditor, path: string, flags: EditFlags, output: CommandOutput): number {
  if (flags.write === true && path === "-") {
    throw new UsageProblem("--write needs a file; standard input cannot be replaced.");
  }
  const file = loadMeshFile(path, flags);
  const outcome = decide(editor, file);
  const content = file.withText(outcome.text);
  note(outcome.notes, output);
  if (outcome.droppedAnnotations.length > 0) {
    note([`the file keeps these annotations: ${outcome.droppedAnnotations.join(", ")}`], output);
  }
  warnOfPolicies(outcome, output);
  if (flags.write !== true) {
    output.document(content);
  } else if (content !== file.content) {
    replaceFile(path, content);
    output.out(`${path} written\n`);
  } else {
    output.out(`${path} is as it should be; nothing was written\n`);
  }
  return EXIT.fine;
}

async function editCluster(
  editor: MeshEditor,
  target: ClusterTarget,
  flags: EditFlags,
  output: CommandOutput,
): Promise<number> {
  const cluster = await connect(target);
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const live = await cluster.read();
    const outcome = decide(editor, live);
    if (!changes(live, outcome)) {
      announce(live, outcome, output);
      output.out(`${live.label} is as it should be; nothing was written\n`);
      return EXIT.fine;
    }
    if (flags.force === true) {
      warnOfPolicies(outcome, output);
    } else if (outcome.removed.length > 0) {
      refuseReferenced(await cluster.policies(), outcome.removed);
    }
    if (flags.yes !== true) {
      announce(live, outcome, output);
      output.err("Nothing was written. Add --yes to write.\n");
      return EXIT.refused;
    }
    try {
      await cluster.write(live, outcome);
    } catch (error) {
      if (error instanceof ConcurrentEdit) {
        continue;
      }
      throw error;
    }
    announce(live, outcome, output);
    output.out(`${live.label} written\n`);
    return EXIT.fine;
  }
  throw new Refusal(
    `ConfigMap ${target.namespace}/${target.name} was changed by somebody else ${mostAttempts} times while it was ` +
      "edited; their changes were kept. Find out who writes it (kubectl get --show-managed-fields), and run again.",
  );
}

function changes(live: LiveMesh, { text, droppedAnnotations }: MeshOutcome): boolean {
  return text !== live.text || droppedAnnotations.length > 0;
}

function announce(
  live: LiveMesh,
  { text, notes, droppedAnnotations }: MeshOutcome,
  output: CommandOutput,
): void {
  note([...notes, ...droppedAnnotations.map((key) => `annotation ${key} removed`)], output);
  output.out(meshDiff(live.label, live.text, text, colorsOf(output)));
}

function warnOfPolicies({ removed }: MeshOutcome, output: CommandOutput): void {
  if (removed.length === 0) {
    return;
  }
  const warning = `a policy that still refers to ${removed.join(" or ")} denies every request it matches with 403`;
  output.err(`${bullet("warning: ", warning, output.width).join("\n")}\n`);
}

/** On standard error: standard output holds the document or the diff alone. */
function note(notes: readonly string[], output: CommandOutput): void {
  for (const text of notes) {
    output.err(`${bullet("- ", text, output.width).join("\n")}\n`);
  }
}

function colorsOf(output: CommandOutput): ReturnType<typeof createColors> {
  return createColors(output.colors);
}
