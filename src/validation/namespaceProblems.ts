import { Placement } from "../args/integration";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
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

/** Whether the component creates the agent's namespace. */
export function createsNamespace({ placement, createNamespace }: SigsciIstioIntegrationArgs): boolean {
  return placement !== Placement.Sidecar && createNamespace !== false;
}

/**
 * Refuses to create a namespace that is there in any case: server-side apply would take it over, and destroy delete it.
 *
 * @param rootNamespace - That of Istio; undefined when it is known only later.
 */
export function namespaceProblems(
  args: SigsciIstioIntegrationArgs,
  rootNamespace: string | undefined,
): ArgumentProblem[] {
  const value = known(args.namespace ?? defaultNamespace);
  if (value === undefined || !createsNamespace(args)) {
    return [];
  }
  const owner = initialNamespaces.includes(value)
    ? "every cluster has this namespace"
    : value === rootNamespace
      ? "Istio is installed in this namespace"
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
          remedy: `Write namespace: "${defaultNamespace}", or createNamespace: false for one that is there.`,
        },
      ];
}
