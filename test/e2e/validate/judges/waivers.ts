import type { JudgeName } from "./finding";

/** Findings that are put up with for one reason. */
export interface Waiver {
  readonly judge: JudgeName;
  /** The judge's own names of the rules. */
  readonly checks: readonly string[];
  /** Which objects: `<kind> <namespace>/<name>`, where `*` stands for any part of a name. */
  readonly objects: string;
  /** Which container of them. Default: the finding is about no container. */
  readonly container?: string;
  readonly reason: string;
}

const agentContainer = { objects: "* */*", container: "sigsci-agent" };
const agentWorkload = { objects: "* */*waf*-agent" };

const userOfTheImage =
  "User and group are the image's own: its files belong to them. `agent.podSecurityContext` changes them. In an " +
  "application's pod the group is Istio's, which keeps the agent's own traffic out of the redirection.";

const ofTheExample =
  "The example's own application, kept short: it shows where the agent goes, not how to run an application.";

/** All waivers. A check of one that nobody finds any more fails the tests. */
export const waivers: readonly Waiver[] = [
  {
    ...agentContainer,
    judge: "kube-score",
    checks: ["container-image-pull-policy"],
    reason: "The image has the tag of a release, which does not change; pods start without the registry.",
  },
  {
    ...agentContainer,
    judge: "kube-score",
    checks: ["container-ephemeral-storage-request-and-limit"],
    reason:
      "The root file system is read-only and the only volume has a size limit, so the agent can write no more. A " +
      "limit on top would count its log and evict an agent that logs much.",
  },
  {
    ...agentContainer,
    judge: "kube-score",
    checks: ["container-security-context-user-group-id"],
    reason: userOfTheImage,
  },
  {
    ...agentContainer,
    judge: "Monokle",
    checks: ["practices/no-low-user-id", "practices/no-low-group-id"],
    reason: userOfTheImage,
  },
  {
    ...agentContainer,
    judge: "Monokle",
    checks: ["practices/no-secret-env", "practices/no-secret-mounted-as-env"],
    reason:
      "The agent takes its keys from its environment, as in the guide, and the environment from a Secret. The " +
      "alternative is a configuration file that holds both keys and all other settings.",
  },
  {
    ...agentContainer,
    judge: "Monokle",
    checks: ["pod-security-standards/running-as-non-root"],
    reason:
      "It looks at the container alone, while the profile lets the pod say it for its containers, as the agent's own " +
      "pod does. The API server's own admission judges that.",
  },
  {
    ...agentWorkload,
    judge: "kube-score",
    checks: ["pod-networkpolicy"],
    reason:
      "`agent.networkPolicy` makes one. It is off by default: it has to name all who may ask and be asked.",
  },
  {
    ...agentWorkload,
    judge: "kube-score",
    checks: ["pod-probes"],
    reason:
      "It asks for a liveness probe. One would restart agents that are slow under load, just when they are needed.",
  },
  {
    ...agentWorkload,
    judge: "kube-score",
    checks: ["deployment-replicas"],
    reason:
      "One replica is the default because check and log of a request have to reach the same agent; one agent on each " +
      "node is the way to more of them.",
  },
  {
    ...agentWorkload,
    judge: "kube-score",
    checks: ["deployment-targeted-by-hpa-does-not-have-replicas-configured"],
    reason:
      "The number is what a new Deployment starts with, which would be 1 otherwise. Pulumi leaves it to the autoscaler " +
      "from then on.",
  },
  {
    ...agentWorkload,
    judge: "kube-score",
    checks: ["deployment-has-host-podantiaffinity"],
    reason: "Topology spread constraints do the same, over zones too, and let several pods share a node.",
  },
  {
    judge: "Monokle",
    checks: ["resource-links/no-missing-links"],
    objects: "Deployment security/waf-agent",
    reason: "The Secret with the keys is in the cluster already: that is what this example is about.",
  },
  {
    judge: "kube-score",
    checks: ["container-ephemeral-storage-request-and-limit", "container-image-pull-policy"],
    objects: "Deployment shop/web",
    container: "web",
    reason: ofTheExample,
  },
  {
    judge: "kube-score",
    checks: [
      "deployment-has-host-podantiaffinity",
      "deployment-has-poddisruptionbudget",
      "pod-networkpolicy",
    ],
    objects: "Deployment shop/web",
    reason: ofTheExample,
  },
];
