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

/** A port of a target, of a Service or of a container, that the target's rules do not leave out. */
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
  return inspected(
    target,
    servicesOf(target, services, pods).flatMap((service) =>
      listAt(service, "spec", "ports")
        .filter(carries)
        .map((port) => targetPort(service, port, pods)),
    ),
  );
}

/**
 * The ports that the containers of a target name and no Service of it leads to, such as those of a workload that is given
 * without its Service; none of a target by reference.
 *
 * @param carries - Which ports of a container are meant.
 */
export function portsWithoutService(
  target: KnownTarget,
  services: readonly LiveObject[],
  pods: readonly LiveObject[],
  carries: (port: unknown) => boolean,
): TargetPort[] {
  const reached = new Set(
    servicesOf(target, services, pods).flatMap((service) =>
      listAt(service, "spec", "ports").map((port) => containerPort(port, pods)),
    ),
  );
  const own = target.targetRefs === undefined ? pods : [];
  const ports = own.flatMap(containersOf).flatMap((container) =>
    namedPorts(container)
      .filter(carries)
      .map((port) => shownContainerPort(container, port)),
  );
  return inspected(
    target,
    ports.filter(({ container }) => !reached.has(container)),
  );
}

/** The ports of a container: those that it lists, and those that the kubelet asks by gRPC whether it is well. */
function namedPorts(container: unknown): unknown[] {
  const probed = ["startupProbe", "readinessProbe", "livenessProbe"].flatMap((probe) => {
    const containerPort = at(container, probe, "grpc", "port");
    return containerPort === undefined ? [] : [{ containerPort, appProtocol: "grpc" }];
  });
  return [...listAt(container, "ports"), ...probed];
}

function shownContainerPort(container: unknown, port: unknown): TargetPort {
  const number = at(port, "containerPort");
  return {
    container: typeof number === "number" ? number : undefined,
    shown: `port ${String(number)} of container ${textAt(container, "name") ?? ""}`,
  };
}

/** The Services with a selector by which requests to a target come; none of a target by reference. */
function servicesOf(
  target: KnownTarget,
  services: readonly LiveObject[],
  pods: readonly LiveObject[],
): readonly LiveObject[] {
  return target.targetRefs === undefined ? services.filter((service) => selects(service, target, pods)) : [];
}

/** The ports that the rules of a target do not leave out. */
function inspected(target: KnownTarget, ports: readonly TargetPort[]): TargetPort[] {
  const rules = rulesOf(target);
  return ports.filter(({ container }) => rules.some((rule) => includesPort(rule, container)));
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
  const ports = pods.flatMap(containersOf).flatMap((container) => listAt(container, "ports"));
  const number = at(
    ports.find((one) => textAt(one, "name") === target),
    "containerPort",
  );
  return typeof number === "number" ? number : undefined;
}

function containersOf(pod: LiveObject): unknown[] {
  return [...listAt(pod, "spec", "containers"), ...listAt(pod, "spec", "initContainers")];
}

function includesPort({ ports, notPorts }: InspectionRuleArgs, port: number | undefined): boolean {
  if (port === undefined) {
    return ports === undefined && notPorts === undefined;
  }
  return (ports === undefined || ports.includes(port)) && notPorts?.includes(port) !== true;
}
