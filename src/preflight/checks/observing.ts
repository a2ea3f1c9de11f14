import { PreflightCheck } from "../../args/preflight";
import { proxiesOfTarget } from "../../enforcement/proxySelection";
import { proxyImageOf, releaseOfImage } from "../../kubernetes/istioVersion";
import { annotationsOf, at, idOf, nameOf, numberAt, textAt } from "../../kubernetes/liveObject";
import type { LiveObject } from "../../kubernetes/liveObject";
import { istiodContainer } from "../../mesh/shared/sharedVariable";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import { named } from "../finding";
import type { Found } from "../finding";
import { rootNamespaceOf } from "../meshView";
import { switchedOffAuthorizers } from "../otherAuthorizers";
import { selectedPods } from "../overlap";
import type { KnownTarget, PreflightSubject } from "../subject";
import { workloadsOfTargets } from "../targetPods";

/** The first Istio whose istiod and proxies both know the shadow mode of ext_authz. */
export const firstMinor = 31;

/**
 * Whether a target that is to be observed would block: an istiod before 1.31 drops the field for it without a word, and an
 * older proxy ignores it. What cannot be seen counts as too old.
 */
export const observing: Check = {
  check: PreflightCheck.Observing,
  title: "What is to be observed is not blocked.",
  needs: ["istiods", "pods", "workloads", "authorizationPolicies", "envoyFilters", "meshConfigMaps"],
  docs: "observing",
  find,
};

function find(facts: ClusterFacts, subject: PreflightSubject): Found[] {
  const targets = subject.targets.filter(({ name }) => subject.shadowed.includes(name));
  if (targets.length === 0) {
    return [];
  }
  const root = rootNamespaceOf(facts, subject);
  return [
    ...ofIstiods(facts, subject),
    ...targets.flatMap((target) =>
      target.namespace === root ? [everywhere(target)] : ofProxies(facts, subject, target),
    ),
    ...switchedOffAuthorizers(facts, subject, targets),
  ];
}

const remedy =
  "Upgrade Istio to 1.31 or newer and start the pods again, use enforcement ExternalProcessing, which observes with every " +
  "version, or let the target block.";

function refusal(where: string, message: string): Found {
  return {
    severity: "error",
    where,
    message: `${message}, and what is to be observed would be blocked.`,
    remedy,
  };
}

function ofIstiods({ istiods }: ClusterFacts, { istioNamespace }: PreflightSubject): Found[] {
  const where = `istiod in namespace ${istioNamespace}`;
  if (istiods === undefined || istiods.length === 0) {
    return [
      refusal(
        where,
        `${istiods === undefined ? "it could not be read" : "there is no Deployment with the label app=istiod"}: an istiod ` +
          "before 1.31 drops Envoy's shadow mode",
      ),
    ];
  }
  return istiods.flatMap((istiod) => {
    const image = textAt(istiodContainer(at(istiod, "spec")), "image");
    const problem = problemOf(image);
    if (problem !== undefined) {
      return [
        refusal(`istiod ${idOf(istiod)}`, `${problem}: an istiod before 1.31 drops Envoy's shadow mode`),
      ];
    }
    return isRolling(istiod)
      ? [
          refusal(
            `istiod ${idOf(istiod)}`,
            "its update is under way: its older pods may drop Envoy's shadow mode",
          ),
        ]
      : [];
  });
}

/** Pods of an earlier template may still run. */
function isRolling(deployment: LiveObject): boolean {
  const isSeen =
    (numberAt(deployment, "status", "observedGeneration") ?? 0) >=
    (numberAt(deployment, "metadata", "generation") ?? 0);
  const pods = numberAt(deployment, "status", "replicas") ?? 0;
  return !isSeen || (numberAt(deployment, "status", "updatedReplicas") ?? 0) < pods;
}

function problemOf(image: string | undefined): string | undefined {
  if (image === undefined) {
    return "its image is not named";
  }
  const release = releaseOfImage(image);
  if (release === undefined) {
    return `its image ${image} names no release of Istio`;
  }
  return release.minor < firstMinor ? `it runs Istio ${release.text}` : undefined;
}

function everywhere({ name }: KnownTarget): Found {
  return refusal(
    `target ${name}`,
    "it is in Istio's root namespace and reaches the proxies of every namespace, not all of which are looked at: one before " +
      "1.31 ignores Envoy's shadow mode",
  );
}

function ofProxies(facts: ClusterFacts, subject: PreflightSubject, target: KnownTarget): Found[] {
  const pods = selectedPods(facts, proxiesOfTarget(target));
  const where = `target ${target.name}`;
  const end = "a proxy before 1.31 ignores Envoy's shadow mode";
  if (pods === undefined || facts.workloads === undefined) {
    return [refusal(where, `its pods could not be listed: ${end}`)];
  }
  const found = new Map<string, string[]>();
  const add = (object: LiveObject, image: string | undefined): void => {
    const problem = image === undefined ? undefined : problemOf(image);
    if (problem !== undefined) {
      found.set(problem, [...(found.get(problem) ?? []), nameOf(object)]);
    }
  };
  // A pod without a proxy checks nothing.
  pods.forEach((pod) => {
    add(pod, proxyImageOf(pod));
  });
  for (const workload of workloadsOfTargets(facts, subject)?.get(target) ?? []) {
    const template = at(workload, "spec", "template");
    add(workload, annotationsOf(template as LiveObject)["sidecar.istio.io/proxyImage"]);
  }
  return [...found].map(([problem, names]) =>
    refusal(where, `of the proxy in ${named(names)} is seen that ${problem}: ${end}`),
  );
}
