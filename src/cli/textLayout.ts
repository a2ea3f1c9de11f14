import type { Colors } from "./colors";

/** Columns of human text where no terminal says how many it has. */
export const WIDTH = 80;

/** The narrowest that tables are laid out for. */
const NARROWEST = 60;

/** The columns of a text on a terminal, or off one. */
export function textWidth(terminal: number | undefined): number {
  return terminal === undefined || terminal <= 0 ? WIDTH : Math.max(terminal, NARROWEST);
}

/** What a text is laid out for. */
export interface Page {
  readonly colors: Colors;
  readonly width: number;
}

/** Shortens a text to `width` columns by leaving out its middle, where names differ least. */
export function fit(text: string, width: number): string {
  if (text.length <= width) {
    return text;
  }
  if (width <= 1) {
    return "…".slice(0, width);
  }
  const tail = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - tail)}…${text.slice(text.length - tail)}`;
}

/** Cuts a text into pieces of at most `width` columns, whatever is in it. */
export function chunks(text: string, width: number): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < text.length; start += width) {
    pieces.push(text.slice(start, start + width));
  }
  return pieces.length === 0 ? [""] : pieces;
}

/** Breaks a line; what is indented stays so, and what follows an indented dash stands under its text. */
function wrapLine(line: string, width: number): string[] {
  const margin = /^ +(?:- )?/.exec(line)?.[0] ?? "";
  if (margin.length > width / 2) {
    return wrapWords(line, width);
  }
  return wrapWords(line.slice(margin.length), width - margin.length).map(
    (part, index) => `${index === 0 ? margin : " ".repeat(margin.length)}${part}`,
  );
}

function wrapWords(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(" ")) {
    const joined = current === "" ? word : `${current} ${word}`;
    if (joined.length <= width) {
      current = joined;
      continue;
    }
    if (current !== "") {
      lines.push(current);
    }
    const pieces = chunks(word, width);
    current = pieces.pop() ?? "";
    lines.push(...pieces);
  }
  return [...lines, current];
}

/** Breaks a text at spaces into lines of at most `width` columns; longer words are cut. Its own line ends stay. */
export function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((line) => wrapLine(line, width));
}

/** A bullet point of at most `width` columns: the first line starts with `mark`, the others are indented as far. */
export function bullet(mark: string, text: string, width: number): string[] {
  return wrap(text, width - mark.length).map(
    (line, index) => (index === 0 ? mark : " ".repeat(mark.length)) + line,
  );
}

/** What stands between two columns of a table. */
export const GAP = "  ";

/** The width of a column: as wide as its widest cell, at most `limit`. */
export function columnWidth(cells: Iterable<string>, limit: number): number {
  let width = 0;
  for (const cell of cells) {
    width = Math.max(width, Math.min(cell.length, limit));
  }
  return width;
}

/** A table without frame. A cell may have several lines; a column without a width is as wide as its cell, as the last one may be. */
export function table(rows: readonly (readonly string[])[], widths: readonly number[]): string[] {
  return rows.flatMap((row) => {
    const cells = row.map((cell) => cell.split("\n"));
    const height = Math.max(...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, index) =>
      cells
        .map((lines, column) => (lines[index] ?? "").padEnd(widths[column] ?? 0))
        .join(GAP)
        .trimEnd(),
    );
  });
}
