import { flag, input, list, number, object, oneOf, secretText, text } from "../validation/shape";
import { PreflightCheck } from "./args";
import type { PreflightArgs } from "./args";

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
