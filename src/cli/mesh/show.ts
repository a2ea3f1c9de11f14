import { EXIT } from "../failure";
import type { Output } from "../output";
import { connect } from "./cluster";
import { inspectMesh } from "./inspection";
import type { MeshState } from "./meshState";
import { showText } from "./showText";
import { chosenSource, loadMeshFile } from "./source";
import type { SourceFlags } from "./source";

/**
 * Lists the extension providers of a mesh text.
 *
 * @param flags - Where the text is, and whether JSON is wanted.
 * @param output - Where to write.
 * @returns 0, or 1 when the text is invalid
 * @throws Refusal, UsageProblem
 */
export async function showMesh(
  flags: SourceFlags & { readonly json?: true },
  output: Output,
): Promise<number> {
  const source = chosenSource(flags);
  const state: MeshState =
    source.kind === "file" ? loadMeshFile(source.path, flags) : await (await connect(source)).read();
  const report = inspectMesh(state);
  output.out(flags.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : showText(report));
  return report.invalid === null ? EXIT.fine : EXIT.refused;
}
