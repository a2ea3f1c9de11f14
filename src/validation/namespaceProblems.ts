import { Placement } from "../args/integration";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
import { TargetKind } from "../args/targets";
import { defaultNamespace } from "../settings/integration";
import { known } from "./known";
import type { ArgumentProblem } from "./problem";

/** Namespaces of every cluster. Source: Kubernetes, "Namespaces", initial namespaces. */
const initialNamespaces: readonly (string | undefined)[] = [
  "default",
  "kube-system",
  "kube-public",
  "kube-node-lease",
];

/** What would delete a namespace that an earlier run has taken over. */
const whereCreated =
  "If this stack has created it, first take it out of its state with `pulumi state delete`: otherwise the next `pulumi up` " +
  "deletes the namespace.";

/** Whether the component creates the agent's namespace. */
export function createsNamespace({ placement, createNamespace }: SigsciIstioIntegrationArgs): boolean {
  return placement !== Placement.Sidecar && createNamespace !== false;
}

/**
 * Refuses to create a namespace that is there in any case, or that of an application: server-side apply would take it
 * over, and destroy delete it. A stack that did so may still be torn down.
 *
 * @param rootNamespace - That of Istio; undefined when it is known only later.
 */
export function namespaceProblems(
  args: SigsciIstioIntegrationArgs,
  rootNamespace: string | undefined,
): ArgumentProblem[] {
  const value = known(args.namespace ?? defaultNamespace);
  if (value === undefined || !createsNamespace(args) || args.teardown === true) {
    return [];
  }
  const target = args.targets.findIndex(
    ({ kind = TargetKind.Workload, namespace }) => kind === TargetKind.Workload && known(namespace) === value,
  );
  const owner = initialNamespaces.includes(value)
    ? "every cluster has this namespace"
    : value === rootNamespace
      ? "Istio is installed in this namespace"
      : target >= 0
        ? `the workloads of targets[${target}] are in this namespace`
        : undefined;
  return owner === undefined
    ? []
    : [
        {
          path: "namespace",
          value,
          reason:
            `${owner}, and the component would take it over: its pods would have to meet the Pod Security profile ` +
            '"restricted", and destroy would delete it',
          remedy:
            `Write namespace: "${value === defaultNamespace ? "waf" : defaultNamespace}", or createNamespace: false for ` +
            `one that is there. ${whereCreated}`,
        },
      ];
}
