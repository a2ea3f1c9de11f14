import { conditionsOf } from "../args/targets";
import type { InspectionRuleArgs } from "../args/targets";
import {
  at,
  hasLabels,
  idOf,
  labelsOf,
  listAt,
  namespaceOf,
  textAt,
  textMapAt,
} from "../kubernetes/liveObject";
import type { LiveObject } from "../kubernetes/liveObject";
import type { KnownTarget } from "./subject";

/** A port of a Service of a target that the target's rules do not leave out. */
export interface TargetPort {
  /** Port of the container; undefined when only its name is known. */
  container: number | undefined;
  /** For people. */
  shown: string;
}

/** The rules of a target. */
export function rulesOf(target: KnownTarget): readonly InspectionRuleArgs[] {
  return target.rules ?? [conditionsOf(target)];
}

/**
 * The ports of Services with a selector by which requests to a target come; none of a target by reference.
 *
 * @param pods - The pods of the target; without any, its labels decide.
 * @param carries - Which ports of a Service are meant.
 */
export function portsOfTarget(
  target: KnownTarget,
  services: readonly LiveObject[],
  pods: readonly LiveObject[],
  carries: (port: unknown) => boolean,
): TargetPort[] {
  if (target.targetRefs !== undefined) {
    return [];
  }
  const rules = rulesOf(target);
  return services
    .filter((service) => selects(service, target, pods))
    .flatMap((service) =>
      listAt(service, "spec", "ports")
        .filter(carries)
        .map((port) => targetPort(service, port, pods)),
    )
    .filter(({ container }) => rules.some((rule) => includesPort(rule, container)));
}

/** The names of ports for people, each once. */
export function shownPorts(ports: readonly TargetPort[]): string[] {
  return [...new Set(ports.map(({ shown }) => shown))];
}

/** The numbers of ports in the containers, each once, as far as they are known. */
export function containerPorts(ports: readonly TargetPort[]): number[] {
  return [...new Set(ports.flatMap(({ container }) => container ?? []))];
}

/** What a port of a Service says that it carries: the first word of its `appProtocol` or name, and all of it. */
export function declaredProtocol(port: unknown): { protocol: string; declared: string } {
  const declared = textAt(port, "appProtocol") ?? textAt(port, "name") ?? "";
  return { declared, protocol: (declared.split("-")[0] ?? "").toLowerCase() };
}

function selects(service: LiveObject, target: KnownTarget, pods: readonly LiveObject[]): boolean {
  const selector = textMapAt(service, "spec", "selector");
  if (Object.keys(selector).length === 0) {
    return false;
  }
  return pods.length > 0
    ? pods.some((pod) => namespaceOf(pod) === namespaceOf(service) && hasLabels(labelsOf(pod), selector))
    : namespaceOf(service) === target.namespace && hasLabels(target.matchLabels ?? {}, selector);
}

function targetPort(service: LiveObject, port: unknown, pods: readonly LiveObject[]): TargetPort {
  const name = textAt(port, "name");
  return {
    container: containerPort(port, pods),
    shown: `port ${String(at(port, "port"))}${name === undefined ? "" : ` (${name})`} of Service ${idOf(service)}`,
  };
}

function containerPort(port: unknown, pods: readonly LiveObject[]): number | undefined {
  const target = at(port, "targetPort") ?? at(port, "port");
  if (typeof target === "number") {
    return target;
  }
  const ports = pods
    .flatMap((pod) => [...listAt(pod, "spec", "containers"), ...listAt(pod, "spec", "initContainers")])
    .flatMap((container) => listAt(container, "ports"));
  const number = at(
    ports.find((one) => textAt(one, "name") === target),
    "containerPort",
  );
  return typeof number === "number" ? number : undefined;
}

function includesPort({ ports, notPorts }: InspectionRuleArgs, port: number | undefined): boolean {
  if (port === undefined) {
    return ports === undefined && notPorts === undefined;
  }
  return (ports === undefined || ports.includes(port)) && notPorts?.includes(port) !== true;
}
