import { endEngineProcesses } from "../stack/engineProcesses";
import type { ProgramStack } from "../stack/engine";
import type { ApiProxy, ApiWrite, HoldingPoint } from "./apiProxy";
import { upOfProcess } from "./upOfProcess";
import type { WafArgs } from "./wafProgram";

/**
 * Starts an update and kills the engine with its providers at one of its writes, without any chance to save.
 *
 * @param programStack - Of `wafProgram`; its engine talks through `proxy`.
 * @param args - What the update wants.
 * @param point - Whether the API server still gets the write.
 * @param number - Which write, from 1.
 * @returns the write at which it was killed
 * @throws Error when the update ends before that
 */
export async function killAtWrite(
  programStack: ProgramStack,
  args: WafArgs,
  proxy: ApiProxy,
  point: HoldingPoint,
  number: number,
): Promise<ApiWrite> {
  proxy.reset();
  const reached = proxy.hold(point, (_, current) => current === number);
  const ended = upOfProcess(programStack, args);
  const held = await Promise.race([reached, ended]);
  if (typeof held === "string") {
    throw new Error(`write ${number} was not reached: ${held}`);
  }
  const { pulumiHome } = programStack.stack.workspace;
  if (pulumiHome === undefined) {
    throw new Error("the stack has no folder of its own");
  }
  endEngineProcesses(pulumiHome);
  held.drop();
  await ended;
  return held.write;
}

/**
 * Repairs a stack whose engine was killed and finishes its update, as a user does: `pulumi cancel` for the lock,
 * `pulumi refresh --clear-pending-creates` for what the engine had begun, and `pulumi up`.
 *
 * @param programStack - The stack.
 * @param point - Where it was killed. After a write, an object may be there that the state does not know: then the
 * update takes it over.
 */
export async function recover(programStack: ProgramStack, point: HoldingPoint): Promise<void> {
  const { stack } = programStack;
  await stack.cancel();
  await stack.refresh({ clearPendingCreates: true });
  const { envVars } = stack.workspace;
  if (point === "after") {
    envVars[upsert] = "true";
  }
  try {
    await programStack.up();
  } finally {
    Reflect.deleteProperty(envVars, upsert);
  }
}

/** Setting of the Kubernetes provider: a create of an object that is there already is an update. */
const upsert = "PULUMI_K8S_UPSERT_EXISTING_OBJECTS";
