import { restartCommand } from "../kubernetes/restart";
import type { Finding, FindingId } from "./finding";
import type { WorkloadStatus } from "./report";

/** What a finding means, and what mends it. */
export interface Advice {
  /** What happens to requests. */
  readonly meaning: string;
  /** A command or an argument. */
  readonly remedy: string;
}

type Subject = Pick<WorkloadStatus, "namespace" | "name" | "kind"> | undefined;

const passes = "Its requests pass uninspected.";

/** The advice on a finding about a workload, or about a target. */
export function adviceOn({ id }: Finding, subject: Subject): Advice {
  return advice[id](subject ?? { namespace: "NAMESPACE", name: "NAME", kind: "Deployment" });
}

function resourceOf({ kind, name }: NonNullable<Subject>): string {
  return `${kind.toLowerCase()}/${name}`;
}

const advice: Readonly<Record<FindingId, (subject: NonNullable<Subject>) => Advice>> = {
  "no-proxy": ({ namespace }) => ({
    meaning: passes,
    remedy: `Let Istio inject a proxy: label the namespace, \`kubectl label namespace ${namespace} istio-injection=enabled\`, and start the pods again; or take the workload out of \`targets\`.`,
  }),
  "pod-not-restarted": (subject) => ({
    meaning: `${passes} They were started before the namespace asked for proxies.`,
    remedy: `Start them again: \`${restartCommand(subject)}\`.`,
  }),
  "ambient-without-waypoint": ({ namespace }) => ({
    meaning: passes,
    remedy: `Make a waypoint, \`istioctl waypoint apply -n ${namespace} --enroll-namespace\`, and name it in \`targets[].targetRefs\` with \`kind: TargetKind.Waypoint\`.`,
  }),
  "no-policy-in-the-proxy": (subject) => ({
    meaning: passes,
    remedy: `See what istiod makes of it: \`istioctl x authz check ${resourceOf(subject)} -n ${subject.namespace}\`. A policy that is seconds old may not have been pushed yet: look again.`,
  }),
  "provider-missing": () => ({
    meaning: "Every request that the policy matches is refused with 403, also with fail open.",
    remedy:
      "See whether the provider is in the mesh config: `npx pulumi-sigsci-istio mesh show`. If it is not, run `pulumi up`, which puts it back; if it is, its Service is missing.",
  }),
  "other-revision": () => ({
    meaning: passes,
    remedy: "Take `istio.io/rev` out of `labels`, or name the revision of the workload's proxies.",
  }),
  "no-endpoint": () => ({
    meaning: "With fail open requests pass uninspected, with fail closed they are refused.",
    remedy: "See why the agent is not ready: `kubectl get pods -A -l app.kubernetes.io/component=waf-agent`.",
  }),
  "refused-by-the-proxy": () => ({
    meaning: "The proxy goes on with the configuration before. A pod that starts now gets none of it.",
    remedy:
      "Mend the value that the proxy's words name. It may stand in an EnvoyFilter of somebody else: `kubectl get envoyfilters -A`.",
  }),
  "filter-dropped": ({ namespace }) => ({
    meaning: passes,
    remedy: `See whether istiod complains: \`istioctl analyze -n ${namespace}\`, and its log. An EnvoyFilter with a higher \`priority\` may have taken the filter away.`,
  }),
  "asks-about-none": ({ namespace }) => ({
    meaning: passes,
    remedy: `Raise \`rolloutPercent\`, give the policy rules, name HTTP ports of the Service \`http\`, or take away the EnvoyFilter that switches the check off: \`kubectl get envoyfilters -A\`, \`kubectl get services -n ${namespace}\`.`,
  }),
  "selects-nothing": () => ({
    meaning: "The target protects nothing.",
    remedy:
      "Compare `targets[].matchLabels` with the labels of the pods: `kubectl get pods -A --show-labels`. Policies select by the labels of pods, not of Deployments.",
  }),
  "two-authorizers": () => ({
    meaning:
      "istiod refuses every request where policies of two providers meet, unless it runs with `PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS=true`.",
    remedy: "Keep one of the two: narrow the selector of the other policy, or take the target out.",
  }),
  "two-enforcements": () => ({
    meaning: "Each request is inspected twice: it waits for both answers, and either of them may block it.",
    remedy:
      "An update that moves a target from one enforcement to another was interrupted: run `pulumi up` again. Else take the target out of one of the two components.",
  }),
  "agent-missing-in-pod": (subject) => ({
    meaning: "With fail open the pod's requests pass uninspected, with fail closed they are refused.",
    remedy: `Put the agent into the pod template, unless admission adds it (\`sidecar.injection\`), then start the pods again: \`${restartCommand(subject)}\`. If it is there, see its log: \`kubectl logs ${resourceOf(subject)} -n ${subject.namespace} -c sigsci-agent\`.`,
  }),
  "excluded-pod": ({ namespace }) => ({
    meaning: "With fail open the pod's requests pass uninspected, with fail closed they are refused.",
    remedy: `Nothing where that is meant: no restart changes it. To have the pod inspected, take its labels out of \`sidecar.excludedPods\`, run \`pulumi up\`, then start it again; to have its proxy ask nobody, give \`targets[].matchLabels\` that it does not have: \`kubectl get pods -n ${namespace} --show-labels\`.`,
  }),
  "held-back": () => ({
    meaning: passes,
    remedy:
      "Start the pods that it names again, so that they get the agent, then run `pulumi up` once more: it counts them and lets the policy take effect.",
  }),
  "not-connected": ({ namespace }) => ({
    meaning: "The proxy gets no configuration: what it does cannot be told.",
    remedy: `See its log: \`kubectl logs -n ${namespace} POD -c istio-proxy\`. With several control planes, all replicas have to be reachable.`,
  }),
  "not-seen": () => ({
    meaning: "Nothing can be said about it.",
    remedy:
      "Give the rights of docs/permissions-status.yaml, or make istiod reachable and name it with `--istiod`.",
  }),
  "stats-disagree": () => ({
    meaning: "The filter is there, and no request has gone through it since the proxy started.",
    remedy:
      "Send a request and look again with `--stats`. If the count stays 0, open an issue with the output of `--json`.",
  }),
};
