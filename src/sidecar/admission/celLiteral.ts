import { isRecord } from "../../pulumi/inputs";

// Source: CEL, "Language Definition", reserved words.
const reserved = new Set(
  "as break const continue else false for function if import in let loop namespace null package return true var void while".split(
    " ",
  ),
);

/**
 * Plain data of a Kubernetes object as a CEL expression, one field a line, so that a preview shows what changes of it.
 *
 * The API server makes JSON of literals of its own types only, `Object` and the path of the field; lists and maps of
 * CEL hold values of one type. Source: Kubernetes, "Mutating Admission Policy".
 *
 * @param value - Texts, numbers, booleans, lists and objects; what is undefined or null is left out.
 * @param type - CEL type of an object, or of those in a list, for example `Object.spec.initContainers`.
 */
export function celLiteral(value: unknown, type: string): string {
  if (Array.isArray(value)) {
    const items: unknown[] = value;
    return block(
      "[",
      items.map((item) => celLiteral(item, type)),
      "]",
    );
  }
  if (!isRecord(value)) {
    return scalar(value);
  }
  const fields = Object.entries(value).filter(([, field]) => (field ?? undefined) !== undefined);
  return fields.every(([name]) => isIdentifier(name))
    ? block(
        `${type}{`,
        fields.map(([name, field]) => `${name}: ${celLiteral(field, `${type}.${name}`)}`),
        "}",
      )
    : mapLiteral(fields);
}

/** A map whose keys are no names of fields, such as the resources of a container. */
function mapLiteral(entries: readonly [string, unknown][]): string {
  const isOneType = entries.every(([, value]) => typeof value === "string");
  return block(
    "{",
    entries.map(([key, value]) => `${celText(key)}: ${isOneType ? scalar(value) : `dyn(${scalar(value)})`}`),
    "}",
  );
}

function scalar(value: unknown): string {
  return typeof value === "number" || typeof value === "boolean" ? String(value) : celText(String(value));
}

/** A text as a literal of CEL, which knows every escape that JSON writes. */
export function celText(text: string): string {
  return JSON.stringify(text);
}

function isIdentifier(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name) && !reserved.has(name);
}

function block(open: string, lines: readonly string[], close: string): string {
  const inside = lines.map((line) => `  ${line.replaceAll("\n", "\n  ")}`).join(",\n");
  return lines.length === 0 ? open + close : `${open}\n${inside}\n${close}`;
}
