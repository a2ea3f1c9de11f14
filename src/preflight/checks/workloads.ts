import { PreflightCheck } from "../../args/preflight";
import { usesEnvoyFilters } from "../../args/integration";
import { TargetKind, TargetRefKind } from "../../args/targets";
import { runsGateway } from "../../kubernetes/injection";
import { at, idOf, nameOf, textAt } from "../../kubernetes/liveObject";
import type { LiveObject } from "../../kubernetes/liveObject";
import { isAgentgateway } from "../../kubernetes/waypoints";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import { discoveries } from "../discovery";
import type { Found } from "../finding";
import { podsOfTargets, targetNamespaces, workloadsOfTargets } from "../targetPods";
import type { KnownTarget, PreflightSubject } from "../subject";
import { canariesOf } from "../waypointCanaries";

/** What nothing is found for, nothing is inspected of. */
export const workloads: Check = {
  check: PreflightCheck.Workloads,
  title: "Each target selects something that Istio knows.",
  needs: [
    "namespaces",
    "pods",
    "workloads",
    "services",
    "gateways",
    "serviceEntries",
    "istiods",
    "meshConfigMaps",
  ],
  docs: "workloads",
  find,
};

function find(facts: ClusterFacts, subject: PreflightSubject): Found[] {
  const pods = podsOfTargets(facts, subject);
  const found = workloadsOfTargets(facts, subject);
  const notSelected = subject.targets.flatMap((target) => {
    if (target.targetRefs !== undefined) {
      return [...missingReferences(facts, target), ...otherProxies(facts, target)];
    }
    const running = pods?.get(target) ?? [];
    const templates = (found?.get(target) ?? []).map((workload) => at(workload, "spec", "template"));
    return pods !== undefined && running.length + templates.length === 0
      ? [nothingSelected(facts, target)]
      : otherKind(subject, target, running.length > 0 ? running : templates);
  });
  return [...notSelected, ...canariesOf(facts, subject), ...notDiscovered(facts, subject)];
}

function notDiscovered(facts: ClusterFacts, subject: PreflightSubject): Found[] {
  return discoveries(facts, subject).flatMap(({ configMap, isDiscovered }) =>
    targetNamespaces(subject)
      .filter((namespace) => isDiscovered(namespace) === false)
      .map((namespace) => ({
        severity: "warning",
        where: `namespace ${namespace}`,
        message: `the \`discoverySelectors\` in ${configMap} leave it out: Istio ignores policies there, and nothing would be inspected.`,
        remedy: "Give the namespace the labels that they ask for.",
      })),
  );
}

function nothingSelected({ namespaces }: ClusterFacts, target: KnownTarget): Found {
  const isMissing = namespaces?.every((one) => nameOf(one) !== target.namespace) ?? false;
  const labels = Object.entries(target.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const what = labels.length === 0 ? "there is no pod" : `no pod has the labels ${labels.join(", ")}`;
  return {
    severity: "warning",
    where: `target ${target.name}`,
    message: isMissing
      ? `there is no namespace ${target.namespace}: nothing would be inspected.`
      : `${what} in namespace ${target.namespace}: nothing would be inspected.`,
    remedy: isMissing
      ? "Check the name, or create the namespace before this component."
      : "Check `matchLabels` against the labels of the pods; if the workload comes later, nothing needs to be done.",
  };
}

/** An EnvoyFilter is for sidecars or for gateways, and the others pass over it in silence. */
function otherKind(
  { enforcement }: PreflightSubject,
  { name, kind }: KnownTarget,
  pods: readonly unknown[],
): Found[] {
  const isForGateways = kind === TargetKind.Gateway;
  const others = pods.filter((pod) => runsGateway(pod) === !isForGateways);
  if (!usesEnvoyFilters(enforcement) || others.length === 0) {
    return [];
  }
  const [are, is, right] = isForGateways
    ? ["no gateways", "gateways", "leave `kind` out"]
    : ["gateways", "sidecars", "set `kind` to Gateway"];
  const isAll = others.length === pods.length;
  return [
    {
      severity: isAll ? "error" : "warning",
      where: `target ${name}`,
      message:
        `${isAll ? "all" : `${others.length} of ${pods.length}`} pods that it selects are ${are}, and its EnvoyFilter ` +
        `is for ${is}: their requests would pass without inspection.`,
      remedy: isAll
        ? `For this target, ${right}.`
        : "Give them a target of their own, " +
          (isForGateways ? "without `kind`." : "with `kind` set to Gateway."),
    },
  ];
}

function missingReferences(
  { gateways, services, serviceEntries }: ClusterFacts,
  target: KnownTarget,
): Found[] {
  const lists: Partial<Record<TargetRefKind, readonly LiveObject[] | undefined>> = {
    [TargetRefKind.Gateway]: gateways,
    [TargetRefKind.Service]: services,
    [TargetRefKind.ServiceEntry]: serviceEntries,
  };
  return (target.targetRefs ?? [])
    .filter(({ kind, name }) => lists[kind]?.every((one) => idOf(one) !== `${target.namespace}/${name}`))
    .map(({ kind, name }) => ({
      severity: "warning",
      where: `target ${target.name}`,
      message: `there is no ${kind} ${target.namespace}/${name}: nothing would be inspected there.`,
      remedy: "Check `targetRefs`; if it comes later, nothing needs to be done.",
    }));
}

/** Gateways whose proxy is no Envoy. */
function otherProxies({ gateways }: ClusterFacts, target: KnownTarget): Found[] {
  return (target.targetRefs ?? []).flatMap(({ kind, name }): Found[] => {
    const gateway = gateways?.find((one) => idOf(one) === `${target.namespace}/${name}`);
    const gatewayClass =
      kind === TargetRefKind.GatewayClass ? name : textAt(gateway, "spec", "gatewayClassName");
    const isOther = [TargetRefKind.Gateway, TargetRefKind.GatewayClass].includes(kind);
    return isOther && isAgentgateway(gatewayClass)
      ? [
          {
            severity: "warning",
            where: `target ${target.name}`,
            message:
              `${kind} ${name} runs agentgateway (class ${gatewayClass}), to which Istio gives neither ` +
              "AuthorizationPolicies nor EnvoyFilters: its requests would pass without inspection.",
            remedy: "Use a Gateway of class istio, or istio-waypoint, or protect the workloads behind it.",
          },
        ]
      : [];
  });
}
