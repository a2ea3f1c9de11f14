import { isPlainObject, REDACTED } from "./secretValue";

// Shorter texts would be found inside ordinary words, and are no secret worth the name.
const MINIMUM_LENGTH = 4;

/** Replaces secrets in anything that is about to be shown. */
export interface SecretGuard {
  text(text: string): string;
  /** a copy with every string in it, keys included, cleaned */
  value<T>(value: T): T;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/**
 * The last line of defence: whatever path a secret took into a text (a log message, an error, a name), it does not
 * leave it. Known secrets of four characters or more are replaced by `[secret]`, also in base64.
 */
export function createSecretGuard(secrets: Iterable<string>): SecretGuard {
  const plain = [...secrets].filter((secret) => secret.length >= MINIMUM_LENGTH && secret !== REDACTED);
  const forms = plain.flatMap((secret) => [secret, Buffer.from(secret).toString("base64")]);
  // The longest first: one secret may be part of another.
  const alternatives = [...new Set(forms)].sort((one, other) => other.length - one.length).map(escaped);
  const pattern = alternatives.length === 0 ? undefined : new RegExp(alternatives.join("|"), "g");
  const text = (given: string): string => (pattern === undefined ? given : given.replace(pattern, REDACTED));
  const clean = (value: unknown): unknown => {
    if (typeof value === "string") {
      return text(value);
    }
    if (Array.isArray(value)) {
      return value.map(clean);
    }
    if (!isPlainObject(value)) {
      return value;
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [text(key), clean(item)]));
  };
  return {
    text,
    // A copy of the same shape: only the contents of strings change.
    value: <T>(value: T): T => (pattern === undefined ? value : (clean(value) as T)),
  };
}
