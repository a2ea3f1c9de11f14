import ts from "typescript";

/**
 * @typedef {object} Mutant
 * @property {number} id
 * @property {string} file
 * @property {number} line
 * @property {string} change What is put in the place of what.
 */

const { SyntaxKind } = ts;
const opposite = new Map([
  [SyntaxKind.EqualsEqualsEqualsToken, "!=="],
  [SyntaxKind.ExclamationEqualsEqualsToken, "==="],
  [SyntaxKind.AmpersandAmpersandToken, "||"],
  [SyntaxKind.BarBarToken, "&&"],
  [SyntaxKind.LessThanToken, "<="],
  [SyntaxKind.LessThanEqualsToken, "<"],
  [SyntaxKind.GreaterThanToken, ">="],
  [SyntaxKind.GreaterThanEqualsToken, ">"],
]);
const oppositeCall = new Map([
  ["some", "every"],
  ["every", "some"],
]);

/**
 * Writes every mutant of a source into it, each behind `__mutant(id)`, so that one compilation and one start of the
 * tests serve them all.
 *
 * @param {string} text
 * @param {string} file
 * @param {number} firstId
 * @returns {{ text: string, mutants: Mutant[] }}
 */
export function instrument(text, file, firstId) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  /** @type {Mutant[]} */
  const mutants = [];
  const add = (node, change) => {
    const id = firstId + mutants.length;
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    mutants.push({ id, file, line, change });
    return id;
  };
  const inner = (node) => {
    let written = "";
    let position = node.getStart();
    ts.forEachChild(node, (child) => {
      written += text.slice(position, child.getStart()) + emit(child);
      position = child.getEnd();
    });
    return written + text.slice(position, node.getEnd());
  };
  const orElse = (node, original, changed, what) =>
    `(__mutant(${add(node, what)}) ? ${changed} : ${original})`;
  const asCondition = (node) =>
    orElse(
      node,
      orElse(node, emit(node), "true", `${node.getText()} -> true`),
      "false",
      `${node.getText()} -> false`,
    );

  const emit = (node) => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) {
      return node.getText();
    }
    if (ts.isBinaryExpression(node) && opposite.has(node.operatorToken.kind)) {
      const [left, right] = [emit(node.left), emit(node.right)];
      const other = opposite.get(node.operatorToken.kind);
      const own = node.operatorToken.getText();
      return orElse(
        node,
        `(${left} ${own} ${right})`,
        `(${left} ${other} ${right})`,
        `${own} -> ${other}: ${node.getText()}`,
      );
    }
    if (ts.isPrefixUnaryExpression(node) && node.operator === SyntaxKind.ExclamationToken) {
      const operand = emit(node.operand);
      return orElse(node, `!${operand}`, operand, `without !: ${node.getText()}`);
    }
    if (ts.isConditionalExpression(node)) {
      return `(${asCondition(node.condition)} ? ${emit(node.whenTrue)} : ${emit(node.whenFalse)})`;
    }
    if (ts.isIfStatement(node)) {
      const otherwise = node.elseStatement === undefined ? "" : ` else ${emit(node.elseStatement)}`;
      return `if (${asCondition(node.expression)}) ${emit(node.thenStatement)}${otherwise}`;
    }
    if (
      (node.kind === SyntaxKind.TrueKeyword || node.kind === SyntaxKind.FalseKeyword) &&
      ts.isExpression(node)
    ) {
      const other = node.kind === SyntaxKind.TrueKeyword ? "false" : "true";
      return orElse(node, node.getText(), other, `${node.getText()} -> ${other}`);
    }
    if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      !node.questionDotToken
    ) {
      const name = node.expression.name.text;
      const holder = node.expression.expression;
      const simple = node.expression.questionDotToken === undefined && node.arguments.length === 1;
      if (simple && (name === "filter" || oppositeCall.has(name))) {
        const [on, argument] = [emit(holder), emit(node.arguments[0])];
        const changed = name === "filter" ? `[...${on}]` : `${on}.${oppositeCall.get(name)}(${argument})`;
        return orElse(
          node,
          `${on}.${name}(${argument})`,
          changed,
          `${name} -> ${oppositeCall.get(name) ?? "all"}`,
        );
      }
    }
    if (ts.isThrowStatement(node) || (ts.isExpressionStatement(node) && !isSuper(node))) {
      return `if (!__mutant(${add(node, `without ${node.getText().split("\n")[0]}`)})) { ${inner(node)} }`;
    }
    return inner(node);
  };
  const isSuper = ({ expression }) =>
    ts.isCallExpression(expression) && expression.expression.kind === SyntaxKind.SuperKeyword;
  return { text: emit(source), mutants };
}
