import { Enforcement } from "../args/integration";
import { hasLabels, labelsOf, listAt, at, textAt } from "../kubernetes/liveObject";
import type { LiveObject } from "../kubernetes/liveObject";
import { podTemplateOf } from "../kubernetes/podTemplates";
import type { RecordedResource } from "../offline/recordedResource";
import { reveal } from "../offline/secretValue";
import { heldStreams } from "../preflight/checks/grpcPorts";
import type { KnownTarget } from "../preflight/subject";
import type { ClusterObject } from "./clusterObjects";
import { COMPONENT_TYPE } from "./externalMesh";

/**
 * What is said of targets whose gRPC streams would hang, judged as preflight does, from manifests.
 *
 * @param objects - The manifests of the workloads with their Services.
 * @param defaultNamespace - Of manifests that name none.
 */
export function grpcWarnings(
  resources: readonly RecordedResource[],
  objects: readonly ClusterObject[],
  defaultNamespace: string,
): string[] {
  const services = objects
    .filter(({ kind }) => kind === "Service")
    .map(({ manifest, ...object }) => placed(manifest, object, defaultNamespace));
  const pods = objects.flatMap(({ manifest, ...object }) => {
    const template = podTemplateOf(manifest);
    return template === undefined ? [] : [placed(template, object, defaultNamespace)];
  });
  return resources
    .filter(({ type }) => type === COMPONENT_TYPE)
    .flatMap(({ inputs }) => {
      const args = reveal(inputs);
      const how = {
        enforcement:
          textAt(args, "enforcement") === Enforcement.EnvoyFilter
            ? Enforcement.EnvoyFilter
            : Enforcement.AuthorizationPolicy,
        sendsBodies: at(args, "inspection", "body", "enabled") !== false && at(args, "teardown") !== true,
      };
      return listAt(args, "targets").flatMap((value) => {
        // The component has checked its arguments.
        const target = value as KnownTarget;
        const own = pods.filter(
          (pod) =>
            textAt(pod, "metadata", "namespace") === target.namespace &&
            hasLabels(labelsOf(pod), target.matchLabels ?? {}),
        );
        return heldStreams(target, services, own, how);
      });
    })
    .map(({ where, message, remedy }) => `${where}: ${message} ${remedy}`);
}

/** A manifest, or the template in it, with the name and the namespace that it will have. */
function placed(
  manifest: unknown,
  { name, namespace }: Pick<ClusterObject, "name" | "namespace">,
  defaultNamespace: string,
): LiveObject {
  const metadata = { labels: labelsOf({ metadata: at(manifest, "metadata") }), name };
  return {
    metadata: { ...metadata, namespace: namespace ?? defaultNamespace },
    spec: at(manifest, "spec"),
  };
}
