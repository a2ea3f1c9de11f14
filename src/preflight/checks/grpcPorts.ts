import { usesEnvoyFilters } from "../../args/integration";
import type { Enforcement } from "../../args/integration";
import { PreflightCheck } from "../../args/preflight";
import type { LiveObject } from "../../kubernetes/liveObject";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import { named } from "../finding";
import type { Found } from "../finding";
import type { KnownTarget, PreflightSubject } from "../subject";
import { podsOfTargets } from "../targetPods";
import {
  containerPorts,
  declaredProtocol,
  portsOfTarget,
  portsWithoutService,
  shownPorts,
} from "../targetPorts";

/** Ports of a target's workloads that say they carry gRPC, while their bodies are held for the inspection. */
export const grpcPorts: Check = {
  check: PreflightCheck.GrpcPorts,
  title: "No gRPC stream waits for its own end.",
  needs: ["services", "pods", "istiods", "meshConfigMaps"],
  docs: "grpcports",
  find,
};

function find(facts: ClusterFacts, subject: PreflightSubject): Found[] {
  const { services } = facts;
  const pods = podsOfTargets(facts, subject);
  return services === undefined
    ? []
    : subject.targets.flatMap((target) => heldStreams(target, services, pods?.get(target) ?? [], subject));
}

/**
 * What is said of a target whose gRPC streams would hang.
 *
 * @param services - Services in the namespaces of targets.
 * @param pods - The pods of the target.
 */
export function heldStreams(
  target: KnownTarget,
  services: readonly LiveObject[],
  pods: readonly LiveObject[],
  { enforcement, sendsBodies }: Pick<PreflightSubject, "enforcement" | "sendsBodies">,
): Found[] {
  const ports = [portsOfTarget, portsWithoutService]
    .flatMap((portsOf) => portsOf(target, services, pods, isGrpc))
    .filter(({ container }) => container === undefined || target.grpcPorts?.includes(container) !== true);
  if (!sendsBodies || ports.length === 0) {
    return [];
  }
  const [shown, numbers] = [shownPorts(ports), containerPorts(ports)];
  return [
    {
      severity: "warning",
      where: `target ${target.name}`,
      message:
        `${named(shown)} ${shown.length === 1 ? "carries" : "carry"} gRPC: a stream whose client waits for answers ` +
        "hangs, since Envoy holds its body for the inspection until it is complete.",
      remedy: remedy(enforcement, numbers.length === 0 ? "" : `: [${numbers.join(", ")}]`),
    },
  ];
}

function remedy(enforcement: Enforcement, numbers: string): string {
  return usesEnvoyFilters(enforcement)
    ? `Name the ports of the containers in \`grpcPorts${numbers}\`: gRPC is checked by its headers there.`
    : `Leave them uninspected with \`notPorts${numbers}\`, set \`inspection.body.enabled\` to false, or set ` +
        `\`enforcement\` to "EnvoyFilter" with \`grpcPorts${numbers}\`.`;
}

/** gRPC-Web has no streams from the client, so nothing of it waits. */
function isGrpc(port: unknown): boolean {
  const { declared, protocol } = declaredProtocol(port);
  return protocol === "grpc" && !declared.toLowerCase().startsWith("grpc-web");
}
