import * as pulumi from "@pulumi/pulumi";

/** Whether the value is known only later: an Output or a promise. */
export function isDeferred(value: unknown): value is pulumi.Output<unknown> | Promise<unknown> {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

/** Whether the value is an object of named fields: no list, no null, nothing that is known only later. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isDeferred(value);
}

/**
 * Whether an Output or a promise stands anywhere in the value.
 *
 * @param value - Plain data, possibly with deferred leaves.
 */
export function containsDeferred(value: unknown): boolean {
  if (isDeferred(value)) {
    return true;
  }
  if (Array.isArray(value)) {
    return value.some(containsDeferred);
  }
  return typeof value === "object" && value !== null && Object.values(value).some(containsDeferred);
}

/**
 * Applies a pure function now when the value is plain, else when it is known. Plain arguments thus give plain
 * objects: they are checked at once and shown in full in the first preview.
 *
 * @param value - Plain data, possibly with deferred leaves.
 */
export function whenKnown<T, U>(
  value: T,
  transform: (resolved: pulumi.Unwrap<T>) => U,
): U | pulumi.OutputInstance<U> {
  if (!containsDeferred(value)) {
    // Without deferred leaves T and Unwrap<T> are the same shape, which the type system cannot see.
    return transform(value as pulumi.Unwrap<T>);
  }
  return pulumi.output(value).apply((resolved) => transform(resolved));
}

/** The texts and numbers that secret Outputs anywhere in a value stand for, as texts. */
export function secretTexts(value: unknown): pulumi.Output<string[]> {
  const outputs: pulumi.Output<unknown>[] = [];
  const collect = (inner: unknown): void => {
    if (pulumi.Output.isInstance(inner)) {
      outputs.push(inner);
    } else if (typeof inner === "object" && inner !== null) {
      Object.values(inner).forEach(collect);
    }
  };
  collect(value);
  const secret = outputs.map((output) =>
    pulumi.output(pulumi.isSecret(output)).apply((isSecret) => (isSecret ? output : undefined)),
  );
  return pulumi.all(secret).apply((known) => known.flatMap(textsIn));
}

/** Every text and number in plain data, as texts. */
export function textsIn(value: unknown): string[] {
  return typeof value === "object" && value !== null
    ? Object.values(value).flatMap(textsIn)
    : typeof value === "string" || typeof value === "number"
      ? [String(value)]
      : [];
}

/**
 * The value, or undefined while a preview does not know it. The SDK has the promise, but does not declare it.
 */
export function knownOrUndefined<T>(output: pulumi.Output<T>): pulumi.Output<T | undefined> {
  const { isKnown } = output as unknown as { isKnown?: Promise<boolean> };
  const value = (isKnown ?? Promise.resolve(true)).then((known) => (known ? output : undefined));
  // pulumi.output flattens the promise of an Output, which its types do not follow.
  return pulumi.output(value) as pulumi.Output<T | undefined>;
}

/**
 * The ids of what an option `dependsOn` names; of a component, those of its children. Without those of a component in
 * another language, whose children are not known here.
 */
export function idsOfDependencies(
  dependsOn: pulumi.ComponentResourceOptions["dependsOn"],
  dependent: pulumi.Resource,
): pulumi.Output<string[]> {
  const named = pulumi.output(dependsOn ?? []);
  return idsOf(
    named.apply(async (resources) => {
      const found = new Set<pulumi.Resource>([dependent]);
      for (const resource of [resources].flat()) {
        await addWithChildren(resource, found);
      }
      found.delete(dependent);
      return [...found];
    }),
  );
}

/** The SDK waits for the children of a component too; it has them, but does not declare them. */
async function addWithChildren(resource: pulumi.Resource, found: Set<pulumi.Resource>): Promise<void> {
  if (found.has(resource)) {
    return;
  }
  found.add(resource);
  if (pulumi.ComponentResource.isInstance(resource)) {
    const { __data, __childResources } = resource as unknown as {
      __data?: Promise<unknown>;
      __childResources?: Iterable<pulumi.Resource>;
    };
    await __data;
    for (const child of __childResources ?? []) {
      await addWithChildren(child, found);
    }
  }
}

/**
 * The ids of resources, which are there once the resources are.
 *
 * @param resources - The resources; components have none.
 */
export function idsOf(resources: pulumi.Output<pulumi.Resource[]>): pulumi.Output<string[]> {
  return resources.apply((known) =>
    pulumi.all(known.flatMap((one) => (pulumi.CustomResource.isInstance(one) ? [one.id] : []))),
  );
}

/**
 * Applies a function now when the value itself is plain, else when it is known; what stands deeper may still be
 * deferred while the value is plain.
 *
 * @param transform - Function of the value; all of it is plain when the value had to be waited for.
 */
export function mapInput<T>(value: unknown, transform: (known: unknown) => T): T | pulumi.Output<T> {
  if (!isDeferred(value)) {
    return transform(value);
  }
  const resolved: pulumi.Output<unknown> = pulumi.output<unknown>(value);
  return resolved.apply<T>(transform);
}

/**
 * Whether two values are the same data. What is known only later is the same when it is the same object; a missing
 * field is the same as an undefined one.
 */
export function sameInput(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) {
    return true;
  }
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => sameInput(item, other[index]));
  }
  if (!isRecord(one) || !isRecord(other)) {
    return false;
  }
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every((key) =>
    sameInput(one[key], other[key]),
  );
}
