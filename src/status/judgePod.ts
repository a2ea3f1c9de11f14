import { isExcluded } from "../enforcement/excludedPods";
import { revisionKey } from "../kubernetes/injection";
import { annotationsOf, labelsOf, listAt, textAt, type LiveObject } from "../kubernetes/liveObject";
import { variableOption } from "../agent/optionCatalogue";
import { sidecarDomain } from "../settings/agentEndpoint";
import type { ExternalCheck } from "../kubernetes/externalChecks";
import type { Finding } from "./finding";
import { mayServeStreams, withoutStreams } from "../preflight/agentPods";
import { ruleKey, type LivePolicy } from "./policies";
import type { ProxyCheck, HttpChain, ProxyConfig } from "./proxyConfig";

/** What istiod knows of the proxy of a pod. */
export type ProxyView =
  | { readonly finding: Finding }
  | {
      readonly config: ProxyConfig;
      /** The proxy's own words about a configuration that it refused; it keeps the one before. */
      readonly refusal: string | undefined;
      /** Whether it has answered the last push. */
      readonly isAcknowledged: boolean;
    };

/** What is proved of one policy on one pod. */
export type Judgement = { readonly check: ProxyCheck } | { readonly finding: Finding };

/** Where the proxy of a pod asks the agent of a policy, or why it does not. */
export function judgePod(pod: LiveObject, view: ProxyView, policy: LivePolicy): Judgement {
  if ("finding" in view) {
    return view;
  }
  if (view.refusal !== undefined) {
    const text = `its proxy refused its configuration and keeps the one before: ${view.refusal}`;
    return { finding: { id: "refused-by-the-proxy", text } };
  }
  if (!view.isAcknowledged) {
    return { finding: { id: "not-seen", text: "its proxy has not acknowledged the last push" } };
  }
  const { kind, policy: id, limits } = policy.protection;
  if (limits.coverage === "none") {
    return { finding: { id: "asks-about-none", text: `${kind} ${id} is for ${limits.text}` } };
  }
  if (view.config.isTcpOnly) {
    const text = `its proxy takes its ports for TCP: ${view.config.tcpPorts.join(", ")}`;
    return { finding: { id: "asks-about-none", text } };
  }
  const found =
    kind === "AuthorizationPolicy" ? findRules(pod, view.config, policy) : findFilters(view.config, policy);
  if ("finding" in found) {
    return found;
  }
  return policy.protection.observed && !found.check.observed
    ? { finding: { id: "filter-dropped", text: blocksAllTheSame } }
    : withEndpoint(pod, view.config, found.check, policy);
}

const blocksAllTheSame =
  "its proxy blocks what is to be observed: an istiod or a proxy before 1.31 does not know the shadow mode";

/** The chains that a policy is for: all, or at a waypoint those of the Services that it names. */
function chainsOf({ chains }: ProxyConfig, { protection }: LivePolicy): readonly HttpChain[] {
  const { references } = protection;
  const services = references.filter((one) => one.startsWith("Service "));
  if (services.length === 0 || services.length < references.length) {
    return chains;
  }
  const hosts = services.map((one) => {
    const [namespace, name] = one.slice("Service ".length).split("/");
    return `|${name ?? ""}.${namespace ?? ""}.svc`;
  });
  return chains.filter(({ name = "" }) => hosts.some((host) => name.includes(host)));
}

function findRules(pod: LiveObject, config: ProxyConfig, policy: LivePolicy): Judgement {
  const chains = chainsOf(config, policy);
  const key = ruleKey(policy, undefined);
  const refusing = chains.flatMap((chain) => chain.refusing);
  if (refusing.some((one) => one.includes(key))) {
    return { finding: refusedRequests(refusing, key) };
  }
  const wanted = Array.from({ length: policy.ruleCount }, (_, rule) => ruleKey(policy, rule));
  const checks = chains.map(({ checks: all }) =>
    all.find(({ rules = [] }) => wanted.every((one) => rules.some((rule) => rule.includes(one)))),
  );
  return onEveryChain(chains, checks, () => absentPolicy(pod, policy));
}

function refusedRequests(refusing: readonly string[], key: string): Finding {
  const others = refusing.filter((one) => !one.includes(key));
  return others.length > 0
    ? {
        id: "two-authorizers",
        text:
          "it refuses requests with 403, as istiod knows no provider for a policy, or policies of two providers mean " +
          `it: ${[...new Set(others.map(policyIn))].join(", ")}`,
      }
    : {
        id: "provider-missing",
        text: "it refuses requests with 403: istiod does not know the policy's provider, or the provider's host",
      };
}

function policyIn(key: string): string {
  const [, namespace = "", name = ""] = /ns\[(.*?)\]-policy\[(.*?)\]/.exec(key) ?? [];
  return `AuthorizationPolicy ${namespace}/${name}`;
}

function absentPolicy(pod: LiveObject, { protection: { policy, revision, kind } }: LivePolicy): Finding {
  const own = annotationsOf(pod)[revisionKey] ?? labelsOf(pod)[revisionKey] ?? "default";
  return revision !== undefined && revision !== own
    ? {
        id: "other-revision",
        text: `${kind} ${policy} is for revision ${revision}, its proxy belongs to ${own}`,
      }
    : { id: "no-policy-in-the-proxy", text: `its proxy does not have ${kind} ${policy}` };
}

