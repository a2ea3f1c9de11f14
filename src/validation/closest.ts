import { distance } from "fastest-levenshtein";

/** The known word that a word was probably meant to be, if any is near: at most 2 edits, or a quarter of it, away. */
export function closest(word: string, known: readonly string[]): string | undefined {
  const near = known
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.max(2, Math.floor(candidate.length / 4)))
    .sort((a, b) => a.edits - b.edits);
  return near[0]?.candidate;
}
