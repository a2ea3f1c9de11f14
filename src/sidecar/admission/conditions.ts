import { containerName, grpcPortName, volumeName } from "../../agent/container";
import { proxyContainer } from "../../kubernetes/injection";
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

const hasAgentsName = `c.name == ${celText(containerName)}`;

/**
 * Holds for a pod that has an agent, whoever put it there, as a native sidecar or beside the others. An init container
 * that ends is none, whatever its name.
 */
export const hasAgent =
  `(object.spec.containers.exists(c, ${hasAgentsName}) || ` +
  `${initContainers}.exists(c, ${hasAgentsName} && has(c.restartPolicy) && c.restartPolicy == "Always"))`;

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
      name: "free-name",
      expression: `!${initContainers}.exists(c, ${hasAgentsName})`,
      reason: `one of its init containers is called ${containerName} and ends before the others start`,
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

/** Conditions under which a pod of a target is looked at: it is for Linux, no waypoint, and not excluded. */
export function lookedAt({ excludedPods }: Pick<SidecarPlacementSettings, "excludedPods">): PodCondition[] {
  const conditions = [
    { name: "linux", expression: forLinux },
    { name: "no-waypoint", expression: noWaypoint },
  ];
  const spared = excludedPods.map(
    ({ matchLabels }) =>
      `!(${Object.entries(matchLabels)
        .map(([key, value]) => hasEntry("object.metadata.labels", key, value))
        .join(" && ")})`,
  );
  // One for all of them: the API server takes no more than 64 conditions.
  return spared.length === 0
    ? conditions
    : [...conditions, { name: "not-excluded", expression: spared.join(" && ") }];
}

// As `isWaypoint`: no selector of a policy reaches one, so nothing in it would ask the agent.
const noWaypoint =
  `!object.spec.containers.exists(c, c.name == ${celText(proxyContainer)} && has(c.args) && ` +
  `c.args.size() > 1 && c.args[1] == "waypoint")`;

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
