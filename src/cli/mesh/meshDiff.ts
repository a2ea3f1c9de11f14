import { unifiedDiff } from "../../render/unifiedDiff";
import type { Colors } from "../colors";

/** A unified diff with file header, as `patch` takes it; empty when nothing changes. */
export function meshDiff(label: string, before: string, after: string, colors: Colors): string {
  return unifiedDiff(before, after, label)
    .map((line) => `${coloured(line, colors)}\n`)
    .join("");
}

function coloured(line: string, colors: Colors): string {
  if (line.startsWith("+++") || line.startsWith("---")) {
    return colors.bold(line);
  }
  if (line.startsWith("@@")) {
    return colors.cyan(line);
  }
  if (line.startsWith("+")) {
    return colors.green(line);
  }
  return line.startsWith("-") ? colors.red(line) : line;
}
