import { setTimeout } from "node:timers/promises";
import { recordProgram } from "../../../src/offline/recording";
import { Enforcement, Placement, SidecarInjection, SigsciIstioIntegration } from "../../../src";
import type { SidecarPlacementArgs, SigsciIstioIntegrationArgs } from "../../../src";
import { isRecord } from "../../../src/pulumi/inputs";
import { applyObjects } from "../stack/apply";
import type { PlainObject } from "../stack/apply";
import { askUrl } from "../stack/http";
import { readKubeconfig } from "../stack/kubeconfig";

/** The namespace whose pods get the agent, and one whose pods are left as they are. */
export const namespaces = { target: "shop", other: "plain" } as const;

/** Name of the Secret with the keys. */
export const secretName = "keys";

/** The policies that a component makes for the pods of a namespace. */
export async function admissionObjects(
  sidecar: SidecarPlacementArgs = {},
  args: Partial<SigsciIstioIntegrationArgs> = {},
): Promise<PlainObject[]> {
  const { resources } = await recordProgram(() => {
    new SigsciIstioIntegration("waf", {
      credentials: { existingSecret: { name: secretName } },
      placement: Placement.Sidecar,
      enforcement: Enforcement.EnvoyFilter,
      sidecar: { injection: SidecarInjection.Admission, ...sidecar },
      targets: [{ name: "all", namespace: namespaces.target }],
      ...args,
    });
  });
  return resources
    .map(({ inputs }) => inputs)
    .filter((inputs) => String(inputs.kind).includes("AdmissionPolicy"))
    .map((inputs) => {
      const { apiVersion, kind, metadata, spec } = inputs;
      // Pulumi's inputs for a Kubernetes object are the object.
      return { apiVersion, kind, metadata, spec } as PlainObject;
    });
}

/** Writes policies, and waits until the API server goes by them. */
export async function applyPolicies(kubeconfig: string, policies: readonly PlainObject[]): Promise<void> {
  await applyObjects(kubeconfig, policies);
  // The API server looks for changes each second.
  await setTimeout(3000);
}

/** A spec as the API server stores it. */
export interface StoredSpec {
  readonly initContainers?: readonly { readonly name: string }[];
  readonly containers: readonly { readonly name: string }[];
  readonly [field: string]: unknown;
}

/** What the API server answers to the creation of a pod. */
export type Created = { readonly spec: StoredSpec; readonly warning: string } | { readonly refusal: string };

/** How a pod is created. */
export interface CreateOptions {
  /** Its namespace. Default: the one whose pods get the agent. */
  namespace?: string;
  /** Default: none. */
  labels?: Record<string, string>;
  /** Whether it is stored. Default: false. */
  stored?: boolean;
}

let count = 0;

/** Creates a pod of a spec, as a controller does. */
export async function createPod(
  kubeconfig: string,
  spec: object,
  { namespace = namespaces.target, labels = {}, stored = false }: CreateOptions = {},
): Promise<Created> {
  const { server, credentials } = readKubeconfig(kubeconfig);
  count += 1;
  const query = stored ? "" : "?dryRun=All";
  const { status, body, headers } = await askUrl(`${server}/api/v1/namespaces/${namespace}/pods${query}`, {
    method: "POST",
    contentType: "application/json",
    body: JSON.stringify({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: `pod-${count}`, labels },
      spec,
    }),
    credentials,
  });
  const answer: unknown = JSON.parse(body);
  if (!isRecord(answer)) {
    throw new Error(`the API server answers ${body}`);
  }
  return status >= 300
    ? { refusal: String(answer.message) }
    : // What the API server answers is a Pod.
      { spec: answer.spec as StoredSpec, warning: headers.warning ?? "" };
}

/** The spec of a pod that must be created. */
export async function createdSpec(
  kubeconfig: string,
  spec: object,
  options: CreateOptions = {},
): Promise<StoredSpec> {
  const created = await createPod(kubeconfig, spec, options);
  if ("refusal" in created) {
    throw new Error(`the pod was refused: ${created.refusal}`);
  }
  return created.spec;
}
