import type { SigsciIstioIntegrationArgs } from "../args/integration";
import { known } from "./known";
import { createsNamespace } from "./namespaceProblems";
import type { ArgumentProblem } from "./problem";

const path = "agent.podSecurityContext";
const enforced = 'the namespace that the component creates enforces the Pod Security profile "restricted"';

/**
 * Refuses what Pod Security refuses in the namespace that the component creates; no agent would come up.
 *
 * Source: Kubernetes, "Pod Security Standards", restricted.
 */
export function podSecurityProblems(args: SigsciIstioIntegrationArgs): ArgumentProblem[] {
  return violations(args).map(({ field, value, right }) => ({
    path: `${path}.${field}`,
    value,
    reason: `${enforced}, which refuses it`,
    remedy: `Write ${right}, or createNamespace: false with a namespace of your own.`,
  }));
}

/**
 * What Pod Security wants and is not given. Without any field it is left to the cluster: OpenShift fills in all of it
 * before Pod Security looks.
 */
export function podSecurityWarnings(args: SigsciIstioIntegrationArgs): string[] {
  const context = known(args.agent?.podSecurityContext);
  if (context === undefined || Object.keys(context).length === 0 || !createsNamespace(args)) {
    return [];
  }
  const missing = [
    ...((context.runAsNonRoot ?? undefined) === undefined ? ["runAsNonRoot: true"] : []),
    ...((context.seccompProfile ?? undefined) === undefined
      ? ['seccompProfile: { type: "RuntimeDefault" }']
      : []),
  ];
  return missing.length === 0
    ? []
    : [`${path}: ${enforced}, which refuses pods without ${missing.join(" and ")}. Add it.`];
}

interface Violation {
  field: string;
  value: unknown;
  right: string;
}

function violations(args: SigsciIstioIntegrationArgs): Violation[] {
  const context = known(args.agent?.podSecurityContext);
  if (context === undefined || !createsNamespace(args)) {
    return [];
  }
  const profile = known(known(context.seccompProfile)?.type);
  return [
    ...(known(context.runAsNonRoot) === false
      ? [{ field: "runAsNonRoot", value: false, right: "runAsNonRoot: true" }]
      : []),
    ...(known(context.runAsUser) === 0 ? [{ field: "runAsUser", value: 0, right: "runAsUser: 100" }] : []),
    ...(profile === "Unconfined"
      ? [{ field: "seccompProfile.type", value: profile, right: 'type: "RuntimeDefault"' }]
      : []),
  ];
}