function findFilters(config: ProxyConfig, policy: LivePolicy): Judgement {
  const chains = chainsOf(config, policy);
  const [first] = policy.checks;
  const checks = chains.map(({ checks: all }) => {
    const own = all.filter(({ rules }) => rules === undefined);
    return has(own, policy.checks) ? own.find(({ cluster }) => cluster === first?.cluster) : undefined;
  });
  const text = `its proxy does not have the filters, or not as they are meant, of EnvoyFilter ${policy.protection.policy}`;
  return onEveryChain(chains, checks, () => ({ id: "filter-dropped", text }));
}

/** Whether each check that is meant is there for itself. An istiod leaves out what it does not know, without a word. */
function has(live: readonly ProxyCheck[], meant: readonly ExternalCheck[]): boolean {
  const left = [...live];
  return meant.every(({ filter, cluster, failOpen, fields }) => {
    const index = left.findIndex(
      (one) =>
        one.filter === filter &&
        one.cluster === cluster &&
        one.failOpen === failOpen &&
        fields.every((field) => one.fields.includes(field)),
    );
    return index >= 0 && left.splice(index, 1).length === 1;
  });
}

function onEveryChain(
  chains: readonly HttpChain[],
  checks: readonly (ProxyCheck | undefined)[],
  absent: () => Finding,
): Judgement {
  const [check] = checks.filter((one) => one !== undefined);
  if (chains.length === 0) {
    return { finding: { id: "no-policy-in-the-proxy", text: "its proxy has no listener for HTTP" } };
  }
  const off = chains.filter(({ isOff }, index) => isOff && checks[index] === undefined);
  if (off.length > 0) {
    const text = `a configuration that is not ours switches the check off on ${off.map(nameOfChain).join(", ")}`;
    return { finding: { id: "asks-about-none", text } };
  }
  if (check === undefined) {
    return { finding: absent() };
  }
  const missing = chains.filter((_, index) => checks[index] === undefined);
  if (missing.length > 0) {
    const { text, id } = absent();
    return { finding: { id, text: `${text} on ${missing.map(nameOfChain).join(", ")}` } };
  }
  return { check };
}

function nameOfChain({ listener, name = "" }: HttpChain): string {
  return name === "" ? listener : `${listener}/${name}`;
}

function withEndpoint(
  pod: LiveObject,
  config: ProxyConfig,
  check: ProxyCheck,
  { protection: { excludedPods } }: LivePolicy,
): Judgement {
  const addresses = config.endpoints.get(check.cluster);
  const then = check.failOpen ? "its requests pass uninspected" : "its requests are refused";
  if (addresses === undefined) {
    const text = `its proxy does not know the agent's cluster ${check.cluster}, ${then}`;
    return { finding: { id: "no-endpoint", text } };
  }
  if (addresses.length === 0) {
    const text = `the agent (${agentOf(check)}) has no healthy endpoint, ${then}`;
    return { finding: { id: "no-endpoint", text } };
  }
  if (!addresses.every(isLoopback)) {
    return { check };
  }
  if (agentsIn(pod).length === 0 && isExcluded(labelsOf(pod), excludedPods)) {
    const text = `sidecar.excludedPods leaves the pod without an agent, ${then}`;
    return { finding: { id: "excluded-pod", text } };
  }
  const problem = agentProblem(pod, check);
  return problem === undefined
    ? { check }
    : { finding: { id: "agent-missing-in-pod", text: `${problem}, ${then}` } };
}

/** Where the agent is that a filter asks, for people: host and port, or `in the pod`. */
export function agentOf({ cluster }: Pick<ProxyCheck, "cluster">): string {
  const [, port, , host] = cluster.split("|");
  const isInPod = host === undefined || port === undefined || host.endsWith(sidecarDomain);
  return isInPod ? "in the pod" : `${host}:${port}`;
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

/** Why no agent answers a check in a pod; undefined when one is ready there. */
function agentProblem(pod: LiveObject, { filter }: ProxyCheck): string | undefined {
  const agents = agentsIn(pod);
  if (agents.length === 0) {
    return "the pod has no agent";
  }
  if (filter === "ext_proc" && !agents.some(mayServeStreams)) {
    return `the agent in the pod is ${withoutStreams} and does not serve external processing`;
  }
  const names = agents.map((container) => textAt(container, "name"));
  const statuses = [
    ...listAt(pod, "status", "containerStatuses"),
    ...listAt(pod, "status", "initContainerStatuses"),
  ];
  const own = statuses.filter((status) => names.includes(textAt(status, "name")));
  return own.some((status) => (status as LiveObject).ready === true)
    ? undefined
    : "the agent in the pod is not ready";
}

/** The agents of a pod: known by their variables, whatever their containers and images are called. */
function agentsIn(pod: LiveObject): unknown[] {
  return [...listAt(pod, "spec", "containers"), ...listAt(pod, "spec", "initContainers")].filter(
    (container) =>
      listAt(container, "env").some((one) => variableOption(textAt(one, "name") ?? "") !== undefined),
  );
}
