/** Where a block literal of a YAML file stands and what it means. */
export interface LiteralScalar {
  /** The header line's part from `|` on, and the lines below it, as they are written. */
  readonly source: string;
  /** What it means. */
  readonly value: string;
}

/**
 * Writes another text in the place of a block literal. Lines that both texts have at their start and at their end
 * stay as they are written, so an addition that is taken out again leaves the same bytes.
 * @returns undefined when the header does not fit, for example because the text's ending differs; the caller has to
 * check the meaning in any case.
 */
export function rewriteLiteral({ source, value }: LiteralScalar, text: string): string | undefined {
  const headerEnd = source.indexOf("\n") + 1;
  const raw = source.slice(headerEnd).split("\n");
  const [before, after] = [linesOf(value), linesOf(text)];
  const indent = indentOf(raw);
  if (headerEnd === 0 || raw.length < before.length || indent === undefined) {
    return undefined;
  }
  const [start, end] = commonEnds(before, after);
  const carriage = source.slice(0, headerEnd).endsWith("\r\n") ? "\r" : "";
  const middle = after
    .slice(start, after.length - end)
    .map((line) => (line === "" ? carriage : indent + line + carriage));
  const lines = [...raw.slice(0, start), ...middle, ...raw.slice(before.length - end)];
  return source.slice(0, headerEnd) + lines.join("\n");
}

/** The lines of a text; a final line break ends the last one. */
function linesOf(text: string): string[] {
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}

/** The first line that is not blank shows the indent; where a header gives a number, the check of the caller decides. */
function indentOf(lines: readonly string[]): string | undefined {
  const first = lines.find((line) => line.trim() !== "");
  return first === undefined ? undefined : /^ */.exec(first)?.[0];
}

/** How many lines two texts have in common at their start and, apart from those, at their end. */
function commonEnds(before: readonly string[], after: readonly string[]): [number, number] {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) {
    start += 1;
  }
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) {
    end += 1;
  }
  return [start, end];
}
