import { isatty } from "node:tty";
import { printable } from "../pulumi/printable";
import { textWidth } from "./textLayout";

/** Where a command writes; tests put their own in the place of the process's streams. */
export interface Output {
  /** results */
  readonly out: (text: string) => void;
  /** errors */
  readonly err: (text: string) => void;
  /** whether results may be coloured */
  readonly colors: boolean;
  /** columns of the terminal; undefined off one */
  readonly columns?: number | undefined;
}

/** What commands write to. */
export interface CommandOutput extends Output {
  /** a file as it is, for whoever writes it on */
  readonly document: (text: string) => void;
  /** columns of human text */
  readonly width: number;
}

/** Keeps what manifests, providers and marks are called from steering the terminal. */
export function printableOutput({ out, err, colors, columns }: Output): CommandOutput {
  const shown = (text: string): string => (colors ? printableBesideColors(text) : printable(text));
  return {
    out: (text) => {
      out(shown(text));
    },
    err: (text) => {
      err(printable(text));
    },
    document: out,
    colors,
    width: textWidth(columns),
  };
}

/** The colours that reports use, which start and end alike. */
const color = /(\p{Cc}\[(?:[0-2]|22|3[1-6]|39)m)/u;

function printableBesideColors(text: string): string {
  const isColor = (part: string): boolean => part.startsWith("\u001b") && color.test(part);
  return text
    .split(color)
    .map((part) => (isColor(part) ? part : printable(part)))
    .join("");
}

/** The streams of this process; colours on a terminal only, unless NO_COLOR is set. */
export function processOutput(): Output {
  const noColor = process.env.NO_COLOR;
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    // Not `isTTY`: it is undefined without a terminal, and picocolors takes that for "decide yourself".
    colors:
      isatty(process.stdout.fd) && (noColor === undefined || noColor === "") && process.env.TERM !== "dumb",
    columns: isatty(process.stdout.fd) ? process.stdout.columns : undefined,
  };
}
