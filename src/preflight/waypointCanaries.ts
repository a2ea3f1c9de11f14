import { TargetKind, TargetRefKind } from "../args/targets";
import { idOf, labelsOf, nameOf, namespaceOf } from "../kubernetes/liveObject";
import type { LiveObject } from "../kubernetes/liveObject";
import type { ClusterFacts } from "./clusterFacts";
import type { Found } from "./finding";
import type { PreflightSubject } from "./subject";

const primary = "istio.io/use-waypoint";
const canary = "istio.io/use-waypoint-canary";

/**
 * Services whose waypoint is a target and whose second waypoint is not: Istio 1.31 sends it a share of the requests.
 * Source: Istio, `buildWeightedWaypoints` in pilot/pkg/serviceregistry/ambient/waypoints.go.
 */
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
      const [first, second] = waypointsOf(service, facts.namespaces ?? []);
      return first !== undefined && second !== undefined && inspected.has(first) && !inspected.has(second)
        ? [
            {
              severity: "warning",
              where: `Service ${idOf(service)}`,
              message:
                `a share of its requests goes through the waypoint ${second} (label ${canary}), which no target ` +
                `names: they would pass without inspection.`,
              remedy: `Name ${second} in the \`targetRefs\` of a target too.`,
            },
          ]
        : [];
    });
}

/** The waypoint of a Service and the one beside it, as `<namespace>/<name>`. What it does not say its namespace says. */
function waypointsOf(
  service: LiveObject,
  namespaces: readonly LiveObject[],
): [string | undefined, string | undefined] {
  const own = labelsOf(service);
  const namespace = namespaces.find((one) => nameOf(one) === namespaceOf(service));
  const inherited = own[primary] === undefined && namespace !== undefined ? labelsOf(namespace) : {};
  const named = (label: string): string | undefined => {
    const labels = own[label] === undefined ? inherited : own;
    const name = labels[label] ?? "";
    return name === "" || name === "none"
      ? undefined
      : `${labels[`${label}-namespace`] ?? namespaceOf(service)}/${name}`;
  };
  return [named(primary), named(canary)];
}
