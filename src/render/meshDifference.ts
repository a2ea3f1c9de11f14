import type { RenderReport } from "./report";
import { unifiedDiff } from "./unifiedDiff";

/** A mesh text that changes. */
export interface ChangedMesh {
  /** `ConfigMap <namespace>/<name>`, or the values of Istio's chart that somebody else applies. */
  readonly text: string;
  /** Unified diff without file header, one line each. */
  readonly diff: readonly string[];
}

type Mesh = RenderReport["mesh"];

/** What a program leaves in each ConfigMap after its last edit, and what it asks of whoever installs Istio. */
function textsAfter({ edits, external }: Mesh): Map<string, string> {
  return new Map([
    ...edits.flatMap(({ configMap, after }): [string, string][] =>
      after === null ? [] : [[`ConfigMap ${configMap}`, after]],
    ),
    ...external.map(({ component, helmValues }): [string, string] => [
      `values of Istio's chart for ${component}`,
      helmValues,
    ]),
  ]);
}

/** The text that is there before a program edits it. */
function textsBefore({ edits }: Mesh): Map<string, string> {
  return new Map(
    [...edits]
      .reverse()
      .flatMap(({ configMap, before }): [string, string][] =>
        before === null ? [] : [[`ConfigMap ${configMap}`, before]],
      ),
  );
}

/** The mesh texts that two programs leave behind differently. */
export function changedMeshes(before: Mesh, after: Mesh): ChangedMesh[] {
  const [was, is] = [textsAfter(before), textsAfter(after)];
  const untouched = new Map([...textsBefore(before), ...textsBefore(after)]);
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((text) => {
    const of = (texts: ReadonlyMap<string, string>): string => texts.get(text) ?? untouched.get(text) ?? "";
    const diff = unifiedDiff(of(was), of(is), text).slice(2);
    return diff.length === 0 ? [] : [{ text, diff }];
  });
}
