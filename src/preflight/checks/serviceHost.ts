import { Enforcement, Placement } from "../../args/integration";
import { PreflightCheck } from "../../args/preflight";
import type { ClusterFacts } from "../clusterFacts";
import { named } from "../finding";
import type { Finding } from "../finding";
import { istiodDomain } from "../istiod";
import {
  idOf,
  labelsOf,
  listAt,
  nameOf,
  namespaceOf,
  selectorMatches,
  textsAt,
} from "../../kubernetes/liveObject";
import { meshesOf } from "../meshView";
import type { PreflightSubject } from "../subject";

/**
 * Whether istiod finds the agent's host, and finds it once: it refuses what a policy matches when it does not.
 * Source: Istio, `LookupCluster` in `pilot/pkg/model/telemetry_logging.go`.
 *
 * @param facts - The cluster.
 * @param subject - The component.
 */
export function serviceHostFindings(facts: ClusterFacts, subject: PreflightSubject): Finding[] {
  return subject.enforcement === Enforcement.AuthorizationPolicy
    ? [
        ...domainFindings(facts, subject),
        ...secondHostFindings(facts, subject),
        ...discoveryFindings(facts, subject),
      ]
    : [];
}

const refused =
  "Istio would not find the agent and answer 403 to every request that a policy matches, also with `failOpen`";

/** A Service is known below the domain that istiod was started with. */
function domainFindings({ istiods = [] }: ClusterFacts, subject: PreflightSubject): Finding[] {
  if (subject.placement === Placement.Sidecar) {
    return [];
  }
  const domains = new Set(istiods.flatMap((istiod) => istiodDomain(istiod) ?? []));
  return [...domains]
    .filter((domain) => domain !== subject.clusterDomain)
    .map((domain) => ({
      check: PreflightCheck.ServiceHost,
      severity: "error",
      where: `mesh.clusterDomain = "${subject.clusterDomain}"`,
      message: `istiod runs for the domain ${domain}, so it does not know the host ${subject.agent.host}: ${refused}.`,
      remedy: `Set \`mesh.clusterDomain\` to "${domain}".`,
    }));
}

/** A host that several namespaces define is refused, as it stands in our providers without a namespace. */
function secondHostFindings({ serviceEntries = [] }: ClusterFacts, subject: PreflightSubject): Finding[] {
  const { host, namespace } = subject.agent;
  const own = subject.placement === Placement.Sidecar ? subject.istioNamespace : namespace;
  const others = serviceEntries.filter(
    (entry) => namespaceOf(entry) !== own && textsAt(entry, "spec", "hosts").includes(host),
  );
  return others.length === 0
    ? []
    : [
        {
          check: PreflightCheck.ServiceHost,
          severity: "error",
          where: `host ${host}`,
          message:
            `ServiceEntry ${named(others.map(idOf))} defines the agent's host in another namespace too. Istio refuses ` +
            "to choose: it would answer 403 to every request that a policy matches, also with `failOpen`.",
          remedy: "Remove that ServiceEntry, or give the agent another name with `agent.name`.",
        },
      ];
}

/** With `discoverySelectors` istiod knows nothing of the namespaces that they leave out. */
function discoveryFindings(facts: ClusterFacts, subject: PreflightSubject): Finding[] {
  return meshesOf(facts, subject).flatMap(({ configMap, config }) => {
    const selectors = listAt(config, "discoverySelectors");
    if (selectors.length === 0) {
      return [];
    }
    const isDiscovered = (namespace: string): boolean | undefined => {
      const labels = namespaceLabels(facts, subject, namespace);
      return labels && selectors.some((selector) => selectorMatches(selector, labels));
    };
    const { namespace } = subject.agent;
    const hidden = [...new Set(subject.targets.map((target) => target.namespace))].filter(
      (name) => isDiscovered(name) === false,
    );
    return [
      ...(subject.placement !== Placement.Sidecar && isDiscovered(namespace) === false
        ? [agentNotDiscovered(namespace, configMap)]
        : []),
      ...hidden.map((name) => targetNotDiscovered(name, configMap)),
    ];
  });
}

function agentNotDiscovered(namespace: string, configMap: string): Finding {
  return {
    check: PreflightCheck.ServiceHost,
    severity: "error",
    where: `namespace ${namespace}`,
    message: `the \`discoverySelectors\` in ${configMap} leave it out: ${refused}.`,
    remedy: "Give the namespace the labels that they ask for, with `labels` if this component creates it.",
  };
}

function targetNotDiscovered(namespace: string, configMap: string): Finding {
  return {
    check: PreflightCheck.Workloads,
    severity: "warning",
    where: `namespace ${namespace}`,
    message: `the \`discoverySelectors\` in ${configMap} leave it out: Istio ignores policies there, and nothing would be inspected.`,
    remedy: "Give the namespace the labels that they ask for.",
  };
}

/** Labels of a namespace as they will be; undefined when nothing is known of it. */
function namespaceLabels(
  { namespaces }: ClusterFacts,
  { agent }: PreflightSubject,
  name: string,
): Record<string, string> | undefined {
  if (namespaces === undefined) {
    return undefined;
  }
  const live = namespaces.find((namespace) => nameOf(namespace) === name);
  const given = name === agent.namespace ? agent.namespaceLabels : undefined;
  const system = { "kubernetes.io/metadata.name": name };
  return live === undefined && given === undefined
    ? undefined
    : { ...system, ...(live && labelsOf(live)), ...given };
}
