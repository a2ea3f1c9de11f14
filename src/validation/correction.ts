import { isRecord } from "../pulumi/inputs";
import type { Correction } from "./shapeType";

/**
 * A right value at a path of the arguments.
 *
 * @param instead - Where a value stood that is taken away.
 */
export function correction(path: string, value: unknown, instead?: string): Correction {
  const apply = (args: unknown): unknown => {
    const rest = instead === undefined ? args : withValue(args, stepsOf(instead), undefined);
    return withValue(rest, stepsOf(path), value);
  };
  return { path, apply };
}

/** The steps of a path such as `targets[0].paths[1]` or `labels["team"]`. */
function stepsOf(path: string): string[] {
  const steps = path.match(/\["(?:[^"\\]|\\.)*"\]|[^.[\]]+/g) ?? [];
  return steps.map((step) => (step.startsWith("[") ? String(JSON.parse(step.slice(1, -1))) : step));
}

function withValue(holder: unknown, [step, ...rest]: readonly string[], value: unknown): unknown {
  if (step === undefined) {
    return value;
  }
  if (Array.isArray(holder)) {
    return holder.map((one: unknown, index) => (String(index) === step ? withValue(one, rest, value) : one));
  }
  const fields = isRecord(holder) ? holder : {};
  return { ...fields, [step]: withValue(fields[step], rest, value) };
}
