import { Enforcement } from "../args/integration";
import { at, hasLabels, labelsOf, listAt, namespaceOf, textAt } from "../kubernetes/liveObject";
import type { LiveObject } from "../kubernetes/liveObject";
import { podTemplateOf } from "../kubernetes/podTemplates";
import type { RecordedResource } from "../offline/recordedResource";
import { reveal } from "../offline/secretValue";
import { heldStreams } from "../preflight/checks/grpcPorts";
import type { KnownTarget } from "../preflight/subject";
import { placed, type ClusterObject } from "./clusterObjects";
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
  const services = byNamespace(
    objects
      .filter(({ kind }) => kind === "Service")
      .map(({ manifest, ...object }) => placed(manifest, object, defaultNamespace)),
  );
  const pods = byNamespace(
    objects.flatMap(({ manifest, ...object }) => {
      const template = podTemplateOf(manifest);
      return template === undefined ? [] : [placed(template, object, defaultNamespace)];
    }),
  );
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
        const reached = services.get(target.namespace) ?? [];
        const own = (pods.get(target.namespace) ?? []).filter((pod) =>
          hasLabels(labelsOf(pod), target.matchLabels ?? {}),
        );
        return heldStreams(target, reached, own, how);
      });
    })
    .map(({ where, message, remedy }) => `${where}: ${message} ${remedy}`);
}

/** Asked once for each target, of which there may be thousands. */
function byNamespace(objects: readonly LiveObject[]): Map<string, LiveObject[]> {
  const found = new Map<string, LiveObject[]>();
  for (const object of objects) {
    const namespace = namespaceOf(object);
    const others = found.get(namespace);
    if (others === undefined) {
      found.set(namespace, [object]);
    } else {
      others.push(object);
    }
  }
  return found;
}
