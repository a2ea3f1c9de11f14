import type * as k8s from "@pulumi/kubernetes";
import { optionVariable } from "./optionCatalogue";
import type { AgentSettings } from "../settings/agent";

/** Host part of the gRPC listener's address: empty is every address of the pod, 127.0.0.1 is for a pod shared with an application. */
export type ListenHost = "" | "127.0.0.1";

type Probe = k8s.types.input.core.v1.Probe;

/** The file that the agent in an application's pod writes once its rules are loaded. */
export function startupFile({ temporaryVolume }: AgentSettings): string {
  return `${temporaryVolume.mountPath}/startup-complete`;
}

/**
 * The variable that makes the agent say when its rules are loaded: by HTTP in a pod of its own, by a file in an
 * application's pod.
 *
 * Istio has HTTP, TCP and gRPC probes answered by the agent of istio-proxy. Where that is an ordinary container, it
 * starts only after the native sidecars have started: such a probe of a native sidecar would never succeed, and no
 * pod would start. Istio leaves commands alone. Source: Istio, pkg/kube/inject/app_probe.go; Fastly, "Configuring a
 * file-based startup probe".
 *
 * @param settings - The agent's settings, with the startup probe enabled.
 */
export function startupVariable(
  settings: AgentSettings,
  listenHost: ListenHost,
): { name: string; value: string } {
  return listenHost === ""
    ? { name: optionVariable("startup-probe-listener"), value: `0.0.0.0:${settings.startupProbe.port}` }
    : { name: optionVariable("startup-probe-filepath"), value: startupFile(settings) };
}

/** The startup probe that goes with {@link startupVariable}; undefined when it is switched off. */
export function startupProbe(settings: AgentSettings, listenHost: ListenHost): Probe | undefined {
  const { enabled, port, periodSeconds, failureThreshold } = settings.startupProbe;
  if (!enabled) {
    return undefined;
  }
  const action: Probe =
    listenHost === ""
      ? { httpGet: { path: "/startup", port } }
      : { exec: { command: ["cat", startupFile(settings)] } };
  return { ...action, periodSeconds, failureThreshold };
}
