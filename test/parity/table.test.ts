import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as ts from "typescript";
import { tableRows } from "./table";

/** The test of a row, as it is written. */
interface WrittenTest {
  file: string;
  title: string;
  /** Its tokens, each between two spaces. */
  tokens: string;
  /** Its text literals. */
  texts: string[];
}

const tests = readdirSync(__dirname)
  .filter((file) => file.endsWith(".test.ts"))
  .flatMap(writtenTests);

function writtenTests(file: string): WrittenTest[] {
  const text = readFileSync(join(__dirname, file), "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const found: WrittenTest[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === "row") {
      const [title, run] = node.arguments;
      assert.ok(title && ts.isStringLiteral(title) && run, `${file}: a row has a plain title and a test`);
      const leaves = leavesOf(run);
      found.push({
        file,
        title: title.text,
        tokens: joined(leaves.map((leaf) => leaf.getText())),
        texts: textsOf(leaves),
      });
      return;
    }
    node.forEachChild(visit);
  };
  visit(source);
  return found;
}

function leavesOf(node: ts.Node): ts.Node[] {
  const children = node.getChildren();
  return children.length === 0 ? [node] : children.flatMap(leavesOf);
}

function textsOf(leaves: readonly ts.Node[]): string[] {
  return leaves.filter(ts.isStringLiteralLike).map(({ text }) => text);
}

/** Tokens of a piece of code, which need not be a whole statement. */
function tokensOf(code: string): string {
  const scanner = ts.createScanner(ts.ScriptTarget.ES2023, true, ts.LanguageVariant.Standard, code);
  const tokens: string[] = [];
  while (scanner.scan() !== ts.SyntaxKind.EndOfFileToken) {
    tokens.push(scanner.getTokenText());
  }
  return joined(tokens);
}

/** Trailing commas are a matter of layout. */
function joined(tokens: readonly string[]): string {
  const kept = tokens.filter(
    (token, index) => token !== "" && !(token === "," && /^[)\]}]$/.test(tokens[index + 1] ?? "")),
  );
  return ` ${kept.join(" ")} `;
}

describe("docs/guide-parity.md", () => {
  it("has a row for each test, in the same order, and a test for each row", () => {
    const files = [...new Set(tableRows.map(({ file }) => file))];
    const inOrder = files.flatMap((file) => tests.filter((test) => test.file === file));
    assert.deepEqual(
      tableRows.map(({ file, title }) => `${file}: ${title}`),
      inOrder.map(({ file, title }) => `${file}: ${title}`),
    );
    assert.equal(inOrder.length, tests.length);
    assert.ok(tests.length > 40);
  });

  it("shows code that stands in the row's test, which is compiled and run", () => {
    const strays = tableRows.flatMap(({ code, title }) => {
      const test = tests.find((one) => one.title === title);
      return code
        .filter((one) =>
          one.startsWith("$ ")
            ? test?.texts.includes(one) !== true
            : test?.tokens.includes(tokensOf(one)) !== true,
        )
        .map((one) => `${title}: ${one}`);
    });
    assert.deepEqual(strays, []);
    assert.ok(tableRows.every(({ code, write }) => code.length > 0 || write === "nothing"));
  });
});
