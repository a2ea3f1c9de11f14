import { MeshTextError } from "../../mesh/text/meshText";
import { Refusal } from "../../offline/refusal";
import { EXIT, reportFailure } from "../failure";
import type { CommandOutput } from "../output";
import type { MeshEditor, MeshOutcome, MeshState } from "./meshState";

/**
 * Decides an edit; a text that cannot be edited is a refusal with place and line.
 * @throws Refusal
 */
export function decide(editor: MeshEditor, state: MeshState): MeshOutcome {
  try {
    return editor(state);
  } catch (error) {
    if (!(error instanceof MeshTextError)) {
      throw error;
    }
    const line = error.line === undefined ? "" : `, line ${error.line} of the mesh text`;
    throw new Refusal(`${state.label}${line}: ${error.reason}. ${error.remedy}`);
  }
}

/**
 * Runs a command to its exit code. An error becomes one message without a stack.
 * @param refused - Exit code of a refusal; wrong usage is always 2.
 */
export async function exitCodeOf(
  output: CommandOutput,
  refused: number,
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const expected = error instanceof Refusal ? error : new Refusal(`defect of this command: ${reason}`);
    const code = await reportFailure(expected, output, false);
    return code === EXIT.usage ? code : refused;
  }
}
