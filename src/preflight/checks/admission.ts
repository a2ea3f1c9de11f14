import { PreflightCheck } from "../../args/preflight";
import { SidecarForm } from "../../args/sidecar";
import { isExcluded } from "../../enforcement/excludedPods";
import { at, labelsOf, nameOf, textAt, textMapAt } from "../../kubernetes/liveObject";
import type { LiveObject } from "../../kubernetes/liveObject";
import { podFacts } from "../../sidecar/podFacts";
import { podProblems } from "../../sidecar/podProblems";
import { carriesAgent } from "../agentPods";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import { named } from "../finding";
import type { Found } from "../finding";
import type { PreflightSubject } from "../subject";
import { podsOfTargets } from "../targetPods";

/** Without the API the update would stop at the first policy; a pod that the agent does not fit into is refused. */
export const admission: Check = {
  check: PreflightCheck.Admission,
  title:
    "The API server serves the policies of admission that the arguments ask for, and the agent fits into the pods.",
  needs: ["admissionApi", "pods", "istiods", "meshConfigMaps"],
  docs: "admission",
  find: (facts, subject) => [...notServed(facts, subject), ...misfits(facts, subject)],
};

/** Pods that run although the agent does not fit into them, and would be refused when they are created anew. */
function misfits(facts: ClusterFacts, subject: PreflightSubject): Found[] {
  if (!subject.admission.injects) {
    return [];
  }
  // A native sidecar stops without a sleep.
  const agent = { port: subject.agent.port, shutdown: { preStopSleepSeconds: 0 } };
  const reasonsOf = (pod: LiveObject): string[] =>
    isLookedAt(pod, subject)
      ? podProblems(
          podFacts(at(pod, "spec")),
          { form: SidecarForm.NativeSidecar, agent },
          `pod ${nameOf(pod)}: spec`,
        ).map(({ path, reason }) => `${path}: ${reason}`)
      : [];
  return [...(podsOfTargets(facts, subject) ?? [])].flatMap(([target, pods]) => {
    const reasons = target.workload === undefined ? pods.flatMap(reasonsOf) : [];
    return reasons.length === 0
      ? []
      : [
          {
            severity: "warning",
            where: `target ${target.name}`,
            message:
              "the agent does not fit into pods that run, so admission refuses them when they are created anew, or with " +
              `failurePolicy "Ignore" leaves them without it: ${named(reasons)}.`,
            remedy: "Change these pods, or leave their labels out by `sidecar.excludedPods`.",
          },
        ];
  });
}

function isLookedAt(pod: LiveObject, { admission: { excludedPods } }: PreflightSubject): boolean {
  const isForWindows =
    textAt(pod, "spec", "os", "name") === "windows" ||
    textMapAt(pod, "spec", "nodeSelector")["kubernetes.io/os"] === "windows";
  return !isForWindows && !carriesAgent(pod) && !isExcluded(labelsOf(pod), excludedPods);
}

function notServed({ admissionApi }: ClusterFacts, { admission: asked }: PreflightSubject): Found[] {
  if (admissionApi === undefined) {
    return [];
  }
  const { version = "of an unknown version", resources } = admissionApi;
  const missing = (kind: string, argument: string, since: string, remedy: string): Found => ({
    severity: "error",
    where: argument,
    message:
      `the API server (${version}) does not serve ${kind} of admissionregistration.k8s.io/v1: that takes ` +
      `Kubernetes ${since} or later, so the update would stop there.`,
    remedy,
  });
  return [
    ...(asked.injects && !resources.has("mutatingadmissionpolicies")
      ? [
          missing(
            "MutatingAdmissionPolicies",
            "sidecar.injection",
            "1.36",
            "What works here: name each workload in `targets[].workload`, or add the agent in the program that owns it " +
              "with `withSigsciAgent` or `sigsciAgentTransform`; and leave `sidecar.injection` out.",
          ),
        ]
      : []),
    ...(asked.guards && !resources.has("validatingadmissionpolicies")
      ? [
          missing(
            "ValidatingAdmissionPolicies",
            asked.injects ? "sidecar.injection" : "sidecar.requireAgent",
            "1.30",
            "Leave `sidecar.requireAgent` out.",
          ),
        ]
      : []),
  ];
}
