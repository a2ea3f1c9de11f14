import assert from "node:assert/strict";
import { assertDifferences, reasonsOf } from "./differences";
import type { Difference } from "./differences";
import { tableRow } from "./table";

/** What a test of a row has at hand. */
export interface RowCheck {
  /** Compares an object of the guide with ours: they differ in the named fields and in nothing else. */
  compare: (guide: unknown, ours: unknown, named?: readonly Difference[][]) => void;
  /** A difference that is no field of one object; the test proves it by an assertion of its own. */
  differs: (why: string) => void;
}

/**
 * The test of a row of docs/guide-parity.md. It fails unless the third column gives the reasons of all differences
 * and no other.
 *
 * @param title - Title of the test, which the row gives.
 * @param run - The test.
 */
export function row(title: string, run: (check: RowCheck) => Promise<void> | void): void {
  it(title, async () => {
    const reasons = new Set<string>();
    await run({
      compare: (guide, ours, named = []) => {
        assertDifferences(guide, ours, named.flat());
        reasonsOf(named.flat()).forEach((reason) => reasons.add(reason));
      },
      differs: (why) => reasons.add(why),
    });
    assert.deepEqual([...reasons], tableRow(title).reasons);
  });
}
