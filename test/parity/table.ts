import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A row of docs/guide-parity.md. */
export interface TableRow {
  /** Where the guide says it. */
  guide: string;
  /** The second column. */
  write: string;
  /** The code in it: TypeScript, or a command that begins with `$ `. */
  code: string[];
  /** The third column, a reason each; empty for "nothing". */
  reasons: string[];
  /** Title of the test. */
  title: string;
  /** File of the test, in this folder. */
  file: string;
}

/** The rows, in order. */
export const tableRows: readonly TableRow[] = read();

/** The row that a test belongs to. */
export function tableRow(title: string): TableRow {
  const [found, ...more] = tableRows.filter((row) => row.title === title);
  assert.ok(found && more.length === 0, `docs/guide-parity.md has one row for the test "${title}"`);
  return found;
}

function read(): TableRow[] {
  const rows: TableRow[] = [];
  let file = "";
  for (const line of readFileSync(join(__dirname, "../../docs/guide-parity.md"), "utf8").split("\n")) {
    file = /^Tests: \[.*\]\(\.\.\/test\/parity\/(.*)\)/.exec(line)?.[1] ?? file;
    const cells = line.split("|").map((cell) => cell.trim());
    if (line.startsWith("| ") && cells[1] !== "guide" && cells[1] !== "---") {
      rows.push(rowOf(cells, file));
    }
  }
  return rows;
}

function rowOf(cells: string[], file: string): TableRow {
  const [before, guide, write, differs, title, after, ...more] = cells;
  const complete = before === "" && guide && write && differs && title && after === "" && more.length === 0;
  assert.ok(complete, `a row has four filled cells: ${cells.join(" | ")}`);
  return {
    guide,
    write,
    code: [...write.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? ""),
    reasons: differs === "nothing" ? [] : differs.split("<br>"),
    title,
    file,
  };
}
