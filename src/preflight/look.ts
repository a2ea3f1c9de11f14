import * as pulumi from "@pulumi/pulumi";
import { MeshConfigStrategy } from "../args/mesh";
import { printable } from "../pulumi/printable";
import { ComponentRefusal } from "../pulumi/refusal";
import { PreflightCheck } from "../args/preflight";
import { readAdmissionApi } from "./admissionApi";
import { isNeeded, preflightFindings } from "./checks";
import { RequestFailure } from "../kubernetes/requestFailure";
import type { ClusterClient } from "../kubernetes/clusterClient";
import { describeErrors, describeFinding } from "./finding";
import type { Finding } from "./finding";
import { KubeconfigError } from "../kubernetes/kubeconfig";
import { NotTheCluster, openCluster } from "./openCluster";
import type { KnownMesh } from "./openCluster";
import { describeGaps, readFacts } from "./readFacts";
import { refuseUnseen } from "./refuseUnseen";
import { reviewRights } from "./reviewRights";
import { neededRights } from "./rights";
import { preflightSource, runFacts } from "../kubernetes/kubeconfigSource";
import type { PreflightSource } from "../kubernetes/kubeconfigSource";
import { clientOf } from "../kubernetes/sharedClient";
import type { PreflightContext, PreflightSubject } from "./subject";

/** With strategy External the component itself compares the live mesh configuration with what is meant. */
const externalChecks: readonly PreflightCheck[] = [PreflightCheck.Revision, PreflightCheck.Provider];

/** Loads the client and its credentials, while Pulumi's own provider reads; what fails is said by {@link look}. */
export async function prepare(context: PreflightContext, kubeconfig: string | undefined): Promise<void> {
  const { component, settings } = context;
  const source = preflightSource({ ...settings.preflight, kubeconfig }, await runFacts(component));
  if ("needsProof" in source && (context.meshes.length > 0 || !source.needsProof)) {
    await clientFor(context, source).catch(() => undefined);
  }
}

function clientFor(
  { component, settings }: PreflightContext,
  source: PreflightSource,
): Promise<ClusterClient> {
  return clientOf(component, source, settings.preflight.timeoutSeconds ?? 10);
}

/**
 * Looks at the cluster, logs what deserves a warning and stops at what would refuse requests or pods.
 *
 * @throws ComponentRefusal with every finding that stops the run.
 */
export async function look(
  context: PreflightContext,
  subject: PreflightSubject,
  meshes: readonly KnownMesh[],
  kubeconfig: string | undefined,
): Promise<void> {
  const { component, settings } = context;
  const { preflight } = settings;
  const isExternal = settings.mesh.strategy === MeshConfigStrategy.External;
  const asked = preflight.enabled === true || kubeconfig !== undefined;
  const didNotLook = (reason: string): void => {
    refuseUnseen(context, reason);
    const text = printable(`preflight did not look at the cluster: ${reason}`);
    if (asked) {
      void pulumi.log.warn(text, component);
    } else if (pulumi.runtime.isDryRun()) {
      void pulumi.log.info(text, component);
    }
  };
  const source = preflightSource({ ...preflight, kubeconfig }, await runFacts(component));
  if (!("needsProof" in source)) {
    if (source.reason === undefined) {
      refuseUnseen(context, "it does not look at a cluster in this run");
    } else {
      didNotLook(source.reason);
    }
    return;
  }
  const ignored = [...(preflight.ignore ?? []), ...(isExternal ? externalChecks : [])];
  try {
    const client = await openCluster(source, meshes, () => clientFor(context, source));
    const { injects, guards } = subject.admission;
    const readsApi = (injects || guards) && isNeeded("admissionApi", ignored);
    const [{ facts, gaps }, review, admissionApi] = await Promise.all([
      readFacts(client, subject, ignored),
      reviewRights(client, isNeeded("rights", ignored) ? neededRights(settings, subject) : []),
      readsApi ? readAdmissionApi(client) : undefined,
    ]);
    const gap = describeGaps(gaps);
    if (gap !== undefined) {
      void pulumi.log.warn(printable(gap), component);
    }
    const rights = { ...review, sameUser: source.sameUser, isPreview: pulumi.runtime.isDryRun() };
    report(component, subject.name, preflightFindings({ ...facts, rights, admissionApi }, subject, ignored));
  } catch (error) {
    if (
      error instanceof RequestFailure ||
      error instanceof KubeconfigError ||
      error instanceof NotTheCluster
    ) {
      didNotLook(`${error.message}.`);
      return;
    }
    throw error;
  }
}

function report(component: pulumi.ComponentResource, name: string, findings: readonly Finding[]): void {
  for (const finding of findings.filter(({ severity }) => severity === "warning")) {
    void pulumi.log.warn(printable(`preflight: ${describeFinding(finding)}`), component);
  }
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    throw new ComponentRefusal(describeErrors(name, errors), component);
  }
}
