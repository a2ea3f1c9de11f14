import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import type { ExtensionProvider } from "../../src/mesh/extensionProvider";
import { ownedProviders, ownerAnnotation, ownerMark, withoutMarks } from "../../src/kubernetes/ownership";
import { planMeshEdit } from "../../src/mesh/planMeshEdit";
import type { MeshContribution, MeshPlan } from "../../src/mesh/planMeshEdit";
import { contribution, meshConfigMap, providerLists } from "./contributions";
import { meshTexts } from "./text/meshTexts";

/** What happens to a mesh ConfigMap, one after the other. */
type Happening =
  | { kind: "up" | "teardown"; component: 0 | 1; providers: ExtensionProvider[] }
  // A chart writes its own text; somebody writes a comment into the text that is there.
  | { kind: "chart"; text: string }
  | { kind: "comment"; words: string };

const component = fc.constantFrom<0 | 1>(0, 1);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("up"), component, providers: providerLists }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("teardown"), component, providers: providerLists }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("chart"), text: meshTexts }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("comment"), words: fc.stringMatching(/^[a-z ]{1,20}$/) }),
  },
);

/** A ConfigMap, what of its text is not ours, and what the components want of it. */
class Mesh {
  readonly wanted = new Map<0 | 1, Map<string, ExtensionProvider>>();
  /** What components have written down, and a chart has taken out of the text. */
  private lost = new Map<0 | 1, Map<string, ExtensionProvider>>();
  private annotations: Record<string, string> = {};

  constructor(
    public text: string,
    public foreign = text,
  ) {}

  happen(one: Happening): void {
    switch (one.kind) {
      case "chart":
        this.text = one.text;
        this.foreign = one.text;
        // Until the next run of any component nothing of them is there.
        this.lost = new Map([...this.lost, ...this.wanted]);
        this.wanted.clear();
        return;
      case "comment":
        this.text = `# ${one.words}\n${this.text}`;
        this.foreign = `# ${one.words}\n${this.foreign}`;
        return;
      case "up":
        this.up(one.component, one.providers);
        return;
      case "teardown":
        this.teardown(one.component);
    }
  }

  up(number: 0 | 1, providers: readonly ExtensionProvider[]): void {
    const mine = contributionOf(number, providers);
    const planned = this.plan(mine);
    const again = this.plan(mine);
    assert.equal(again.unchanged, true, "a second plan would change something");
    const before = this.wanted.get(number) ?? new Map<string, ExtensionProvider>();
    // Entries under names that are no longer used stay; those that a chart took away stay away.
    const kept = [...before].filter(([name]) => planned.marked.includes(name));
    this.wanted.set(number, new Map([...kept, ...mine.providers.map((one) => [one.name, one] as const)]));
    this.restoreOthers(number);
  }

  teardown(number: 0 | 1): void {
    this.plan({ ...contributionOf(number, []), teardown: true });
    this.wanted.delete(number);
    this.restoreOthers(number);
  }

  /** Who writes, heals for all; a component that runs says itself what it wants. */
  private restoreOthers(number: 0 | 1): void {
    this.lost.delete(number);
    for (const [other, entries] of this.lost) {
      this.wanted.set(other, entries);
    }
    this.lost.clear();
  }

  /** Plans and writes as the component does: the marks that it no longer wants go with its own field manager. */
  private plan(mine: MeshContribution): MeshPlan {
    const planned = planMeshEdit(meshConfigMap(this.text, this.annotations), mine);
    const others = withoutMarks(this.annotations, ownedProviders(this.annotations, mine.owner));
    const marks = planned.marked.map((name) => [ownerAnnotation(name), ownerMark(mine.owner)]);
    this.annotations = {
      ...others,
      ...(Object.fromEntries(marks) as Record<string, string>),
      ...planned.annotations,
    };
    this.text = planned.text;
    return planned;
  }
}

/** Two components never want the same names. */
function contributionOf(number: 0 | 1, providers: readonly ExtensionProvider[]): MeshContribution {
  const named = providers.map((one) => ({ ...one, name: `${one.name}-${number}` }));
  return contribution(named, { owner: { component: `shop/prod/${number}`, id: `id${number}` } });
}

interface Config {
  extensionProviders?: ({ name?: string } | null)[] | null;
}
const read = (text: string): Config => parse(text) as Config;

/** Everything of everybody is in the text, and nothing else. */
function assertWhole({ text, foreign, wanted }: Mesh): void {
  const config = read(text);
  const theirs = read(foreign);
  assert.deepEqual(
    { ...config, extensionProviders: undefined },
    { ...theirs, extensionProviders: undefined },
  );
  const ours = new Map([...wanted.values()].flatMap((providers) => [...providers]));
  const entries = config.extensionProviders ?? [];
  assert.deepEqual(
    entries.filter((entry) => !ours.has(entry?.name ?? "")),
    theirs.extensionProviders ?? [],
  );
  const found = entries.flatMap((entry) => (ours.has(entry?.name ?? "") ? [[entry?.name, entry]] : []));
  assert.deepEqual(new Map(found as [string, ExtensionProvider][]), ours);
  for (const comment of foreign.match(/#.*$/gm) ?? []) {
    assert.ok(text.includes(comment.trimEnd()), `lost: ${comment}`);
  }
}

describe("a mesh text that two components and its owner change in any order", function () {
  this.timeout(240_000);

  it("always holds all of everybody, and is the owner's own again when both have left", () => {
    fc.assert(
      fc.property(
        meshTexts,
        fc.array(happening, { minLength: 1, maxLength: 7 }),
        fc.boolean(),
        (text, happenings, backwards) => {
          const mesh = new Mesh(text);
          for (const one of happenings) {
            mesh.happen(one);
            assertWhole(mesh);
          }
          for (const number of backwards ? ([1, 0] as const) : ([0, 1] as const)) {
            mesh.teardown(number);
            assertWhole(mesh);
          }
          assert.equal(mesh.text, mesh.foreign);
        },
      ),
      { numRuns: 200 },
    );
  });
});
