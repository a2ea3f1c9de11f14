import { agentLabels } from "../agent/metadata";
import { Enforcement } from "../args/integration";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
import { TargetRefKind } from "../args/targets";
import type { TargetArgs } from "../args/targets";
import { containsDeferred, isDeferred } from "../pulumi/inputs";
import { agentSettings } from "../settings/agent";
import { defaultNamespace } from "../settings/integration";
import { defaultIstioNamespace } from "../settings/mesh";
import type { ArgumentProblem } from "./problem";

/** A target must not select the agent itself, nor every workload of the mesh by accident. */
export function targetPlaceProblems(name: string, args: SigsciIstioIntegrationArgs): ArgumentProblem[] {
  return args.targets.flatMap((target, index) => placeProblems(name, args, target, `targets[${index}]`));
}

function placeProblems(
  name: string,
  args: SigsciIstioIntegrationArgs,
  target: TargetArgs,
  path: string,
): ArgumentProblem[] {
  const { namespace, matchLabels, targetRefs } = target;
  if (isDeferred(namespace)) {
    return [];
  }
  const root = args.mesh?.istioNamespace ?? defaultIstioNamespace;
  if (targetRefs !== undefined) {
    return classPlaceProblems(target, root, path);
  }
  if (namespace === root && matchLabels === undefined) {
    return [
      {
        path,
        reason: `${namespace} is Istio's root namespace, so a policy without labels applies to the whole mesh`,
        remedy: "Give matchLabels, or list the namespaces that you mean as targets.",
      },
    ];
  }
  const agentNamespace = args.namespace ?? defaultNamespace;
  if (namespace !== agentNamespace && namespace !== root) {
    return [];
  }
  const labels: Record<string, unknown> = {
    ...args.agent?.podLabels,
    ...agentLabels(agentSettings(name, args.agent, args.enforcement === Enforcement.ExternalProcessing)),
  };
  if (containsDeferred(matchLabels)) {
    return [];
  }
  const selectsAgent = Object.entries(matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return selectsAgent
    ? [
        {
          path,
          reason: "it also selects the agent's own pods, so each check would cause another check",
          remedy: "Give labels that the agent does not carry, or put the agent into another namespace.",
        },
      ]
    : [];
}

function classPlaceProblems(target: TargetArgs, root: unknown, path: string): ArgumentProblem[] {
  const misplaced = target.targetRefs?.find(({ kind }) => kind === TargetRefKind.GatewayClass);
  return misplaced === undefined || target.namespace === root
    ? []
    : [
        {
          path: `${path}.namespace`,
          value: target.namespace,
          reason: "Istio reads a reference to a GatewayClass in its root namespace only",
          remedy: "Put the target into the root namespace, or refer to the waypoint's Gateway.",
        },
      ];
}
