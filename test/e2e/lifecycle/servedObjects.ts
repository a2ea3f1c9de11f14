import { askUrl } from "../stack/http";
import { readKubeconfig } from "../stack/kubeconfig";
import { withoutServerFields, type PlainKubernetesObject } from "./objects";

/** Kinds that tell of the cluster's own doings: they come, change and go by themselves. */
const passing = new Set(["Event", "Lease"]);

/**
 * Every object of every kind that the API server serves, by `<kind>.<group> <namespace>/<name>`, without versions, times
 * and managers. For programs that bring kinds of their own, or take them away.
 *
 * @param kubeconfig - Path of an administrator's kubeconfig.
 */
export async function servedObjects(kubeconfig: string): Promise<Map<string, PlainKubernetesObject>> {
  const { server, credentials } = readKubeconfig(kubeconfig);
  const get = async <T>(path: string): Promise<T> => {
    const { status, body } = await askUrl(`${server}${path}`, { credentials });
    if (status !== 200) {
      throw new Error(`${path} was answered with ${status}: ${body}`);
    }
    // The API server answers what its own discovery promises.
    return JSON.parse(body) as T;
  };
  const { groups } = await get<ApiGroups>("/apis");
  const versions = ["/api/v1", ...groups.map((group) => `/apis/${group.preferredVersion.groupVersion}`)];
  const found = new Map<string, PlainKubernetesObject>();
  for (const version of versions) {
    const { resources } = await get<ApiResources>(version);
    for (const { name, kind, verbs } of resources) {
      if (!verbs.includes("list") || passing.has(kind)) {
        continue;
      }
      const { items } = await get<ObjectList>(`${version}/${name}`);
      for (const item of items) {
        const { namespace = "", name: itemName = "" } = item.metadata;
        const group = version.split("/")[2] ?? "";
        const key = version === "/api/v1" ? kind : `${kind}.${group}`;
        found.set(`${key} ${namespace}/${itemName}`, withoutServerFields(item));
      }
    }
  }
  return found;
}

interface ApiGroups {
  groups: { preferredVersion: { groupVersion: string } }[];
}

interface ApiResources {
  resources: { name: string; kind: string; verbs: string[] }[];
}

interface ObjectList {
  items: { metadata: { namespace?: string; name?: string } }[];
}
