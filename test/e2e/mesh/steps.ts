import { changes } from "../stack/runReport";
import type { RunReport } from "../stack/runReport";

/** What a run changes, each as `<operation> <logical name>`. */
export function steps(report: RunReport): string[] {
  return changes(report).map(({ op, name }) => `${op} ${name}`);
}
