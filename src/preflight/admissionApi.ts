import type { ClusterClient } from "../kubernetes/clusterClient";
import { listAt, textAt } from "../kubernetes/liveObject";
import { RequestFailure } from "../kubernetes/requestFailure";

/** Which policies of admission an API server serves, in the version that the component writes. */
export interface AdmissionApi {
  /** The server's version, for example `v1.36.3`; undefined when it does not say. */
  version: string | undefined;
  /** Plural names of the kinds. */
  resources: ReadonlySet<string>;
}

/** Asks the API server; undefined when it does not answer. Every authenticated user may ask. */
export async function readAdmissionApi(
  client: Pick<ClusterClient, "get">,
): Promise<AdmissionApi | undefined> {
  try {
    const [version, served] = await Promise.all([
      client.get("/version"),
      client.get("/apis/admissionregistration.k8s.io/v1"),
    ]);
    const names = listAt(served, "resources").flatMap((one) => textAt(one, "name") ?? []);
    return { version: textAt(version, "gitVersion"), resources: new Set(names) };
  } catch (error) {
    if (error instanceof RequestFailure) {
      return undefined;
    }
    throw error;
  }
}
