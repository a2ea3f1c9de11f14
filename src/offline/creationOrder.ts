import type * as pulumi from "@pulumi/pulumi";
import type { RecordedResource } from "./recordedResource";

/**
 * An order in which the engine creates: a resource comes after its parent and after everything it waits for, and
 * otherwise as given. A cycle cannot be registered, so every resource is placed.
 */
export function creationOrder(resources: readonly RecordedResource[]): RecordedResource[] {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const placed = new Set<string>();
  const order: RecordedResource[] = [];
  for (const start of resources) {
    const stack = [start];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const waitsFor = [...(top.parent === undefined ? [] : [top.parent]), ...top.dependencies];
      const missing = placed.has(top.urn)
        ? undefined
        : waitsFor.find((urn) => byUrn.has(urn) && !placed.has(urn));
      const next = missing === undefined ? undefined : byUrn.get(missing);
      if (next !== undefined && !stack.includes(next)) {
        stack.push(next);
        continue;
      }
      stack.pop();
      if (placed.has(top.urn)) {
        continue;
      }
      placed.add(top.urn);
      order.push(top);
    }
  }
  return order;
}

/** Notes resources as their constructors run, which is the order in which the program's text creates them. */
export interface ConstructionLog {
  /** to be called inside the stack, before the program */
  start(): void;
  /** `resources` in an order of creation that follows the program's own order as far as it can */
  arrange(resources: readonly RecordedResource[]): RecordedResource[];
}

/** Registrations reach the engine in an order that depends on how many Outputs each waits for; this restores sense. */
export function createConstructionLog(sdk: typeof pulumi): ConstructionLog {
  const places = new Map<string, number>();
  const key = (type: string, name: string): string => `${type}::${name}`;
  return {
    start: () => {
      sdk.runtime.registerStackTransformation(({ type, name }) => {
        if (!places.has(key(type, name))) {
          places.set(key(type, name), places.size);
        }
        return undefined;
      });
    },
    arrange: (resources) => {
      // Those constructed out of our sight (by a provider's own code) go last; equal ones stay as registered.
      const rank = ({ type, name }: RecordedResource): number => places.get(key(type, name)) ?? places.size;
      return creationOrder([...resources].sort((one, other) => rank(one) - rank(other)));
    },
  };
}
