// Control characters but those of plain text, and those that turn the direction of writing.
const unprintable = /\r(?!\n)|(?![\r\n\t])\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A text that holds names of others, safe for a terminal: what would move its cursor, colour or hide something is
 * shown as its JSON escape, so that JSON stays the same data.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
