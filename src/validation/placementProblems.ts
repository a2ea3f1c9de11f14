import { admissionProblems } from "./admissionProblems";
import { sidecarPlacementProblems } from "./sidecarProblems";
import { Placement } from "../args/integration";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
import { TargetKind } from "../args/targets";
import type { TargetArgs } from "../args/targets";
import { isDeferred } from "../pulumi/inputs";
import type { ArgumentProblem } from "./problem";

/**
 * Reasons to refuse what does not go with the place of the agent.
 *
 * @param rootNamespace - Istio's root namespace; undefined when it is known only later.
 */
export function placementProblems(
  args: SigsciIstioIntegrationArgs,
  rootNamespace: string | undefined,
): ArgumentProblem[] {
  const { placement = Placement.Service, agent, sidecar, targets } = args;
  if (placement === Placement.Sidecar) {
    return [
      ...withoutNamespace(args),
      ...sidecarPlacementProblems(agent ?? {}, sidecar?.form, { agent: "agent", form: "sidecar.form" }),
      ...targets.flatMap((target, index) =>
        sidecarTargetProblems(args, target, `targets[${index}]`, rootNamespace),
      ),
      ...sameWorkload(targets),
      ...admissionProblems(args),
    ];
  }
  const onlySidecar = (path: string, value: unknown): ArgumentProblem => ({
    path,
    value,
    reason: `it has no effect with placement ${placement}, where the agent runs in pods of its own`,
    remedy: 'Leave it out, or set placement to "Sidecar".',
  });
  return [
    ...(sidecar === undefined ? [] : [onlySidecar("sidecar", sidecar)]),
    ...targets.flatMap(({ workload }, index) =>
      workload === undefined ? [] : [onlySidecar(`targets[${index}].workload`, workload)],
    ),
  ];
}

function withoutNamespace({ namespace, createNamespace }: SigsciIstioIntegrationArgs): ArgumentProblem[] {
  const reason = "with placement Sidecar the agents are in the targets' namespaces, which exist already";
  const remedy = "Leave it out.";
  return [
    ...(namespace === undefined ? [] : [{ path: "namespace", value: namespace, reason, remedy }]),
    ...(createNamespace === undefined
      ? []
      : [{ path: "createNamespace", value: createNamespace, reason, remedy }]),
  ];
}

function sidecarTargetProblems(
  { credentials }: SigsciIstioIntegrationArgs,
  target: TargetArgs,
  path: string,
  rootNamespace: string | undefined,
): ArgumentProblem[] {
  const { kind, namespace, workload } = target;
  if (kind === TargetKind.Waypoint) {
    return [
      {
        path: `${path}.kind`,
        value: kind,
        reason: "Istio makes the pods of a waypoint, so there is no pod to add the agent to",
        remedy: 'Use placement "Service" or "NodeLocal" for waypoints.',
      },
    ];
  }
  return [
    ...(isDeferred(namespace) && credentials.existingSecret === undefined
      ? [
          {
            path: `${path}.namespace`,
            reason:
              "with placement Sidecar it decides which Secrets are created, so it must be a plain string",
            remedy: "Write the name itself, or give credentials.existingSecret.",
          },
        ]
      : []),
    // A policy in the root namespace selects pods of every namespace, but a Secret serves its own only.
    ...(rootNamespace !== undefined && namespace === rootNamespace && kind !== TargetKind.Gateway && !workload
      ? [
          {
            path,
            reason:
              `in Istio's root namespace (${rootNamespace}) a target matches workloads of every namespace, and an ` +
              "agent in their pods would find the Secret with the keys in this one only",
            remedy: "List the namespaces that you mean as targets.",
          },
        ]
      : []),
    ...workloadProblems(target, path),
  ];
}

function workloadProblems({ workload, matchLabels }: TargetArgs, path: string): ArgumentProblem[] {
  return workload === undefined || matchLabels !== undefined
    ? []
    : [
        {
          path: `${path}.workload`,
          value: workload,
          reason:
            "the target itself matches every workload of the namespace, and only this one gets an agent",
          remedy: "Give the labels of its pods as matchLabels.",
        },
      ];
}

/** Two patches of one workload would take turns at the same fields. */
function sameWorkload(targets: readonly TargetArgs[]): ArgumentProblem[] {
  const firsts = new Map<string, number>();
  return targets.flatMap(({ namespace, workload }, index) => {
    if (workload === undefined || isDeferred(namespace)) {
      return [];
    }
    const key = JSON.stringify([namespace, workload.kind ?? "Deployment", workload.name]);
    const first = firsts.get(key);
    if (first === undefined) {
      firsts.set(key, index);
      return [];
    }
    return [
      {
        path: `targets[${index}].workload`,
        value: workload,
        reason: `targets[${first}] patches the same workload`,
        remedy: "Make it one target and list the conditions in its `rules`.",
      },
    ];
  });
}
