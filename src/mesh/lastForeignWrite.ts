import * as pulumi from "@pulumi/pulumi";
import type { Reader } from "../kubernetes/beforeRead";
import { RequestFailure } from "../kubernetes/requestFailure";
import { KubeconfigError } from "../kubernetes/kubeconfig";
import { preflightSource, runFacts } from "../kubernetes/kubeconfigSource";
import { at, textAt } from "../kubernetes/liveObject";
import { clientOf } from "../kubernetes/sharedClient";
import { isOwnManager, textOwners } from "./foreignWrites";

/** What others wrote into a mesh ConfigMap between two reads of it. */
export interface ForeignWrite {
  /** Their text, as they wrote it last. */
  text: string;
  /** Their field managers. */
  writers: string[];
}

/**
 * What others wrote last into a mesh ConfigMap between two reads, from the versions that the API server still knows.
 * Pulumi's provider reads the present one only, so this asks with the credentials of preflight.
 *
 * @param id - `<namespace>/<name>`.
 * @param before - Field `metadata` of the earlier read.
 * @param after - Field `metadata` of the later read.
 * @returns undefined when nobody else wrote; `unknown` when there are no such credentials, or their user may not watch
 * the ConfigMap.
 */
export async function lastForeignWrite(
  { component, preflight }: Reader,
  id: string,
  before: unknown,
  after: unknown,
): Promise<ForeignWrite | undefined | "unknown"> {
  const kubeconfig = await resolved(preflight.kubeconfig);
  const source = preflightSource({ ...preflight, kubeconfig }, await runFacts(component));
  if (!("needsProof" in source)) {
    return "unknown";
  }
  const [namespace = "", name = ""] = id.split("/");
  const [first = "", last = ""] = [before, after].map((metadata) => textAt(metadata, "resourceVersion"));
  try {
    const client = await clientOf(component, source, preflight.timeoutSeconds ?? 10);
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    return foreignWriteIn(await client.versionsBetween(path, name, first, last), after);
  } catch (error) {
    if (error instanceof RequestFailure || error instanceof KubeconfigError) {
      return "unknown";
    }
    throw error;
  }
}

/**
 * The last version that is somebody else's.
 *
 * @param versions - Those after `before` up to `after`; of another cluster or with a gap they tell nothing.
 */
export function foreignWriteIn(
  versions: readonly unknown[],
  after: unknown,
): ForeignWrite | undefined | "unknown" {
  const metadata = versions.map((version) => at(version, "metadata"));
  const last = metadata.at(-1);
  if (["uid", "resourceVersion"].some((field) => textAt(last, field) !== textAt(after, field))) {
    return "unknown";
  }
  // Not by the times of managedFields, which are whole seconds, nor by who wrote something else.
  const found = versions.flatMap((version): ForeignWrite[] => {
    const writers = textOwners(at(version, "metadata"));
    const text = textAt(version, "data", "mesh");
    return writers.some(isOwnManager) || text === undefined ? [] : [{ text, writers }];
  });
  return found.at(-1);
}

async function resolved(value: pulumi.Input<string> | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    pulumi.output(value).apply(resolve);
  });
}
