import { PreflightCheck } from "../../args/preflight";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import type { Found } from "../finding";
import type { PreflightSubject } from "../subject";

/** Without the API the update would stop at the first policy. */
export const admission: Check = {
  check: PreflightCheck.Admission,
  title: "The API server serves the policies of admission that the arguments ask for.",
  needs: ["admissionApi"],
  docs: "admission",
  find,
};

function find({ admissionApi }: ClusterFacts, { admission: asked }: PreflightSubject): Found[] {
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
