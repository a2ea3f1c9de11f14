import { containerName, grpcPortName, volumeName } from "../../agent/container";
import type { SidecarPlacementSettings } from "../../settings/sidecar";
import { celText } from "./celLiteral";

/** A condition that the API server evaluates for a pod. */
export interface PodCondition {
  /** A qualified name, shown beside errors. */
  name: string;
  /** CEL expression that is true where the condition holds. */
  expression: string;
}

/** What a pod must not have for the agent to fit in, and what is said of one that has it. */
export interface Fit extends PodCondition {
  /** One line. */
  reason: string;
}

const initContainers = "(has(object.spec.initContainers) ? object.spec.initContainers : [])";
const everyContainer = `(object.spec.containers + ${initContainers})`;

/** Holds for a pod that has an agent, whoever put it there, as an init container or beside the others. */
export const hasAgent = `${everyContainer}.exists(c, c.name == ${celText(containerName)})`;

/**
 * The same that keeps `withSigsciAgent` from adding the agent to a pod: see `podProblems`. Names and ports are those of
 * the container that is added.
 *
 * @param port - The port on which the agent listens.
 */
export function fits(port: number): Fit[] {
  const somePort = (condition: string): string =>
    `!${everyContainer}.exists(c, has(c.ports) && c.ports.exists(p, ${condition}))`;
  return [
    {
      name: "own-network",
      expression: "!has(object.spec.hostNetwork) || !object.spec.hostNetwork",
      reason:
        "it uses hostNetwork: the agent's port would be a port of the node, and Istio puts no proxy into such a pod",
    },
    {
      name: "free-port",
      expression: somePort(`p.containerPort == ${port} && (!has(p.protocol) || p.protocol == "TCP")`),
      reason: `one of its containers has port ${port}, on which the agent listens in the same pod`,
    },
    {
      name: "free-port-name",
      expression: somePort(`has(p.name) && p.name == ${celText(grpcPortName)}`),
      reason: `a port of one of its containers is called ${grpcPortName}, as the agent's`,
    },
    {
      name: "free-volume-name",
      expression: `!has(object.spec.volumes) || !object.spec.volumes.exists(v, v.name == ${celText(volumeName)})`,
      reason: `one of its volumes is called ${volumeName}, as the agent's`,
    },
  ];
}

/** Conditions under which a pod of a target is looked at: it is for Linux, and not excluded. */
export function lookedAt({ excludedPods }: Pick<SidecarPlacementSettings, "excludedPods">): PodCondition[] {
  return [
    { name: "linux", expression: forLinux },
    ...excludedPods.map(({ matchLabels }, index) => ({
      name: `not-excluded-${index}`,
      expression: `!(${Object.entries(matchLabels)
        .map(([key, value]) => hasEntry("object.metadata.labels", key, value))
        .join(" && ")})`,
    })),
  ];
}

// The second label is what releases before Kubernetes 1.14 wrote, and still selects nodes.
const forLinux = [
  '!(has(object.spec.os) && object.spec.os.name == "windows")',
  ...["kubernetes.io/os", "beta.kubernetes.io/os"].map(
    (label) => `!(${hasEntry("object.spec.nodeSelector", label, "windows")})`,
  ),
].join(" && ");

function hasEntry(map: string, key: string, value: string): string {
  return `has(${map}) && ${celText(key)} in ${map} && ${map}[${celText(key)}] == ${celText(value)}`;
}
