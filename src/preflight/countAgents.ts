import * as pulumi from "@pulumi/pulumi";
import { Enforcement } from "../args/integration";
import { heldBackUntil, shareOfPods } from "../enforcement/heldBack";
import type { HeldBackTarget, HeldBackTargets } from "../enforcement/heldBack";
import { enforcementName } from "../enforcement/metadata";
import { proxiesOfTarget } from "../enforcement/proxySelection";
import type { ClusterClient } from "../kubernetes/clusterClient";
import { KubeconfigError } from "../kubernetes/kubeconfig";
import { preflightSource, runFacts } from "../kubernetes/kubeconfigSource";
import { at, hasLabels, labelsOf, listAt, textAt } from "../kubernetes/liveObject";
import type { LiveObject } from "../kubernetes/liveObject";
import { RequestFailure } from "../kubernetes/requestFailure";
import { restartCommands } from "../kubernetes/restart";
import { clientOf } from "../kubernetes/sharedClient";
import { printable } from "../pulumi/printable";
import { ComponentRefusal } from "../pulumi/refusal";
import { agentPods, awaitedPods } from "./agentPods";
import { NotTheCluster, openCluster } from "./openCluster";
import type { KnownMesh } from "./openCluster";
import { pathOf } from "./reads";
import type { KnownTarget, PreflightContext } from "./subject";

type Context = Pick<PreflightContext, "component" | "settings">;

/**
 * The targets that are held back: their policy has no effect yet, and too few of their pods carry the agent.
 *
 * @throws ComponentRefusal when the cluster cannot be looked at.
 */
export async function heldBackTargets(
  context: Context,
  targets: readonly KnownTarget[],
  meshes: readonly KnownMesh[],
  kubeconfig: string | undefined,
): Promise<HeldBackTargets> {
  const percent = context.settings.sidecar.enforceFromPercent;
  try {
    const client = await openedClient(context, meshes, kubeconfig);
    const decided = await Promise.all(
      targets.map(async (target) => {
        const held = await heldBackTarget(client, context, target, percent);
        return held === undefined ? [] : [[target.name, held] as const];
      }),
    );
    return Object.fromEntries(decided.flat());
  } catch (error) {
    const isKnown = [RequestFailure, KubeconfigError, NotTheCluster].some((kind) => error instanceof kind);
    throw isKnown && error instanceof Error ? cannotCount(context, error.message) : error;
  }
}

async function openedClient(
  { component, settings: { preflight } }: Context,
  meshes: readonly KnownMesh[],
  kubeconfig: string | undefined,
): Promise<ClusterClient> {
  const source = preflightSource({ ...preflight, kubeconfig }, await runFacts(component));
  if (!("needsProof" in source)) {
    throw new NotTheCluster(source.reason ?? "nothing says which kubeconfig leads to it");
  }
  return openCluster(source, meshes, () => clientOf(component, source, preflight.timeoutSeconds ?? 10));
}

function cannotCount({ component, settings }: Context, reason: string): ComponentRefusal {
  return new ComponentRefusal(
    `SigsciIstioIntegration "${settings.name}": sidecar.enforceFromPercent (${settings.sidecar.enforceFromPercent}): the ` +
      `pods with the agent could not be counted: ${reason.replace(/\.$/, "")}.\n` +
      "    Give preflight.kubeconfig, or say preflight: { enabled: true } if the kubeconfig of the environment is the " +
      "right one; or leave enforceFromPercent out, to inspect at once.",
    component,
  );
}

async function heldBackTarget(
  client: ClusterClient,
  { component, settings }: Context,
  target: KnownTarget,
  percent: number,
): Promise<HeldBackTarget | undefined> {
  const { namespace, name } = target;
  const path = pathOf({
    ...policyOf(settings.enforcement),
    namespace,
    name: enforcementName(settings.name, name),
  });
  // A target that is inspected stays so: taking its policy away would open a gap.
  if (isInEffect(await client.get(path))) {
    return undefined;
  }
  const pods = await client.list(
    pathOf({ group: "", version: "v1", resource: "pods", namespace }),
    undefined,
    Infinity,
  );
  const { enforcement, sidecar } = settings;
  const found = agentPods(runningPodsOf(target, pods), sidecar.excludedPods);
  const awaited = awaitedPods(found, enforcement === Enforcement.ExternalProcessing);
  const all = found.carrying.length + found.bare.length;
  const share = { carrying: all - awaited.length, pods: all };
  if (share.carrying * 100 >= percent * all) {
    void pulumi.log.info(
      `target ${name}: ${shareOfPods(share, enforcement)}: it is inspected from now on.`,
      component,
    );
    return undefined;
  }
  void pulumi.log.warn(
    printable(
      `target ${name} is not inspected yet: ${shareOfPods(share, enforcement)}, and its policy stays without effect ` +
        `${heldBackUntil(percent, enforcement)}. Start the others again, then run \`pulumi up\` once more:\n` +
        restartCommands(awaited)
          .map((command) => `    ${command}`)
          .join("\n"),
    ),
    component,
  );
  return share;
}

function policyOf(enforcement: Enforcement): { group: string; version: string; resource: string } {
  return enforcement === Enforcement.AuthorizationPolicy
    ? { group: "security.istio.io", version: "v1", resource: "authorizationpolicies" }
    : { group: "networking.istio.io", version: "v1alpha3", resource: "envoyfilters" };
}

/** Whether a policy or an EnvoyFilter makes its proxies ask anybody. */
export function isInEffect(policy: LiveObject | undefined): boolean {
  return textAt(policy, "spec", "action") === "CUSTOM" || listAt(policy, "spec", "configPatches").length > 0;
}

/** The running pods that the policy of a target would reach. */
export function runningPodsOf(target: KnownTarget, pods: readonly LiveObject[]): LiveObject[] {
  const selected = proxiesOfTarget(target);
  return pods.filter(
    (pod) =>
      textAt(pod, "status", "phase") === "Running" &&
      at(pod, "metadata", "deletionTimestamp") === undefined &&
      selected.some(({ labels }) => hasLabels(labelsOf(pod), labels)),
  );
}
