import { Enforcement } from "../../args/integration";
import { conditionNames, conditionsOf } from "../../args/targets";
import type { InspectionRuleArgs } from "../../args/targets";
import { PreflightCheck } from "../../args/preflight";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import { named } from "../finding";
import type { Found } from "../finding";
import {
  at,
  hasLabels,
  idOf,
  labelsOf,
  listAt,
  namespaceOf,
  textAt,
  textMapAt,
} from "../../kubernetes/liveObject";
import type { LiveObject } from "../../kubernetes/liveObject";
import { podsOfTargets } from "../targetPods";
import type { KnownTarget, PreflightSubject } from "../subject";

/** Conditions that a connection has too; Istio leaves out the others on ports that carry no HTTP. */
const connectionConditions = new Set<keyof InspectionRuleArgs>([
  "ports",
  "notPorts",
  "ipBlocks",
  "notIpBlocks",
  "remoteIpBlocks",
  "notRemoteIpBlocks",
]);

/**
 * Ports of a target's workloads that Istio takes for raw TCP. There a rule matches every connection, since Istio
 * ignores its HTTP conditions. Source: Istio, `pilot/pkg/security/authz/model`.
 */
export const tcpPorts: Check = {
  check: PreflightCheck.TcpPorts,
  title: "The ports of a target carry HTTP.",
  needs: ["services", "pods", "istiods", "meshConfigMaps"],
  docs: "tcpports",
  find,
};

function find(facts: ClusterFacts, subject: PreflightSubject): Found[] {
  const { services } = facts;
  const pods = podsOfTargets(facts, subject);
  if (services === undefined || subject.enforcement !== Enforcement.AuthorizationPolicy) {
    return [];
  }
  return subject.targets
    .filter(({ targetRefs }) => targetRefs === undefined)
    .flatMap((target) => {
      const rules = target.rules ?? [conditionsOf(target)];
      const ports = services
        .filter((service) => selects(service, target, pods?.get(target) ?? []))
        .flatMap((service) => tcpPortsOf(service, pods?.get(target) ?? []))
        .filter(({ container }) => rules.some((rule) => includesPort(rule, container)));
      return ports.length === 0 ? [] : [finding(target, rules, ports, subject)];
    });
}

interface TcpPort {
  /** Port of the container; undefined when only its name is known. */
  container: number | undefined;
  /** For people. */
  shown: string;
}

function finding(
  target: KnownTarget,
  rules: readonly InspectionRuleArgs[],
  ports: readonly TcpPort[],
  { failOpen }: PreflightSubject,
): Found {
  const ignored = conditionNames.filter(
    (name) => !connectionConditions.has(name) && rules.some((rule) => rule[name] !== undefined),
  );
  const http =
    ignored.length === 0
      ? ""
      : ` Its conditions on ${ignored.join(", ")} do not hold there; Istio ignores them.`;
  const numbers = [...new Set(ports.flatMap(({ container }) => container ?? []))];
  return {
    severity: "warning",
    where: `target ${target.name}`,
    message:
      `${named([...new Set(ports.map(({ shown }) => shown))])} carries no HTTP for Istio: each new connection would wait for ` +
      `the agent, which sees no request in it${failOpen ? "" : " and may refuse it"}.${http}`,
    remedy:
      numbers.length === 0
        ? "Name the HTTP ports in `ports`, or those of TCP in `notPorts`."
        : `Leave them out with \`notPorts: [${numbers.join(", ")}]\`, or name the HTTP ports in \`ports\`.`,
  };
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

function tcpPortsOf(service: LiveObject, pods: readonly LiveObject[]): TcpPort[] {
  return listAt(service, "spec", "ports")
    .filter(isTcp)
    .map((port) => {
      const name = textAt(port, "name");
      const number = at(port, "port");
      return {
        container: containerPort(port, pods),
        shown: `port ${String(number)}${name === undefined ? "" : ` (${name})`} of Service ${idOf(service)}`,
      };
    });
}

/** Protocols that Istio treats as TCP. Source: Istio, `pkg/config/protocol`. */
const tcpProtocols = new Set(["tcp", "tls", "https", "mongo", "mysql", "redis"]);
/** Ports that Istio takes for TCP unless their name says otherwise. Source: Istio, `pkg/config/kube/conversion.go`. */
const wellKnownTcpPorts = new Set<unknown>([25, 53, 3306, 27017]);
const httpProtocols = new Set(["http", "http2", "http_proxy", "grpc", "grpc-web"]);

function isTcp(port: unknown): boolean {
  if (textAt(port, "protocol") === "UDP" || textAt(port, "protocol") === "SCTP") {
    return false;
  }
  const declared = textAt(port, "appProtocol") ?? textAt(port, "name") ?? "";
  if (declared === "kubernetes.io/wss") {
    return true;
  }
  const protocol = (declared.split("-")[0] ?? "").toLowerCase();
  const isKnown = httpProtocols.has(protocol) || declared.startsWith("kubernetes.io/");
  return tcpProtocols.has(protocol) || (!isKnown && wellKnownTcpPorts.has(at(port, "port")));
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
