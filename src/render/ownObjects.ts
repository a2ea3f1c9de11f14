import type { RecordedResource } from "../offline/recordedResource";
import { reveal } from "../offline/secretValue";
import { isRecord } from "../pulumi/inputs";
import type { ClusterObject } from "./clusterObjects";
import { COMPONENT_TYPE } from "./externalMesh";
import { kubernetesObject } from "./kubernetesObject";

/** The objects that a program creates besides those of our component: its workloads are in the coverage too. */
export function ownObjects(resources: readonly RecordedResource[]): ClusterObject[] {
  const ofComponent = new Set<string | undefined>();
  // A parent is registered before its children.
  for (const { urn, type, parent } of resources) {
    if (type === COMPONENT_TYPE || (parent !== undefined && ofComponent.has(parent))) {
      ofComponent.add(urn);
    }
  }
  return resources.flatMap((resource) => {
    const object = kubernetesObject(resource);
    if (object === undefined || object.isPatch || resource.isRead || ofComponent.has(resource.urn)) {
      return [];
    }
    const manifest = reveal({ ...resource.inputs, metadata: resource.outputs.metadata });
    const { apiVersion, kind, name, namespace } = object;
    return isRecord(manifest) ? [{ apiVersion, kind, name, namespace, manifest, file: "the program" }] : [];
  });
}
