import { listAt, textAt, textMapAt } from "../kubernetes/liveObject";

/**
 * Whether labels fulfil a Kubernetes label selector.
 *
 * @param selector - With `matchLabels` and `matchExpressions`.
 * @param labels - The labels.
 */
export function selectorMatches(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  return (
    Object.entries(textMapAt(selector, "matchLabels")).every(([key, value]) => labels[key] === value) &&
    listAt(selector, "matchExpressions").every((expression) => expressionHolds(expression, labels))
  );
}

function expressionHolds(expression: unknown, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[textAt(expression, "key") ?? ""];
  const values = listAt(expression, "values");
  switch (textAt(expression, "operator")) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return true;
  }
}
