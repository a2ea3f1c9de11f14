import { appendFileSync, cpSync } from "node:fs";
import { join } from "node:path";
import { serveCharts, type ChartRepository } from "../stack/chartRepository";
import { findPart } from "../stack/findPart";
import { createTemporaryFolder } from "../stack/temporaryFolder";

/** The folders of the charts that Istio's guide installs. */
const folders = ["base", "istio-control/istio-discovery"];

/**
 * Added to the values of each chart. Pods are only entries in the API here, so no istiod answers the charts' webhooks
 * for Istio's objects. At an installation the charts let these pass until istiod answers; at an upgrade they rely on it,
 * and then nobody could write or delete such an object. With these values of their own they go on letting them pass,
 * and the API server asks nobody outside this machine. Whether Istio takes the objects is for `validate/` to say.
 */
const values = `
base:
  validationURL: https://127.0.0.1:9/validate
  validationFailurePolicy: Ignore
`;

/**
 * Serves Istio's charts `base` and `istiod`, as they are in its source, as a Helm repository.
 *
 * @param versions - Each chart is there once for each of these numbers, which its publisher would write into it.
 */
export async function serveIstioCharts(versions: readonly string[]): Promise<ChartRepository> {
  const { path } = await findPart("istio-charts");
  const copy = createTemporaryFolder("istio-charts");
  try {
    cpSync(path, copy.path, { recursive: true });
    for (const folder of folders) {
      appendFileSync(join(copy.path, folder, "values.yaml"), values);
    }
    return await serveCharts(
      versions.flatMap((version) => folders.map((folder) => ({ folder: join(copy.path, folder), version }))),
    );
  } finally {
    copy.remove();
  }
}
