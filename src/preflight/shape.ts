import { flag, input, list, number, object, oneOf, secretText, text } from "../validation/shape";
import { PreflightCheck } from "../args/preflight";
import type { PreflightArgs } from "../args/preflight";

/** Shape of the arguments of preflight. */
export const preflightShape = object<PreflightArgs>({
  fields: {
    enabled: flag,
    kubeconfig: input(secretText),
    context: text,
    timeoutSeconds: number,
    ignore: list(oneOf(PreflightCheck)),
  },
});
