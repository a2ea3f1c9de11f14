import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { whenKnown } from "../pulumi/inputs";
import { agentContainer } from "../agent/container";
import { containerSecurityContext } from "../agent/containerSecurity";
import type { AgentContainer } from "../agent/container";
import { defaultPodSecurityContext } from "../settings/agentDefaults";
import { SidecarForm } from "../args/sidecar";
import type { SidecarSettings } from "../settings/sidecar";

type SecurityContext = k8s.types.input.core.v1.SecurityContext;

/** Lists of a pod's containers. */
export const containerLists = ["containers", "initContainers", "ephemeralContainers"] as const;

/** Field of a pod spec that holds containers. */
export type ContainerList = (typeof containerLists)[number];

/**
 * Group whose traffic Istio's redirection leaves alone, as it does istio-proxy's own.
 *
 * A native sidecar starts before an istio-proxy that is an ordinary container. With Istio's CNI plugin, redirection
 * is in place by then, so without this group the agent's download of rules would go to a proxy that does not run yet:
 * the startup probe would never succeed and no pod would start. It also keeps the agent's way out free of the mesh's
 * `outboundTrafficPolicy`, and the agent's requests from being inspected.
 *
 * Source: Istio, "Compatibility with application init containers", and tools/istio-iptables.
 */
export const istioProxyGroup = 1337;

const defaultSecurityContext: SecurityContext = {
  runAsNonRoot: true,
  runAsUser: defaultPodSecurityContext.runAsUser,
  runAsGroup: istioProxyGroup,
  seccompProfile: { type: "RuntimeDefault" },
  ...containerSecurityContext,
};

/** Field of the pod spec that holds the agent's container. */
export function containerList(form: SidecarForm): "containers" | "initContainers" {
  return form === SidecarForm.NativeSidecar ? "initContainers" : "containers";
}

/** The agent's container in an application's pod. Nothing of it can be reached from outside the pod. */
export function sidecarContainer(settings: SidecarSettings): AgentContainer {
  const container = agentContainer(settings.agent, {
    secret: settings.secret,
    listenHost: "127.0.0.1",
    securityContext: securityContext(settings.securityContext),
  });
  return settings.form === SidecarForm.NativeSidecar ? { ...container, restartPolicy: "Always" } : container;
}

function securityContext(given: SidecarSettings["securityContext"]): pulumi.Input<SecurityContext> {
  return given === undefined
    ? defaultSecurityContext
    : whenKnown(given, (known) => ({ ...defaultSecurityContext, ...known }));
}
