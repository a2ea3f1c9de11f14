import { labelKey } from "../../kubernetes/syntax";

/** Why a name is no key of a label or an annotation; it is told where the value of the entry is shown. */
export function keyReason(name: string): string | undefined {
  const reason = labelKey(name);
  return reason === undefined ? undefined : `as a key, ${reason}`;
}
