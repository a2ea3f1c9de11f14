import { TargetKind, TargetRefKind } from "../args/targets";
import { idOf, nameOf, namespaceOf } from "../kubernetes/liveObject";
import { canaryKey, waypointKey, waypointsOf } from "../kubernetes/waypoints";
import type { ClusterFacts } from "./clusterFacts";
import type { Found } from "./finding";
import type { PreflightSubject } from "./subject";

/** Services with a waypoint that is a target and one that is not: Istio 1.31 sends each a share of the requests. */
export function canariesOf(facts: ClusterFacts, { targets }: PreflightSubject): Found[] {
  const references = targets.flatMap(({ kind, namespace, targetRefs = [] }) =>
    kind === TargetKind.Waypoint ? targetRefs.map((reference) => ({ ...reference, namespace })) : [],
  );
  if (references.some(({ kind }) => kind === TargetRefKind.GatewayClass)) {
    return [];
  }
  const inspected = new Set(
    references
      .filter(({ kind }) => kind === TargetRefKind.Gateway)
      .map(({ namespace, name }) => `${namespace}/${name}`),
  );
  // A policy that refers to a Service is in force at each of its waypoints.
  const byService = new Set(
    references
      .filter(({ kind }) => kind === TargetRefKind.Service)
      .map(({ namespace, name }) => `${namespace}/${name}`),
  );
  return (facts.services ?? [])
    .filter((service) => !byService.has(idOf(service)))
    .flatMap((service): Found[] => {
      const namespace = (facts.namespaces ?? []).find((one) => nameOf(one) === namespaceOf(service));
      const used = waypointsOf(service, namespace);
      const missed = used.some(({ id }) => inspected.has(id))
        ? used.filter(({ id }) => !inspected.has(id))
        : [];
      return missed
        .filter(({ percent }) => percent > 0)
        .map(({ id, percent }) => ({
          severity: "warning",
          where: `Service ${idOf(service)}`,
          message:
            `${percent} % of its requests go through the waypoint ${id} (label ${id === used[0]?.id ? waypointKey : canaryKey}), which no target ` +
            "names: they would pass without inspection.",
          remedy: `Name ${id} in the \`targetRefs\` of a target too.`,
        }));
    });
}
