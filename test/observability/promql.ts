import assert from "node:assert/strict";
import { parser } from "@prometheus-io/lezer-promql";

/** Fails where an expression is no PromQL, and says what of it is not. */
export function assertPromQl(expression: string): void {
  const tree = parser.parse(expression);
  const errors: string[] = [];
  tree.iterate({
    enter: (node) => {
      if (node.type.isError) {
        errors.push(`at ${node.from}: ${expression.slice(node.from, node.from + 30)}`);
      }
    },
  });
  assert.deepEqual(errors, [], expression);
}

/** Names of the series that an expression reads, sorted. */
export function metricsIn(expression: string): string[] {
  const names = new Set<string>();
  parser.parse(expression).iterate({
    enter: (node) => {
      if (node.name === "VectorSelector" && node.node.firstChild?.name === "Identifier") {
        const { from, to } = node.node.firstChild;
        names.add(expression.slice(from, to));
      }
    },
  });
  return [...names].sort();
}
