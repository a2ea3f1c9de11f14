import * as pulumi from "@pulumi/pulumi";
import { agentNamespace } from "../agent/objects";
import { Enforcement, Placement } from "../args/integration";
import { claimedBefore } from "../enforcement/claimProxies";
import { isDeferred, knownOrUndefined } from "../pulumi/inputs";
import { isGuarded, isInjected } from "../sidecar/admission/admitted";
import { MeshConfigStrategy } from "../args/mesh";
import { shadowedTargets } from "../settings/inspection";
import { holdsBodies } from "../settings/externalProcessing";
import type { IntegrationSettings } from "../settings/integration";
import type { KnownMesh } from "./openCluster";
import { targetsNamed } from "./finding";
import { refuseUnseen } from "./refuseUnseen";
import { isEngineUpdate, runsUnderEngine } from "../pulumi/engineRun";
import type { PreflightContext, PreflightSubject } from "./subject";

/**
 * Looks at the cluster before anything is created, in previews too. Warnings are logged; what a preview does not know
 * yet is looked at by the next run. Nothing that keeps preflight from looking fails the run.
 *
 * @returns rejects with a `pulumi.ResourceError` when something would refuse requests or pods.
 */
export function runPreflight(context: PreflightContext): pulumi.Output<void> {
  const { settings, meshes, awaited } = context;
  const { preflight } = settings;
  const underEngine = runsUnderEngine(pulumi.runtime.getMonitor());
  if (settings.teardown || preflight.enabled === false || !underEngine) {
    warnOfVersion(context);
    return pulumi.output(undefined);
  }
  const given = knownOrUndefined(pulumi.output(preflight.kubeconfig));
  // Nothing of it is needed to load a program, nor in tests of programs.
  const loaded = import("./look");
  const isKubeconfigKnown = (kubeconfig: string | undefined): boolean =>
    preflight.kubeconfig === undefined || kubeconfig !== undefined;
  given.apply(async (kubeconfig) => {
    if (isKubeconfigKnown(kubeconfig)) {
      await (await loaded).prepare(context, kubeconfig);
    }
  });
  const known = pulumi.all([
    knownOrUndefined(subjectOf(context)),
    knownOrUndefined(pulumi.all(meshes.map(({ configMap, uid }) => pulumi.all([configMap, uid])))),
    given,
    knownOrUndefined(awaited),
  ]);
  return known.apply(async ([subject, uids, kubeconfig, ids]) => {
    if (subject !== undefined && uids !== undefined && isKubeconfigKnown(kubeconfig) && ids !== undefined) {
      const read = uids.map(([id, uid]): KnownMesh => ({ id, uid }));
      await (await loaded).look(context, subject, read, kubeconfig);
    } else if (isEngineUpdate()) {
      refuseUnseen(context, "something that the program gives it stayed unknown");
    }
  });
}

/** Manifests that are rendered reach a cluster that nobody has looked at. */
function warnOfVersion({ component, settings }: PreflightContext): void {
  const names = shadowedTargets(settings).map(({ name }) => name);
  if (names.length > 0) {
    const text = `${targetsNamed(names)}: an Istio before 1.31, istiod or a proxy, blocks what is to be observed here.`;
    void pulumi.log.warn(text, component);
  }
}

/** What the checks compare the cluster with; a target whose namespace or labels are not known yet is left out. */
function subjectOf(context: PreflightContext): pulumi.Output<PreflightSubject> {
  const { settings, meshes, providers, keptLogs, endpoint } = context;
  const { name, placement, enforcement, inspection, mesh, agent, credentials } = settings;
  const secret = credentials.existingSecret?.name;
  // A Secret that this program creates is not there in the first preview.
  const existingSecret = isDeferred(secret) ? undefined : secret;
  const throughMesh = enforcement === Enforcement.AuthorizationPolicy;
  return pulumi
    .all([
      pulumi.all([settings.namespace, namespaceLabels(settings), endpoint, mesh.istioNamespace]),
      pulumi.all(meshes.map(({ configMap, text }) => pulumi.all([configMap, text]))),
      pulumi.all([providers, keptLogs]),
      pulumi.all(
        settings.targets.map(({ namespace, matchLabels }) =>
          knownOrUndefined(pulumi.output({ namespace, matchLabels })),
        ),
      ),
    ])
    .apply(([[namespace, labels, { host, port }, istioNamespace], texts, [list, kept], places]) => ({
      name,
      placement,
      enforcement,
      failOpen: inspection.failOpen,
      sendsBodies: holdsBodies(settings),
      agent: { namespace, namespaceLabels: labels, host, port },
      clusterDomain: mesh.clusterDomain,
      istioNamespace,
      editsMesh: throughMesh && mesh.strategy === MeshConfigStrategy.Patch,
      meshes: texts.map(([id, text]) => ({ id, text })),
      istiodPatch:
        throughMesh && mesh.patchIstiod
          ? { istiods: mesh.istiods.map((istiod) => istiod.name), configMap: mesh.sharedConfigMapName }
          : undefined,
      providers: list,
      extAuthz: mesh.providerNames.extAuthz,
      accessLog: throughMesh && agent.expectResponseData ? mesh.providerNames.accessLog : undefined,
      keptAccessLogs: kept,
      targets: settings.targets.flatMap((target, index) => {
        const place = places[index];
        return place === undefined ? [] : [{ ...target, ...place }];
      }),
      shadowed: shadowedTargets(settings).map((target) => target.name),
      admission: {
        injects: settings.targets.some((target) => isInjected(settings, target)),
        guards: settings.targets.some((target) => isGuarded(settings, target)),
        excludedPods: settings.sidecar.excludedPods,
      },
      otherTargets: claimedBefore(context.component, name),
      existingSecret,
    }));
}

function namespaceLabels(settings: IntegrationSettings): pulumi.Output<Record<string, string> | undefined> {
  const { createNamespace, placement, namespace, labels } = settings;
  const created = createNamespace && placement !== Placement.Sidecar;
  const metadata = pulumi.output(created ? agentNamespace({ namespace, labels }).metadata : undefined);
  return metadata.apply((known) => known?.labels);
}
