import { Placement } from "../../args/integration";
import { TargetKind } from "../../args/targets";
import { PreflightCheck } from "../../args/preflight";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import type { Found } from "../finding";
import { hostMatches } from "../hosts";
import {
  hasLabels,
  idOf,
  labelsOf,
  listAt,
  namespaceOf,
  numberAt,
  textMapAt,
  textsAt,
} from "../../kubernetes/liveObject";
import type { LiveObject } from "../../kubernetes/liveObject";
import { rootNamespaceOf } from "../meshView";
import { podsOfTargets } from "../targetPods";
import type { KnownTarget, PreflightSubject } from "../subject";
import { withoutAnswer } from "../subject";

/**
 * Sidecar resources that keep the agent's cluster from the proxies of a target. Istio adds the hosts of providers
 * to gateways and waypoints by itself, but not to sidecars. Source: Istio, `extraServicesForProxy`.
 */
export const serviceVisibility: Check = {
  check: PreflightCheck.ServiceVisibility,
  title: "The proxies of the targets are told about the agent's Service.",
  needs: ["sidecars", "pods", "istiods", "meshConfigMaps"],
  docs: "servicevisibility",
  find,
};

function find(facts: ClusterFacts, subject: PreflightSubject): Found[] {
  const { sidecars } = facts;
  if (sidecars === undefined || sidecars.length === 0) {
    return [];
  }
  const pods = podsOfTargets(facts, subject);
  const root = rootNamespaceOf(facts, subject);
  const found = subject.targets
    .filter(({ kind = TargetKind.Workload }) => kind === TargetKind.Workload)
    .map((target) => ({
      target,
      hiding: sidecarsOf(target, pods?.get(target) ?? [], sidecars, root).filter(
        (sidecar) => !reachesAgent(sidecar, target, subject, root),
      ),
    }));
  return found.flatMap(({ target, hiding }) => hiding.map((sidecar) => hidden(sidecar, target, subject)));
}

function hidden(sidecar: LiveObject, target: KnownTarget, subject: PreflightSubject): Found {
  const { namespace, host } = subject.agent;
  return {
    severity: subject.failOpen ? "warning" : "error",
    where: `target ${target.name}`,
    message:
      `the Sidecar resource ${idOf(sidecar)} does not let its proxies know the agent's host ${host}. They could not ask ` +
      `it: ${withoutAnswer(subject)}.`,
    remedy: `Add "${namespace}/${host}" to \`egress.hosts\` of that Sidecar resource.`,
  };
}

/** The Sidecar resources that proxies of a target use: their own, else that of the namespace, else that of the root. */
function sidecarsOf(
  target: KnownTarget,
  pods: readonly LiveObject[],
  sidecars: readonly LiveObject[],
  root: string,
): LiveObject[] {
  const local = sidecars.filter((sidecar) => namespaceOf(sidecar) === target.namespace);
  const selector = (sidecar: LiveObject): Record<string, string> =>
    textMapAt(sidecar, "spec", "workloadSelector", "labels");
  const isWide = (sidecar: LiveObject): boolean => Object.keys(selector(sidecar)).length === 0;
  const own = local.filter((sidecar) => !isWide(sidecar));
  const wide = [...local, ...sidecars.filter((sidecar) => namespaceOf(sidecar) === root)].find(isWide);
  const chosen = (labels: Readonly<Record<string, string>>): LiveObject[] => {
    const sidecar = own.find((one) => hasLabels(labels, selector(one))) ?? wide;
    return sidecar === undefined ? [] : [sidecar];
  };
  return pods.length === 0
    ? chosen(target.matchLabels ?? {})
    : [...new Set(pods.flatMap((pod) => chosen(labelsOf(pod))))];
}

function reachesAgent(
  sidecar: LiveObject,
  target: KnownTarget,
  { agent, istioNamespace, placement }: PreflightSubject,
  root: string,
): boolean {
  const listeners = listAt(sidecar, "spec", "egress");
  if (listeners.length === 0) {
    return true;
  }
  // With Sidecar placement the host is that of a ServiceEntry in Istio's own namespace.
  const home = placement === Placement.Sidecar ? istioNamespace : agent.namespace;
  const own = namespaceOf(sidecar) === root ? target.namespace : namespaceOf(sidecar);
  const covers = (entry: string): boolean => {
    const [namespace = "", host = ""] = entry.split("/", 2);
    const reaches = namespace === "*" || namespace === home || (namespace === "." && own === home);
    return reaches && hostMatches(host, agent.host);
  };
  // From Istio 1.31 on a host may be left out of its listener: `~sigsci/*`, or `~/*` for every namespace.
  const excludes = (entry: string): boolean =>
    entry.startsWith("~") && covers(entry.replace(/^~\//, "~*/").slice(1));
  return listeners
    .filter((listener) => [undefined, agent.port].includes(numberAt(listener, "port", "number")))
    .map((listener) => textsAt(listener, "hosts"))
    .some((hosts) => hosts.some(covers) && !hosts.some(excludes));
}
