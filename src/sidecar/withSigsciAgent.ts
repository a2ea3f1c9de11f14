import type * as k8s from "@pulumi/kubernetes";
import { addAgent } from "./addAgent";
import { sidecarAgentProblems } from "../validation/sidecarProblems";
import type { SidecarAgentArgs } from "../args/sidecar";
import { podSpecProblems } from "./podSpecProblems";
import { refuse } from "./refusal";
import { sidecarSettings } from "../settings/sidecar";

/**
 * Adds the agent to the pod spec of a workload that the program owns: a Deployment, a StatefulSet, a DaemonSet, a
 * Job, a CronJob, an Argo Rollout or a Pod. It listens on 127.0.0.1 for the proxy of the same pod only.
 *
 * As a native sidecar it comes after the init containers that are there: they run as before, and the agent is ready
 * before the application's containers start. Adding it again with equal arguments changes nothing.
 *
 * @param podSpec - The pod spec; it is not changed.
 * @param agent - The agent.
 * @returns a new pod spec. Plain data stays plain; what is known only later is checked when it is known.
 * @throws SidecarRefusal when an argument is refused, such as a pod template in place of its spec, or the agent does not
 * fit into the pod: its container's name, its port, its port's name or its volume's name is taken, the pod uses the
 * node's network, or its restart policy or grace period does not go with the form.
 */
export function withSigsciAgent(
  podSpec: k8s.types.input.core.v1.PodSpec,
  agent: SidecarAgentArgs,
): k8s.types.input.core.v1.PodSpec {
  const subject = "withSigsciAgent";
  refuse(subject, [...podSpecProblems(podSpec), ...sidecarAgentProblems(agent, "agent")]);
  return addAgent(podSpec, sidecarSettings(agent), { subject, path: "podSpec" });
}
