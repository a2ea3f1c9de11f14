import { Enforcement } from "../args/integration";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
import { holdsBodies } from "../settings/externalProcessing";
import { hasLabels, labelsOf, namespaceOf } from "../kubernetes/liveObject";
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
      // A component has checked its arguments; one that is recorded by its type alone has none.
      const args = reveal(inputs) as KnownArgs;
      const { enforcement = Enforcement.AuthorizationPolicy, teardown } = args;
      const how = { enforcement, sendsBodies: holdsBodies(args) && teardown !== true };
      return (args.targets ?? []).flatMap((target) => {
        const reached = services.get(target.namespace) ?? [];
        const own = (pods.get(target.namespace) ?? []).filter((pod) =>
          hasLabels(labelsOf(pod), target.matchLabels ?? {}),
        );
        return heldStreams(target, reached, own, how);
      });
    })
    .map(({ where, message, remedy }) => `${where}: ${message} ${remedy}`);
}

type KnownArgs = Omit<SigsciIstioIntegrationArgs, "targets"> & { targets?: KnownTarget[] };

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
