import type * as k8s from "@pulumi/kubernetes";
import { someEntries, type ObjectContext } from "./metadata";

/**
 * The agent's namespace: the Pod Security profile "restricted" is enforced, and Istio adds no proxies, so that
 * no check is itself checked.
 *
 * Source: Kubernetes, "Pod Security Admission"; Istio, "Installing the sidecar".
 *
 * @param context - Name of the namespace, labels and annotations.
 */
export function agentNamespace(context: ObjectContext): k8s.types.input.core.v1.Namespace {
  return {
    metadata: {
      name: context.namespace,
      labels: {
        ...context.labels,
        "app.kubernetes.io/part-of": "sigsci-istio",
        "app.kubernetes.io/managed-by": "pulumi",
        "istio-injection": "disabled",
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/audit": "restricted",
        "pod-security.kubernetes.io/warn": "restricted",
      },
      ...someEntries("annotations", { ...context.annotations }),
    },
  };
}
