import type { ArgumentProblem } from "../validation/problem";
import { containerName, grpcPortName, volumeName } from "../agent/container";
import { SidecarForm } from "../args/sidecar";
import { containerList, containerLists } from "./container";
import type { ContainerFacts, PodFacts } from "./podFacts";
import { defaultGracePeriodSeconds } from "../settings/sidecar";
import type { SidecarSettings } from "../settings/sidecar";

/** What of the agent decides whether it fits into a pod. */
export type FittedAgent = Pick<SidecarSettings, "form"> & {
  /** Where it listens, and how it stops. */
  agent: { port: number; shutdown: { preStopSleepSeconds: number } };
};

/**
 * Everything about a pod that keeps the agent out of it. Whether a container of the agent's name in the agent's own
 * list is the agent is for the caller to say.
 *
 * @param path - Where the pod spec stands, for example `podSpec`.
 */
export function podProblems(facts: PodFacts, settings: FittedAgent, path: string): ArgumentProblem[] {
  return [
    ...networkProblems(facts, path),
    ...lifeProblems(facts, settings, path),
    ...otherListProblems(facts, settings, path),
    ...portProblems(facts, settings, path),
  ];
}

function networkProblems({ hostNetwork }: PodFacts, path: string): ArgumentProblem[] {
  return hostNetwork === true
    ? [
        {
          path: `${path}.hostNetwork`,
          value: hostNetwork,
          reason:
            "the agent's port would be a port of the node, and Istio puts no proxy into such a pod that could ask it",
          remedy: "Take hostNetwork away, or leave this workload out.",
        },
      ]
    : [];
}

function lifeProblems(facts: PodFacts, settings: FittedAgent, path: string): ArgumentProblem[] {
  if (settings.form === SidecarForm.NativeSidecar) {
    return [];
  }
  const { restartPolicy = "Always", terminationGracePeriodSeconds: grace = defaultGracePeriodSeconds } =
    facts;
  const { preStopSleepSeconds: sleep } = settings.agent.shutdown;
  const ending =
    restartPolicy === "Always"
      ? []
      : [
          {
            path: `${path}.restartPolicy`,
            value: restartPolicy,
            reason: "the agent never ends, so as an ordinary container it keeps such a pod from completing",
            remedy: 'Use form "NativeSidecar", which ends with the application.',
          },
        ];
  const stopping =
    typeof grace !== "number" || grace > sleep
      ? []
      : [
          {
            path: `${path}.terminationGracePeriodSeconds`,
            value: grace,
            reason: `the agent's preStop sleep of ${sleep} s leaves it no time to stop`,
            remedy: `Give the pod more than ${sleep} seconds, or set shutdown.preStopSleepSeconds of the agent lower.`,
          },
        ];
  return [...ending, ...stopping];
}

function otherListProblems(facts: PodFacts, settings: FittedAgent, path: string): ArgumentProblem[] {
  return containerLists
    .filter((list) => list !== containerList(settings.form))
    .flatMap((list) =>
      facts.lists[list].flatMap(({ name }, index) =>
        name === containerName ? [takenName(`${path}.${list}[${index}].name`)] : [],
      ),
    );
}

/** The refusal of a container that has the agent's name and is not the agent that is being added. */
export function takenName(path: string): ArgumentProblem {
  return {
    path,
    value: containerName,
    reason: "another container has the agent's name, or the agent is there already in another form",
    remedy: "Rename it, or remove it if it is an agent that was added by hand.",
  };
}

/** The refusal of a volume that has the name of the agent's and is another one. */
export function takenVolume(path: string): ArgumentProblem {
  return {
    path,
    value: volumeName,
    reason: "another volume has the name of the agent's",
    remedy: "Rename it, or remove it if it is left from an agent that was added by hand.",
  };
}

function portProblems(facts: PodFacts, settings: FittedAgent, path: string): ArgumentProblem[] {
  return containerLists.flatMap((list) =>
    facts.lists[list].flatMap((container, index) =>
      container.name === containerName
        ? []
        : containerPortProblems(container, settings.agent.port, `${path}.${list}[${index}]`),
    ),
  );
}

/** All containers of a pod share its addresses, so a port has one listener. */
function containerPortProblems(
  { name: container, ports }: ContainerFacts,
  agentPort: number,
  path: string,
): ArgumentProblem[] {
  return ports.flatMap(({ name, containerPort, protocol = "TCP" }, index) => [
    ...(containerPort === agentPort && protocol === "TCP"
      ? [
          {
            path: `${path}.ports[${index}].containerPort`,
            value: containerPort,
            reason: `container ${String(container)} has the port on which the agent listens in the same pod`,
            remedy: "Give the agent another port: agent.port, and the same for the proxies.",
          },
        ]
      : []),
    ...(name === grpcPortName
      ? [
          {
            path: `${path}.ports[${index}].name`,
            value: name,
            reason: `container ${String(container)} has the name of the agent's port`,
            remedy: "Rename it: a name must mean one port of the pod.",
          },
        ]
      : []),
  ]);
}
