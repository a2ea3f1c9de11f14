import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import type { Colors } from "../colors";

/** A unified diff with file header, as `patch` takes it; empty when nothing changes. */
export function unifiedDiff(label: string, before: string, after: string, colors: Colors): string {
  if (before === after) {
    return "";
  }
  const patch = createTwoFilesPatch(label, label, before, after, "before", "after", {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
  return patch
    .split("\n")
    .map((line) => coloured(line, colors))
    .join("\n");
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
