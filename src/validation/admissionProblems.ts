import { AdmissionFailurePolicy, SidecarForm, SidecarInjection } from "../args/sidecar";
import type { SidecarPlacementArgs } from "../args/sidecar";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
import { isDeferred } from "../pulumi/inputs";
import { ignoredNamespaces } from "../kubernetes/injection";
import { known } from "./known";
import type { ArgumentProblem } from "./problem";

/** Reasons to refuse what does not go together in how the agent gets into pods, with placement Sidecar. */
export function admissionProblems({
  sidecar = {},
  targets,
  preflight,
}: SigsciIstioIntegrationArgs): ArgumentProblem[] {
  const { injection, form, enforceFromPercent = 0 } = sidecar;
  const isAdmission = injection === SidecarInjection.Admission;
  return [
    ...(isAdmission && form === SidecarForm.Container
      ? [
          {
            path: "sidecar.form",
            value: form,
            reason:
              'with injection "Admission" the agent is a native sidecar, so that Jobs end; every API server that has ' +
              "the policies has native sidecars too",
            remedy: "Leave it out.",
          },
        ]
      : []),
    ...(isAdmission && targets.every(({ workload }) => workload !== undefined)
      ? [
          {
            path: "sidecar.injection",
            value: injection,
            reason:
              "every target names its workload, which is patched, so there is no pod left for admission",
            remedy: "Leave it out, or leave out the `workload` of a target.",
          },
        ]
      : []),
    ...(isAdmission || sidecar.requireAgent === true
      ? targets.flatMap(({ namespace }, index) =>
          ofKubernetes(known(namespace), `targets[${index}].namespace`),
        )
      : withoutPolicies(sidecar)),
    ...(enforceFromPercent > 0 && preflight?.enabled === false
      ? [
          {
            path: "sidecar.enforceFromPercent",
            value: enforceFromPercent,
            reason: "the pods are counted with the kubeconfig of preflight, and preflight.enabled is false",
            remedy: "Leave preflight.enabled out, or leave this out.",
          },
        ]
      : []),
  ];
}

/** A policy that fails there would keep Kubernetes itself from starting pods. */
function ofKubernetes(namespace: string | undefined, path: string): ArgumentProblem[] {
  return namespace !== undefined && ignoredNamespaces.has(namespace)
    ? [
        {
          path,
          value: namespace,
          reason:
            "Istio gives pods there no sidecar, so nothing would be inspected, and pods of the cluster itself that the " +
            "agent does not fit into would be refused",
          remedy: "Leave the target out.",
        },
      ]
    : [];
}

/** What only the policies of admission regard. */
function withoutPolicies({
  failurePolicy,
  excludedPods,
  enforceFromPercent = 0,
}: SidecarPlacementArgs): ArgumentProblem[] {
  const reason = 'it has no effect without injection "Admission" or requireAgent: no new pod is looked at';
  const remedy = "Leave it out, or set one of these.";
  return [
    ...(failurePolicy === undefined
      ? []
      : [{ path: "sidecar.failurePolicy", value: failurePolicy, reason, remedy }]),
    ...(excludedPods === undefined || enforceFromPercent > 0
      ? []
      : [{ path: "sidecar.excludedPods", value: excludedPods, reason, remedy }]),
  ];
}

/** What is allowed and deserves a warning. */
export function admissionWarnings({ sidecar, inspection, targets }: SigsciIstioIntegrationArgs): string[] {
  const then = inspection?.failOpen === false ? "its requests are refused" : "its requests pass uninspected";
  const isAdmission = sidecar?.injection === SidecarInjection.Admission;
  return [
    ...(sidecar?.failurePolicy === AdmissionFailurePolicy.Ignore
      ? [
          `sidecar.failurePolicy: a pod that cannot get the agent is created without it, and ${then}. Leave it out to ` +
            "have such pods refused.",
        ]
      : []),
    ...targets.flatMap(({ matchLabels, workload }, index) =>
      isAdmission && workload === undefined && !isDeferred(matchLabels)
        ? lateLabels(matchLabels).map(
            (key) =>
              `targets[${index}].matchLabels[${JSON.stringify(key)}]: Istio adds this label to a pod after admission has ` +
              `looked for it, so a pod whose template does not have it gets no agent, and ${then}. Use a label of the ` +
              "pod templates.",
          )
        : [],
    ),
  ];
}

// Source: Istio, files/injection-template.yaml, `metadata.labels`.
const labelsOfInjector = [
  "networking.istio.io/tunnel",
  "security.istio.io/tlsMode",
  "service.istio.io/canonical-name",
  "service.istio.io/canonical-revision",
];

/** Labels that a pod may get from Istio's webhook, to which the API server comes after its policies. */
function lateLabels(matchLabels: object = {}): string[] {
  return Object.keys(matchLabels).filter((key) => labelsOfInjector.includes(key));
}
