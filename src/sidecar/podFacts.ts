import { isRecord, mapInput } from "../pulumi/inputs";
import { containerLists } from "./container";
import type { ContainerList } from "./container";

/** What of a pod spec decides whether the agent fits in. */
export interface PodFacts {
  /** Whether the pod uses the node's network. */
  hostNetwork?: unknown;
  /** When containers are started again. */
  restartPolicy?: unknown;
  /** Seconds the pod has to stop. */
  terminationGracePeriodSeconds?: unknown;
  /** The containers of each list. */
  lists: Record<ContainerList, ContainerFacts[]>;
}

/** What of a container decides whether the agent fits in. */
export interface ContainerFacts {
  /** Its name. */
  name?: unknown;
  /** Its ports. */
  ports: PortFacts[];
}

/** A port of a container. */
export interface PortFacts {
  /** Its name. */
  name?: unknown;
  /** Its number. */
  containerPort?: unknown;
  /** TCP unless it says otherwise. */
  protocol?: unknown;
}

/**
 * Takes out of a pod spec what decides whether the agent fits in. What the program knows only later stays so, and
 * nothing else does: an image from an Output delays no check.
 *
 * @param podSpec - The pod spec; from a live object or another program it may be anything.
 * @returns the facts with deferred parts, to be given to `whenKnown`. The type is that of the facts once known.
 */
export function podFacts(podSpec: unknown): PodFacts {
  const { hostNetwork, restartPolicy, terminationGracePeriodSeconds, ...spec } = fields(podSpec);
  const lists = Object.fromEntries(
    containerLists.map((list) => [list, mapInput(spec[list], (items) => entries(items, containerFacts))]),
  );
  return {
    hostNetwork,
    restartPolicy,
    terminationGracePeriodSeconds,
    // The lists are those of `containerLists`; they are read only after `whenKnown`.
    lists: lists as unknown as PodFacts["lists"],
  };
}

function containerFacts(container: unknown): ContainerFacts {
  const { name, ports } = fields(container);
  const known = mapInput(ports, (items) => entries(items, portFacts));
  // Read only after `whenKnown`.
  return { name, ports: known as ContainerFacts["ports"] };
}

function portFacts(port: unknown): PortFacts {
  const { name, containerPort, protocol } = fields(port);
  return { name, containerPort, protocol };
}

function entries<T>(list: unknown, facts: (item: unknown) => T): T[] {
  const items: unknown[] = Array.isArray(list) ? list : [];
  // Read only after `whenKnown`.
  return items.map((item) => mapInput(item, facts) as T);
}

function fields(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}
