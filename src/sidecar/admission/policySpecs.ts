import type * as k8s from "@pulumi/kubernetes";
import type { AgentContainer } from "../../agent/container";
import type { TargetRefArgs } from "../../args/targets";
import { AdmissionFailurePolicy } from "../../args/sidecar";
import type { SidecarPlacementSettings } from "../../settings/sidecar";
import { gatewayNameLabel } from "../../kubernetes/injection";
import { celLiteral } from "./celLiteral";
import { fits, hasAgent, lookedAt } from "./conditions";
import type { PodCondition } from "./conditions";

/** Whose pods a policy is for, and what the agent in them needs; all of it known. */
export interface AdmittedPods {
  /** Namespace of the target. */
  namespace: string;
  /** Labels of its pods; undefined for all. */
  matchLabels?: Readonly<Record<string, string>>;
  /** The Gateways whose pods are meant, in place of labels. */
  targetRefs?: readonly TargetRefArgs[];
  /** Port on which the agent listens. */
  port: number;
}

/** What is added to a pod; nothing of it is known only later. */
export interface AddedAgent {
  /** The agent's container. */
  container: AgentContainer;
  /** Its volume. */
  volume: k8s.types.input.core.v1.Volume;
}

/**
 * Spec of the MutatingAdmissionPolicy that adds the agent to the pods of a target, before all containers that start: it
 * serves them from the first to the last. Policies come before webhooks, so Istio's proxy is put in front of it.
 *
 * A JSON patch and no apply configuration, which appends to a list and takes no part of an atomic one.
 */
export function injectionPolicySpec(
  pods: AdmittedPods,
  { container, volume }: AddedAgent,
  settings: SidecarPlacementSettings,
): object {
  const expression = [
    addition("initContainers", "0", celLiteral(container, "Object.spec.initContainers")),
    addition("volumes", "-", celLiteral(volume, "Object.spec.volumes")),
  ].join(" +\n");
  const missing: PodCondition = { name: "without-agent", expression: `!${hasAgent}` };
  return {
    failurePolicy: settings.failurePolicy,
    reinvocationPolicy: "Never",
    matchConstraints: matchConstraints(pods),
    matchConditions: [
      ...lookedAt(settings),
      missing,
      // Those that it does not fit are refused with the reason by the other policy.
      ...fits(pods.port).map(({ name, expression: condition }) => ({ name, expression: condition })),
    ],
    mutations: [{ patchType: "JSONPatch", jsonPatch: { expression } }],
  };
}

/** A patch that adds an item to a list of the pod's spec, which need not be there. */
function addition(list: string, place: string, value: string): string {
  const path = `/spec/${list}`;
  return (
    `(has(object.spec.${list}) ? [] : [JSONPatch{op: "add", path: "${path}", value: []}]) +\n` +
    `[JSONPatch{op: "add", path: "${path}/${place}", value: ${value}}]`
  );
}

/** What the guard says, and of whom. */
export interface GuardedTarget {
  /** The component, for people. */
  who: string;
  /** Name of the target. */
  target: string;
  /** Whether admission adds the agent. */
  isAdded: boolean;
}

/** Spec of the ValidatingAdmissionPolicy that says why a pod of a target cannot get the agent, or has none. */
export function guardPolicySpec(
  pods: AdmittedPods,
  settings: SidecarPlacementSettings,
  { who, target, isAdded }: GuardedTarget,
): object {
  const misfits = isAdded
    ? fits(pods.port).map(({ expression, reason }) => ({
        expression: `${hasAgent} || (${expression})`,
        message:
          `target ${target} of ${who}: the agent does not fit into this pod, as ${reason}. Change the pod, or leave ` +
          "its labels out by sidecar.excludedPods.",
      }))
    : [];
  const way = isAdded
    ? "Admission adds it unless something takes it out again: see whether the MutatingAdmissionPolicy of the same name " +
      "and its binding are there (pulumi up puts them back)"
    : "Add it to the pod template with withSigsciAgent, sigsciAgentTransform or targets[].workload";
  const absent = {
    expression: hasAgent,
    message:
      `target ${target} of ${who}: this pod has no container sigsci-agent, and sidecar.requireAgent asks for one. ` +
      `${way}, or leave its labels out by sidecar.excludedPods.`,
  };
  return {
    failurePolicy: settings.failurePolicy,
    matchConstraints: matchConstraints(pods),
    matchConditions: lookedAt(settings),
    validations: [...misfits, ...(settings.requireAgent ? [absent] : [])],
  };
}

/** What happens to a pod that the guard finds something about. */
export function guardActions({
  requireAgent,
  failurePolicy,
}: Pick<SidecarPlacementSettings, "requireAgent" | "failurePolicy">): string[] {
  return [requireAgent || failurePolicy === AdmissionFailurePolicy.Fail ? "Deny" : "Warn"];
}

/** The pods of a target, when they are created: containers of a pod cannot be added later. */
function matchConstraints({ namespace, matchLabels, targetRefs }: AdmittedPods): object {
  const gateways = targetRefs?.map(({ name }) => name);
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    ...(gateways !== undefined && {
      objectSelector: { matchExpressions: [{ key: gatewayNameLabel, operator: "In", values: gateways }] },
    }),
    ...(matchLabels !== undefined && { objectSelector: { matchLabels: { ...matchLabels } } }),
    resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
  };
}
