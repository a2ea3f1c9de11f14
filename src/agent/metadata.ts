import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { ownLabels } from "../kubernetes/ownership";
import type { AgentSettings } from "../settings/agent";

/** What all objects of one component share. */
export interface ObjectContext {
  /** Namespace of the agent. */
  namespace: pulumi.Input<string>;
  /** Labels of the user for every object. */
  labels?: Record<string, pulumi.Input<string>>;
  /** Annotations of the user for every object. */
  annotations?: Record<string, pulumi.Input<string>>;
}

/** Metadata of an object of the agent. */
export interface AgentMetadata extends k8s.types.input.meta.v1.ObjectMeta {
  /** The user's labels and ours. */
  labels: Record<string, pulumi.Input<string>>;
}

/** Keeps Istio's proxy out of a pod. Source: Istio, "Installing the sidecar". */
export const injectionKey = "sidecar.istio.io/inject";

/** Whether a label is written by the component itself, so that nobody else may set it. */
export function isReservedLabel(key: string): boolean {
  return key === "app" || key.startsWith("app.kubernetes.io/") || key === injectionKey;
}

/**
 * The labels that select the agent's pods. A Deployment's selector cannot be changed, so it holds one label that
 * changes with the Deployment's name only.
 */
export function selectorLabels(settings: AgentSettings): { app: string } {
  return { app: settings.name };
}

/**
 * The labels of every object of the agent: the selector and the recommended ones.
 *
 * Source: Kubernetes, "Recommended labels".
 */
export function agentLabels(settings: AgentSettings): Record<string, pulumi.Input<string>> {
  return {
    ...selectorLabels(settings),
    "app.kubernetes.io/name": "sigsci-agent",
    "app.kubernetes.io/instance": settings.name,
    "app.kubernetes.io/component": "waf-agent",
    ...ownLabels,
  };
}

/** Metadata of an object that is named like the agent; the user's labels never replace ours. */
export function agentMetadata(
  settings: AgentSettings,
  context: ObjectContext,
  annotations: Record<string, string> = {},
): AgentMetadata {
  return {
    name: settings.name,
    namespace: context.namespace,
    labels: { ...context.labels, ...agentLabels(settings) },
    ...someEntries("annotations", { ...context.annotations, ...annotations }),
  };
}

/** The field with the map, or nothing when the map is empty: empty maps only make previews longer. */
export function someEntries<K extends string, T extends object>(field: K, map: T): Partial<Record<K, T>> {
  const present: Partial<Record<K, T>> = {};
  if (Object.keys(map).length > 0) {
    present[field] = map;
  }
  return present;
}
