import { createTwoFilesPatch, FILE_HEADERS_ONLY, OMIT_HEADERS } from "diff";

// A text edited beyond recognition would take minutes to compare; a reader is then better served by the whole.
const timeout = 5000;

/**
 * The lines of a unified diff; none when nothing changes.
 * @param label stands in the file header that `patch` needs, and such a diff is whole however long it takes; without
 *   it there is no header, and undefined is returned where the texts are too different to compare
 */
export function unifiedDiff(before: string, after: string, label: string): string[];
export function unifiedDiff(before: string, after: string): string[] | undefined;
export function unifiedDiff(before: string, after: string, label?: string): string[] | undefined {
  if (before === after) {
    return [];
  }
  const patch =
    label === undefined
      ? createTwoFilesPatch("", "", before, after, "", "", {
          context: 3,
          timeout,
          headerOptions: OMIT_HEADERS,
        })
      : createTwoFilesPatch(label, label, before, after, "before", "after", {
          context: 3,
          headerOptions: FILE_HEADERS_ONLY,
        });
  return patch?.slice(0, -1).split("\n");
}
