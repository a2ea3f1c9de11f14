/**
 * The spellings of a host that a request may bear and still mean it: with any port, and with the dot at the end of a
 * fully qualified name. A client chooses among them, so a condition on what is inspected has all of them; one on what is
 * left out has only what the user wrote. Upper and lower case are the same to Istio and Envoy.
 *
 * A suffix (`*.example.com`) stays as it is: Istio knows no pattern with something after it.
 *
 * @param pattern - A host, or one with `*` at one end.
 */
export function spellingsOfHost(pattern: string): string[] {
  if (pattern.includes("*")) {
    return [pattern];
  }
  const host = pattern.replace(/\.$/, "");
  return [host, `${host}:*`, `${host}.`, `${host}.:*`];
}
