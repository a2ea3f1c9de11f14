import { PreflightCheck } from "../../args/preflight";
import type { PreflightArgs } from "../../args/preflight";
import { flag, input, list, number, object, oneOf, secretText, text } from "../shape";

const longestTimeout = 300;

/** Shape of the arguments of preflight. */
export const preflightShape = object<PreflightArgs>({
  fields: {
    enabled: flag,
    kubeconfig: input(secretText()),
    context: text(),
    timeoutSeconds: number(
      (seconds) =>
        seconds > 0 && seconds <= longestTimeout
          ? undefined
          : `it is not between 0 and ${longestTimeout} seconds`,
      "Leave it out for 10 seconds.",
      10,
    ),
    ignore: list(oneOf({ PreflightCheck })),
  },
});
