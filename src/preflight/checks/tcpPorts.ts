import { Enforcement } from "../../args/integration";
import { conditionNames } from "../../args/targets";
import type { InspectionRuleArgs } from "../../args/targets";
import { PreflightCheck } from "../../args/preflight";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import { named } from "../finding";
import type { Found } from "../finding";
import { at, textAt } from "../../kubernetes/liveObject";
import { podsOfTargets } from "../targetPods";
import type { KnownTarget, PreflightSubject } from "../subject";
import { containerPorts, declaredProtocol, portsOfTarget, rulesOf, shownPorts } from "../targetPorts";
import type { TargetPort } from "../targetPorts";

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
  return subject.targets.flatMap((target) => {
    const ports = portsOfTarget(target, services, pods?.get(target) ?? [], isTcp);
    return ports.length === 0 ? [] : [finding(target, ports, subject)];
  });
}

function finding(target: KnownTarget, ports: readonly TargetPort[], { failOpen }: PreflightSubject): Found {
  const rules = rulesOf(target);
  const ignored = conditionNames.filter(
    (name) => !connectionConditions.has(name) && rules.some((rule) => rule[name] !== undefined),
  );
  const http =
    ignored.length === 0
      ? ""
      : ` Its conditions on ${ignored.join(", ")} do not hold there; Istio ignores them.`;
  const numbers = containerPorts(ports);
  return {
    severity: "warning",
    where: `target ${target.name}`,
    message:
      `${named(shownPorts(ports))} carries no HTTP for Istio: each new connection would wait for ` +
      `the agent, which sees no request in it${failOpen ? "" : " and may refuse it"}.${http}`,
    remedy:
      numbers.length === 0
        ? "Name the HTTP ports in `ports`, or those of TCP in `notPorts`."
        : `Leave them out with \`notPorts: [${numbers.join(", ")}]\`, or name the HTTP ports in \`ports\`.`,
  };
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
  const { declared, protocol } = declaredProtocol(port);
  if (declared === "kubernetes.io/wss") {
    return true;
  }
  const isKnown = httpProtocols.has(protocol) || declared.startsWith("kubernetes.io/");
  return tcpProtocols.has(protocol) || (!isKnown && wellKnownTcpPorts.has(at(port, "port")));
}
