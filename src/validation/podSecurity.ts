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

/** What a seccomp or an AppArmor profile may be. */
const profiles: readonly string[] = ["RuntimeDefault", "Localhost"];

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
  const seccomp = known(known(context.seccompProfile)?.type);
  const appArmor = known(known(context.appArmorProfile)?.type);
  const seLinux = known(context.seLinuxOptions);
  return [
    ...(known(context.runAsNonRoot) === false
      ? [{ field: "runAsNonRoot", value: false, right: "runAsNonRoot: true" }]
      : []),
    ...(known(context.runAsUser) === 0 ? [{ field: "runAsUser", value: 0, right: "runAsUser: 100" }] : []),
    ...(seccomp && !profiles.includes(seccomp)
      ? [{ field: "seccompProfile.type", value: seccomp, right: 'type: "RuntimeDefault"' }]
      : []),
    ...(appArmor && !profiles.includes(appArmor)
      ? [{ field: "appArmorProfile.type", value: appArmor, right: 'type: "RuntimeDefault"' }]
      : []),
    ...(known(known(context.windowsOptions)?.hostProcess) === true
      ? [{ field: "windowsOptions.hostProcess", value: true, right: "hostProcess: false" }]
      : []),
    ...(["user", "role"] as const).flatMap((name) => {
      const value = known(seLinux?.[name]);
      return value
        ? [{ field: `seLinuxOptions.${name}`, value, right: `seLinuxOptions without ${name}` }]
        : [];
    }),
  ];
}
