import { Enforcement, Placement } from "../../args/integration";
import { PreflightCheck } from "../../args/preflight";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import { discoveries } from "../discovery";
import { named } from "../finding";
import type { Found } from "../finding";
import { istiodDomain } from "../istiod";
import { idOf, namespaceOf, textsAt } from "../../kubernetes/liveObject";
import type { PreflightSubject } from "../subject";

/**
 * Whether istiod finds the agent's host, and finds it once: it refuses what a policy matches when it does not.
 * Source: Istio, `LookupCluster` in `pilot/pkg/model/telemetry_logging.go`.
 */
export const serviceHost: Check = {
  check: PreflightCheck.ServiceHost,
  title: "Istio knows the agent's host, once and under this name.",
  needs: ["namespaces", "serviceEntries", "istiods", "meshConfigMaps"],
  docs: "servicehost",
  find,
};

function find(facts: ClusterFacts, subject: PreflightSubject): Found[] {
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
function domainFindings({ istiods = [] }: ClusterFacts, subject: PreflightSubject): Found[] {
  if (subject.placement === Placement.Sidecar) {
    return [];
  }
  const domains = new Set(istiods.flatMap((istiod) => istiodDomain(istiod) ?? []));
  return [...domains]
    .filter((domain) => domain !== subject.clusterDomain)
    .map((domain) => ({
      severity: "error",
      where: `mesh.clusterDomain = "${subject.clusterDomain}"`,
      message: `istiod runs for the domain ${domain}, so it does not know the host ${subject.agent.host}: ${refused}.`,
      remedy: `Set \`mesh.clusterDomain\` to "${domain}".`,
    }));
}

/** A host that several namespaces define is refused, as it stands in our providers without a namespace. */
function secondHostFindings({ serviceEntries = [] }: ClusterFacts, subject: PreflightSubject): Found[] {
  const { host, namespace } = subject.agent;
  const own = subject.placement === Placement.Sidecar ? subject.istioNamespace : namespace;
  const others = serviceEntries.filter(
    (entry) => namespaceOf(entry) !== own && textsAt(entry, "spec", "hosts").includes(host),
  );
  return others.length === 0
    ? []
    : [
        {
          severity: "error",
          where: `host ${host}`,
          message:
            `ServiceEntry ${named(others.map(idOf))} defines the agent's host in another namespace too. Istio refuses ` +
            "to choose: it would answer 403 to every request that a policy matches, also with `failOpen`.",
          remedy: "Remove that ServiceEntry, or give the agent another name with `agent.name`.",
        },
      ];
}

function discoveryFindings(facts: ClusterFacts, subject: PreflightSubject): Found[] {
  const { namespace } = subject.agent;
  return subject.placement === Placement.Sidecar
    ? []
    : discoveries(facts, subject)
        .filter(({ isDiscovered }) => isDiscovered(namespace) === false)
        .map(({ configMap }) => agentNotDiscovered(namespace, configMap));
}

function agentNotDiscovered(namespace: string, configMap: string): Found {
  return {
    severity: "error",
    where: `namespace ${namespace}`,
    message: `the \`discoverySelectors\` in ${configMap} leave it out: ${refused}.`,
    remedy: "Give the namespace the labels that they ask for, with `labels` if this component creates it.",
  };
}
