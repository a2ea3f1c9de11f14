import { agentProblems } from "./agentProblems";
import { agentWarnings } from "./agentWarnings";
import { anonymousIpSecretKeyProblems, credentialsProblems } from "./credentialsProblems";
import { known, leafProblems } from "./known";
import { agentLabels, isReservedLabel } from "../agent/metadata";
import { agentSettings } from "../settings/agent";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
import { inspectionProblems, inspectionWarnings } from "./inspectionProblems";
import { enforcementProblems, enforcementWarnings } from "./enforcementProblems";
import { TargetRefKind } from "../args/targets";
import type { TargetArgs } from "../args/targets";
import { targetsProblems } from "./targetProblems";
import { isDeferred } from "../pulumi/inputs";
import { meshProblems } from "./meshProblems";
import { preflightProblems } from "./preflightProblems";
import { placementProblems } from "./placementProblems";
import { defaultNamespace } from "../settings/integration";
import { defaultIstioNamespace } from "../settings/mesh";
import { integrationShape } from "./argumentShapes";
import type { ArgumentProblem } from "./problem";
import { dnsLabel, labelKey, labelValue, rfc1035Label } from "../kubernetes/syntax";

const longestDerivedSuffix = "-access-log".length;

/**
 * Every reason to refuse the arguments. Values that are known only later are skipped: the component checks again
 * when they are known, before anything is created.
 *
 * @param name - Logical name of the component.
 * @param args - The arguments; from a program without type checks they may be anything.
 */
export function argumentProblems(name: string, args: unknown): ArgumentProblem[] {
  const wrongTypes = integrationShape(args ?? {}, "");
  if (wrongTypes.length > 0) {
    return wrongTypes;
  }
  // The shape has just been checked.
  const checked = args as SigsciIstioIntegrationArgs;
  return [
    ...nameProblems(name),
    ...leafProblems("namespace", checked.namespace, dnsLabel, "Give a valid Kubernetes namespace."),
    ...credentialsProblems(checked.credentials, "credentials"),
    ...anonymousIpSecretKeyProblems(checked.credentials, checked.agent, "agent"),
    ...agentProblems(name, checked.agent, "agent"),
    ...inspectionProblems(checked.inspection ?? {}),
    ...meshProblems(name, checked.mesh ?? {}),
    ...targetsProblems(checked.targets),
    ...checked.targets.flatMap((target, index) => placeProblems(name, checked, target, `targets[${index}]`)),
    ...enforcementProblems(checked),
    ...placementProblems(checked, rootNamespaceOf(checked)),
    ...commonLabelProblems(checked),
    ...preflightProblems(checked.preflight),
  ];
}

/**
 * What a user should know about accepted arguments.
 *
 * @param args - The arguments, without problems.
 * @param today - The day on which the support of the agent's version is judged.
 */
export function argumentWarnings(args: SigsciIstioIntegrationArgs, today: Date): string[] {
  const root = args.mesh?.istioNamespace ?? defaultIstioNamespace;
  const inRoot = args.targets.flatMap((target, index) =>
    !isDeferred(root) && target.namespace === root && target.matchLabels !== undefined
      ? [
          `targets[${index}] is in Istio's root namespace: its policy applies to workloads with these labels in ` +
            "every namespace, but its Telemetry only to those in the root namespace.",
        ]
      : [],
  );
  return [
    ...agentWarnings(args.agent, "agent", today),
    ...inspectionWarnings(args.inspection ?? {}),
    ...enforcementWarnings(args),
    ...inRoot,
  ];
}

function rootNamespaceOf({ mesh }: SigsciIstioIntegrationArgs): string | undefined {
  return known(mesh?.istioNamespace ?? defaultIstioNamespace);
}

/**
 * Reasons to refuse the name of a component.
 *
 * @param name - Its logical name.
 */
export function nameProblems(name: string): ArgumentProblem[] {
  const longest = 63 - longestDerivedSuffix;
  const reason =
    rfc1035Label(name) ?? (name.length > longest ? `it has more than ${longest} characters` : undefined);
  return reason === undefined
    ? []
    : [
        {
          path: "(name of the component)",
          value: name,
          reason: `Kubernetes objects and mesh providers are named after it, and ${reason}`,
          remedy: "Use lower case letters, digits and hyphens, for example waf.",
        },
      ];
}

/** A target must not select the agent itself, nor every workload of the mesh by accident. */
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
    ...agentLabels(agentSettings(name, args.agent)),
  };
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

function commonLabelProblems({ labels, annotations }: SigsciIstioIntegrationArgs): ArgumentProblem[] {
  const reserved = (key: string): string | undefined =>
    isReservedLabel(key) ? "the component needs this label itself" : labelKey(key);
  return [
    ...Object.entries(labels ?? {}).flatMap(([key, value]) => [
      ...leafProblems(`labels["${key}"]`, key, reserved, "Use another label key."),
      ...leafProblems(`labels["${key}"]`, value, labelValue, "Use a valid Kubernetes label value."),
    ]),
    ...Object.keys(annotations ?? {}).flatMap((key) =>
      leafProblems(`annotations["${key}"]`, key, labelKey, "Use a valid Kubernetes annotation key."),
    ),
  ];
}
