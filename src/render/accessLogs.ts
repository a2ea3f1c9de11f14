import { MeshConfigStrategy } from "../args/mesh";
import { listAt, textAt } from "../kubernetes/liveObject";
import type { RecordedResource } from "../offline/recordedResource";
import { reveal } from "../offline/secretValue";
import { changedLogs } from "../preflight/checks/accessLogs";
import type { KnownTarget } from "../preflight/subject";
import { placed, type ClusterObject } from "./clusterObjects";
import { COMPONENT_TYPE } from "./externalMesh";
import type { MeshFacts } from "./meshFacts";

/**
 * What is said of access logs that targets would lose, or that would be switched on for them, judged as preflight does,
 * from the mesh text and the given manifests.
 *
 * @param objects - The given manifests, of which each Telemetry counts.
 * @param defaultNamespace - Of manifests that name none.
 */
export function accessLogWarnings(
  resources: readonly RecordedResource[],
  objects: readonly ClusterObject[],
  { accessLogs: meshLogs, namelessLogs: nameless, rootNamespace: root }: MeshFacts,
  defaultNamespace: string,
): string[] {
  const telemetries = objects
    .filter(
      ({ kind, manifest }) => kind === "Telemetry" && listAt(manifest, "spec", "accessLogging").length > 0,
    )
    .map((object) => placed(object.manifest, object, defaultNamespace));
  return resources
    .filter(({ type }) => type === COMPONENT_TYPE)
    .flatMap(({ urn, inputs }) => {
      const args = reveal(inputs);
      const [accessLog, ...kept] = logsOfTargets(resources, urn);
      // With strategy Shared the program does not read what istiod's own configuration says.
      const isShared = textAt(args, "mesh", "strategy") === MeshConfigStrategy.Shared;
      if (meshLogs === undefined || accessLog === undefined || isShared) {
        return [];
      }
      // The component has checked its arguments.
      const targets = listAt(args, "targets") as KnownTarget[];
      return changedLogs(targets, { accessLog, kept, root, meshLogs, nameless, telemetries });
    })
    .map(({ where, message, remedy }) => `${where}: ${message} ${remedy}`);
}

/** The logs that each Telemetry of a component names: its own first. */
function logsOfTargets(resources: readonly RecordedResource[], component: string): string[] {
  const own = resources.find(
    ({ parent, inputs }) => parent === component && textAt(inputs, "kind") === "Telemetry",
  );
  return listAt(own?.inputs, "spec", "accessLogging")
    .flatMap((entry) => listAt(entry, "providers"))
    .flatMap((provider) => textAt(provider, "name") ?? []);
}
