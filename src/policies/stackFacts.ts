import { gatewayNameLabel } from "../kubernetes/injection";
import { isAgentgateway, waypointClass } from "../kubernetes/waypoints";
import { hasLabels, listAt, textAt, textMapAt } from "../kubernetes/liveObject";
import type { TargetCoverage } from "../enforcement/targetCoverage";
import { isRecord } from "../pulumi/inputs";
import { COMPONENT_TYPE } from "../render/externalMesh";

/** A resource of a stack, as a policy pack is given it. */
export interface StackResource {
  /** Type token. */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  /** URN. */
  readonly urn: string;
  /** Inputs and outputs. */
  readonly props: Readonly<Record<string, unknown>>;
}

/** A target of a component, with what inspects it. */
export interface CoveredTarget {
  /** `<component>/<target>`. */
  readonly id: string;
  /** URN of the component. */
  readonly urn: string;
  readonly coverage: TargetCoverage;
}

/** What components of this package say of their targets, in whichever language they were written. */
export function coveredTargets(resources: readonly StackResource[]): CoveredTarget[] {
  return resources
    .filter(({ type }) => type === COMPONENT_TYPE)
    .flatMap(({ name, urn, props }) =>
      listAt(props, "coverage")
        .filter(isCoverage)
        .map((coverage) => ({ id: `${name}/${coverage.name}`, urn, coverage })),
    );
}

function isCoverage(value: unknown): value is TargetCoverage {
  return isRecord(value) && typeof value.name === "string" && typeof value.percent === "number";
}

/** The resources of a kind of the Kubernetes API, whatever its version. */
export function resourcesOf(
  resources: readonly StackResource[],
  group: string,
  kind: string,
): StackResource[] {
  const token = new RegExp(`^kubernetes:${group.replaceAll(".", "\\.")}/[^:]+:${kind}$`);
  return resources.filter(({ type }) => token.test(type));
}

/** A gateway of the stack that takes requests from outside the mesh. */
export interface EdgeGateway {
  /** For people: `Gateway <namespace>/<name>`. */
  readonly id: string;
  readonly urn: string;
  /** Whether a target is for it. */
  readonly isMeantBy: (target: TargetCoverage) => boolean;
}

/** The gateways among the resources of a stack: of the Gateway API, and of Istio's own. */
export function edgeGateways(resources: readonly StackResource[]): EdgeGateway[] {
  const ofApi = resourcesOf(resources, "gateway.networking.k8s.io", "Gateway")
    .map((resource) => ({ resource, className: textAt(resource.props, "spec", "gatewayClassName") ?? "" }))
    .filter(({ className }) => !className.startsWith(waypointClass) && !isAgentgateway(className))
    .map(({ resource, className }): EdgeGateway => {
      const { namespace, name, id } = placeOf(resource);
      return {
        id,
        urn: resource.urn,
        isMeantBy: ({ kind, targetRefs, matchLabels, ...target }) =>
          kind === "Gateway" &&
          (targetRefs.length > 0
            ? (target.namespace === namespace && targetRefs.includes(`Gateway/${name}`)) ||
              targetRefs.includes(`GatewayClass/${className}`)
            : target.namespace === namespace && hasLabels({ [gatewayNameLabel]: name }, matchLabels)),
      };
    });
  const ofIstio = resourcesOf(resources, "networking.istio.io", "Gateway").map((resource): EdgeGateway => {
    const { id } = placeOf(resource);
    const selector = textMapAt(resource.props, "spec", "selector");
    return {
      id,
      urn: resource.urn,
      // It selects pods in all namespaces.
      isMeantBy: ({ kind, targetRefs, matchLabels }) =>
        kind === "Gateway" && targetRefs.length === 0 && hasLabels(selector, matchLabels),
    };
  });
  return [...ofApi, ...ofIstio];
}

function placeOf({ name, props }: StackResource): { namespace: string; name: string; id: string } {
  const namespace = textAt(props, "metadata", "namespace") ?? "default";
  const own = textAt(props, "metadata", "name") ?? name;
  return { namespace, name: own, id: `Gateway ${namespace}/${own}` };
}

/** Stack of a resource. */
export function stackOf({ urn }: Pick<StackResource, "urn">): string {
  return urn.split("::")[0]?.split(":").at(-1) ?? "";
}
