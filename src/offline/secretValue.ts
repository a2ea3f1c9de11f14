import { inspect } from "node:util";

/** What every secret is replaced by wherever it would be shown. */
export const REDACTED = "[secret]";

/**
 * A value the program marked as secret. It prints and serializes as `[secret]`, so that nothing that handles a
 * recording can leak it by accident; `value` holds what it really is (itself free of further marks).
 */
export class SecretValue {
  public constructor(public readonly value: unknown) {}

  public toString(): string {
    return REDACTED;
  }

  public toJSON(): string {
    return REDACTED;
  }

  public [inspect.custom](): string {
    return REDACTED;
  }
}

/** A value that is not known during a preview, such as the id of an object that does not exist yet. */
export class UnknownValue {
  public toString(): string {
    return "[unknown]";
  }

  public toJSON(): string {
    return "[unknown]";
  }
}

/** The one `UnknownValue`. */
export const UNKNOWN = new UnknownValue();

/** True for objects with string keys that are neither arrays nor one of the marks of this file. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof SecretValue) &&
    !(value instanceof UnknownValue)
  );
}

/** Rebuilds a value with `change` applied to each of its leaves (everything but objects and arrays). */
function mapLeaves(value: unknown, change: (leaf: unknown) => unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => mapLeaves(item, change));
  }
  if (!isPlainObject(value)) {
    return change(value);
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapLeaves(item, change)]));
}

/**
 * A copy in which each secret leaf reads `[secret]` and each unknown one `[unknown]`. The keys of a secret map stay:
 * which keys a Secret has is no secret, and a reviewer needs them.
 */
export function redact(value: unknown): unknown {
  return mapLeaves(value, (leaf) => {
    if (leaf instanceof SecretValue) {
      return redactAll(leaf.value);
    }
    return leaf instanceof UnknownValue ? leaf.toString() : leaf;
  });
}

/** A copy in which every leaf reads `[secret]`: for what is secret by its nature, such as the data of a Secret. */
export function redactAll(value: unknown): unknown {
  return mapLeaves(value, (leaf) => (leaf instanceof SecretValue ? redactAll(leaf.value) : REDACTED));
}

/** `redact` for the fields of a Kubernetes Secret, whose data is secret whether marked or not. */
export function redactSecretObject(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      const isData = key === "data" || key === "stringData";
      return [key, isData ? redactAll(value) : redact(value)];
    }),
  );
}

/** A copy with all secret marks taken off: the plain values the engine would send. For tests and for comparing. */
export function reveal(value: unknown): unknown {
  return mapLeaves(value, (leaf) => (leaf instanceof SecretValue ? reveal(leaf.value) : leaf));
}

/** Adds every string and number found inside a secret mark of `value` to `found`, as text. */
export function collectSecrets(value: unknown, found: Set<string>, inside = false): void {
  if (value instanceof SecretValue) {
    collectSecrets(value.value, found, true);
  } else if (Array.isArray(value)) {
    for (const item of value) {
      collectSecrets(item, found, inside);
    }
  } else if (isPlainObject(value)) {
    for (const item of Object.values(value)) {
      collectSecrets(item, found, inside);
    }
  } else if (inside && (typeof value === "string" || typeof value === "number")) {
    found.add(String(value));
  }
}
