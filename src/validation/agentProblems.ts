import type { ArgumentProblem } from "./problem";
import { dnsLabel, port, rfc1035Label } from "../kubernetes/syntax";
import type { AgentArgs, NetworkPolicyArgs } from "../args/agent";
import { probeProblems, shutdownProblems, volumeProblems } from "./containerProblems";
import { environmentProblems } from "./environmentProblems";
import { imageProblems } from "./imageProblems";
import { leafProblems } from "./known";
import { cidrBlock } from "../kubernetes/cidr";
import { podProblems } from "./agentPodProblems";
import { resourceProblems } from "./resourceProblems";
import { agentSettings, defaultAgentName, type AgentSettings } from "../settings/agent";

const firstUnprivilegedPort = 1024;

/**
 * Everything that is wrong with the agent's arguments; leaves that are known only later are skipped. The types
 * are taken to be right.
 *
 * @param componentName - Logical name of the component; the agent's objects are named after it by default.
 * @param args - The agent's arguments.
 * @param path - Where they stand, for example `agent`.
 */
export function agentProblems(
  componentName: string,
  args: AgentArgs | undefined,
  path: string,
): ArgumentProblem[] {
  const given = args ?? {};
  const settings = agentSettings(componentName, given);
  return [
    ...nameProblems(componentName, given, path),
    ...imageProblems(given.image ?? {}, `${path}.image`),
    ...portProblems(settings, path),
    ...replicaProblems(settings, path),
    ...environmentProblems(given, path),
    ...resourceProblems(given.resources, `${path}.resources`),
    ...volumeProblems(settings, `${path}.temporaryVolume`),
    ...probeProblems(settings, `${path}.startupProbe`),
    ...shutdownProblems(settings, `${path}.shutdown`),
    ...networkPolicyProblems(given.networkPolicy, `${path}.networkPolicy`),
    ...podProblems(given, path),
  ];
}

function nameProblems(componentName: string, args: AgentArgs, path: string): ArgumentProblem[] {
  const remedy = `Set ${path}.name to a name for a Service, such as "waf-agent".`;
  const at = `${path}.name`;
  if (args.name !== undefined) {
    return leafProblems(at, args.name, rfc1035Label, remedy);
  }
  const problems = leafProblems(at, defaultAgentName(componentName), rfc1035Label, remedy);
  return problems.map((problem) => ({
    ...problem,
    reason: `the default follows the component's name: ${problem.reason}`,
  }));
}

function portProblems(settings: AgentSettings, path: string): ArgumentProblem[] {
  const { startupProbe } = settings;
  const remedy = "Use a port from 1024 to 65535.";
  const grpc = leafProblems(`${path}.port`, settings.port, agentPort, remedy);
  if (!startupProbe.enabled) {
    return grpc;
  }
  const probePath = `${path}.startupProbe.port`;
  const probe = leafProblems(probePath, startupProbe.port, agentPort, remedy);
  const reason = `the gRPC listener has this port already (${path}.port)`;
  const same = startupProbe.port === settings.port;
  return [
    ...grpc,
    ...probe,
    ...(same ? [{ path: probePath, value: startupProbe.port, reason, remedy: "Use another port." }] : []),
  ];
}

function agentPort(value: number): string | undefined {
  const privileged = value < firstUnprivilegedPort;
  const reason = "ports below 1024 need a capability, and the agent's container drops all of them";
  return port(value) ?? (privileged ? reason : undefined);
}

function replicaProblems(settings: AgentSettings, path: string): ArgumentProblem[] {
  const { replicas, expectResponseData } = settings;
  const at = `${path}.replicas`;
  if (!Number.isInteger(replicas) || replicas < 1) {
    return [
      {
        path: at,
        value: replicas,
        reason: "with less than one whole replica nobody answers the checks",
        remedy: "Use 1 or more. To take the agent out of the mesh use teardown.",
      },
    ];
  }
  if (replicas === 1 || !expectResponseData) {
    return [];
  }
  return [
    {
      path: at,
      value: replicas,
      reason:
        "checks are spread over all agents, but the access log of a proxy goes to one of them, so most response " +
        "data would reach an agent that never saw the request",
      remedy:
        "Run the agent in the application's pod instead (sidecar placement), use 1 replica, or set " +
        `${path}.expectResponseData to false and do without detections that need the response.`,
    },
  ];
}

/**
 * Everything that is wrong with the NetworkPolicy; leaves that are known only later are skipped.
 *
 * @param policy - The policy as given.
 * @param path - Where it stands, for example `agent.networkPolicy`.
 */
function networkPolicyProblems(policy: NetworkPolicyArgs | undefined, path: string): ArgumentProblem[] {
  const namespaces = policy?.fromNamespaces;
  const cidrs = policy?.toCidrs;
  return [
    ...(namespaces?.length === 0
      ? [emptyList(`${path}.fromNamespaces`, "no pod could reach the agent", "every namespace")]
      : []),
    ...(namespaces ?? []).flatMap((namespace, index) =>
      leafProblems(`${path}.fromNamespaces[${index}]`, namespace, dnsLabel, "Give the name of a namespace."),
    ),
    ...(cidrs?.length === 0
      ? [emptyList(`${path}.toCidrs`, "Kubernetes reads an empty list as every address", "every address")]
      : []),
    ...(cidrs ?? []).flatMap((cidr, index) =>
      leafProblems(
        `${path}.toCidrs[${index}]`,
        cidr,
        cidrBlock,
        'Write an address and a prefix length, for example "203.0.113.0/24" or "2001:db8::/32".',
      ),
    ),
  ];
}

function emptyList(path: string, reason: string, meaning: string): ArgumentProblem {
  return { path, value: [], reason, remedy: `Name at least one, or leave it out for ${meaning}.` };
}
