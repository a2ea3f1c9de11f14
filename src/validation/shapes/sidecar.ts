import { AdmissionFailurePolicy, SidecarForm, SidecarInjection } from "../../args/sidecar";
import type { AgentArgs } from "../../args/agent";
import type { ExcludedPodsArgs, SidecarAgentArgs, SidecarPlacementArgs } from "../../args/sidecar";
import { filled, flag, input, list, number, object, oneOf, unshown } from "../shape";
import { agentShape } from "./agent";
import { existingSecretShape } from "./credentials";
import { securityContextShape } from "./kubernetes";
import { podFields } from "./pod";
import { labelsShape } from "./targets";

const placement = { form: oneOf({ SidecarForm }), securityContext: input(securityContextShape) };

const excludedLabels = filled(
  labelsShape,
  "without a label it would leave out every pod",
  'Name a label that the pods carry, for example { "sidecar.istio.io/inject": "false" }.',
);

function percent(value: number): string | undefined {
  return Number.isInteger(value) && value >= 0 && value <= 100 ? undefined : "it is no share in percent";
}

/** Shape of how the agent's container joins a pod. */
export const sidecarShape = object<SidecarPlacementArgs>({
  fields: {
    ...placement,
    injection: oneOf({ SidecarInjection }),
    failurePolicy: oneOf({ AdmissionFailurePolicy }),
    excludedPods: list(
      object<ExcludedPodsArgs>({ fields: { matchLabels: excludedLabels }, required: ["matchLabels"] }),
    ),
    requireAgent: flag,
    enforceFromPercent: number(percent, "Use a whole number from 0 to 100.", 90),
  },
});

/** Why an argument of the agent is refused in an application's pod. */
export function noEffectReason(reason: string): string {
  return `it has no effect in an application's pod: ${reason}`;
}

type Reasons = Readonly<Partial<Record<keyof AgentArgs, string>>>;

/** Why an argument is none of the agent's. */
export const podsOwn = "it belongs to the pod, which is the application's: set it there";

const oneInEachPod =
  "there is one agent in each pod of the application, so the application's replicas decide";

/** Arguments about pods of the agent's own, with the reason why they have no effect in an application's. */
export const withoutEffect: Reasons = {
  replicas: oneInEachPod,
  autoscaling: oneInEachPod,
  networkPolicy:
    "nothing of the agent can be reached from outside its pod, and the way out is the application's",
  ...Object.fromEntries(Object.keys(podFields).map((field) => [field, podsOwn])),
  podSecurityContext: "the pod is the application's; the agent's container has a securityContext of its own",
};

/** Shape of the agent in a pod that a program owns. */
export const sidecarAgentShape = object<SidecarAgentArgs>({
  fields: {
    secret: unshown(existingSecretShape),
    agent: agentShape,
    externalProcessing: flag,
    ...placement,
  },
  required: ["secret"],
  refused: Object.fromEntries(
    Object.entries(withoutEffect).map(([field, reason]) => [field, noEffectReason(reason)]),
  ),
});
