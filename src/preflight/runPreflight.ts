import * as pulumi from "@pulumi/pulumi";
import { agentNamespace } from "../agent/namespace";
import { Enforcement, Placement } from "../args";
import { isDeferred, knownOrUndefined } from "../inputs";
import { MeshConfigStrategy } from "../mesh/args";
import type { ExtensionProvider } from "../mesh/extensionProvider";
import type { AgentEndpoint } from "../mesh/providers";
import type { IntegrationSettings } from "../settings";
import { PreflightCheck } from "./args";
import type { PreflightArgs } from "./args";
import { ReadFailure } from "./clusterReader";
import { describeErrors, describeFinding } from "./finding";
import { preflightFindings } from "./findings";
import { KubeconfigError } from "./kubeconfig";
import { NotTheCluster, openCluster } from "./openCluster";
import type { KnownMesh } from "./openCluster";
import { describeGaps, readFacts } from "./readFacts";
import { runFacts } from "./runFacts";
import { preflightSource } from "./source";
import type { PreflightSubject } from "./subject";

/** A mesh ConfigMap that Pulumi has read. */
export interface PreflightMesh {
  /** `<namespace>/<name>`. */
  configMap: pulumi.Output<string>;
  /** The key `mesh` as it will be after this run. */
  text: pulumi.Output<string>;
  /** Its uid, by which a cluster is recognised. */
  uid: pulumi.Output<string | undefined>;
}

/** What preflight needs of the component. */
export interface PreflightContext {
  /** The component. */
  component: pulumi.ComponentResource;
  /** Its settings. */
  settings: IntegrationSettings;
  /** Its arguments for preflight. */
  preflight: PreflightArgs | undefined;
  /** The mesh ConfigMaps that Pulumi reads; none with EnvoyFilter enforcement. */
  meshes: readonly PreflightMesh[];
  /** The entries of `extensionProviders`. */
  providers: pulumi.Input<ExtensionProvider[]>;
  /** The agent's host and port. */
  endpoint: pulumi.Output<AgentEndpoint>;
}

/**
 * Looks at the cluster before anything is created, in previews too. Warnings are logged; what a preview does not know
 * yet is looked at by the next run. Nothing that keeps preflight from looking fails the run.
 *
 * @param context - The component.
 * @returns rejects with a `pulumi.ResourceError` when something would refuse requests or pods.
 */
export function runPreflight(context: PreflightContext): pulumi.Output<void> {
  const { settings, meshes, preflight = {} } = context;
  if (settings.teardown || preflight.enabled === false) {
    return pulumi.output(undefined);
  }
  const known = pulumi.all([
    knownOrUndefined(subjectOf(context)),
    knownOrUndefined(pulumi.all(meshes.map(({ configMap, uid }) => pulumi.all([configMap, uid])))),
    knownOrUndefined(pulumi.output(preflight.kubeconfig)),
  ]);
  return known.apply(async ([subject, uids, kubeconfig]) => {
    const isKubeconfigKnown = preflight.kubeconfig === undefined || kubeconfig !== undefined;
    if (subject !== undefined && uids !== undefined && isKubeconfigKnown) {
      const read = uids.map(([id, uid]): KnownMesh => ({ id, uid }));
      await look(context, subject, read, kubeconfig);
    }
  });
}

/** With strategy External the component itself compares the live mesh configuration with what is meant. */
const externalChecks: readonly PreflightCheck[] = [PreflightCheck.Revision, PreflightCheck.Provider];

async function look(
  { component, settings, preflight = {} }: PreflightContext,
  subject: PreflightSubject,
  meshes: readonly KnownMesh[],
  kubeconfig: string | undefined,
): Promise<void> {
  const isExternal = settings.mesh.strategy === MeshConfigStrategy.External;
  const asked = preflight.enabled === true || kubeconfig !== undefined;
  const didNotLook = (reason: string): void => {
    const text = `preflight did not look at the cluster: ${reason}`;
    if (asked) {
      void pulumi.log.warn(text, component);
    } else if (pulumi.runtime.isDryRun()) {
      void pulumi.log.info(text, component);
    }
  };
  const source = preflightSource({ ...preflight, kubeconfig }, await runFacts(component));
  if (!("needsProof" in source)) {
    if (source.reason !== undefined) {
      didNotLook(source.reason);
    }
    return;
  }
  try {
    const reader = await openCluster(source, meshes, preflight.timeoutSeconds ?? 10);
    const ignored = [...(preflight.ignore ?? []), ...(isExternal ? externalChecks : [])];
    const { facts, gaps } = await readFacts(reader, subject, ignored);
    const gap = describeGaps(gaps);
    if (gap !== undefined) {
      void pulumi.log.warn(gap, component);
    }
    const findings = preflightFindings(facts, subject).filter(({ check }) => !ignored.includes(check));
    for (const finding of findings.filter(({ severity }) => severity === "warning")) {
      void pulumi.log.warn(`preflight: ${describeFinding(finding)}`, component);
    }
    const errors = findings.filter(({ severity }) => severity === "error");
    if (errors.length > 0) {
      throw new pulumi.ResourceError(describeErrors(subject.name, errors), component, true);
    }
  } catch (error) {
    if (error instanceof ReadFailure || error instanceof KubeconfigError || error instanceof NotTheCluster) {
      didNotLook(`${error.message}.`);
      return;
    }
    throw error;
  }
}

/** What the checks compare the cluster with; a target whose namespace is not known yet is left out. */
function subjectOf(context: PreflightContext): pulumi.Output<PreflightSubject> {
  const { settings, meshes, providers, endpoint } = context;
  const { name, placement, enforcement, inspection, mesh, agent, credentials } = settings;
  const secret = credentials.existingSecret?.name;
  // A Secret that this program creates is not there in the first preview.
  const existingSecret = isDeferred(secret) ? undefined : secret;
  const throughMesh = enforcement === Enforcement.AuthorizationPolicy;
  return pulumi
    .all([
      pulumi.all([settings.namespace, namespaceLabels(settings), endpoint, mesh.istioNamespace]),
      pulumi.all(meshes.map(({ configMap, text }) => pulumi.all([configMap, text]))),
      providers,
      pulumi.all(settings.targets.map(({ namespace }) => knownOrUndefined(pulumi.output(namespace)))),
    ])
    .apply(([[namespace, labels, { host, port }, istioNamespace], texts, list, namespaces]) => ({
      name,
      placement,
      enforcement,
      failOpen: inspection.failOpen,
      agent: { namespace, namespaceLabels: labels, host, port },
      clusterDomain: mesh.clusterDomain,
      istioNamespace,
      editsMesh: throughMesh && mesh.strategy === MeshConfigStrategy.Patch,
      meshes: texts.map(([id, text]) => ({ id, text })),
      providers: list,
      extAuthz: mesh.providerNames.extAuthz,
      accessLog: throughMesh && agent.expectResponseData ? mesh.providerNames.accessLog : undefined,
      keptAccessLogs: inspection.keepAccessLogProviders,
      targets: settings.targets.flatMap((target, index) => {
        const place = namespaces[index];
        return place === undefined ? [] : [{ ...target, namespace: place }];
      }),
      existingSecret,
    }));
}

function namespaceLabels(settings: IntegrationSettings): pulumi.Output<Record<string, string> | undefined> {
  const { createNamespace, placement, namespace, labels } = settings;
  const created = createNamespace && placement !== Placement.Sidecar;
  const metadata = pulumi.output(created ? agentNamespace({ namespace, labels }).metadata : undefined);
  return metadata.apply((known) => known?.labels);
}
