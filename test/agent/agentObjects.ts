import type * as pulumi from "@pulumi/pulumi";

/** Where the objects of the agent in these tests are made. */
export const context = { namespace: "sigsci" };

/** Labels of every object of the component `waf`. */
export const labels = {
  app: "waf-agent",
  "app.kubernetes.io/name": "sigsci-agent",
  "app.kubernetes.io/instance": "waf-agent",
  "app.kubernetes.io/component": "waf-agent",
  "app.kubernetes.io/part-of": "sigsci-istio",
  "app.kubernetes.io/managed-by": "pulumi",
};

/** Metadata of every object of the component `waf`, unless more is said of it. */
export const metadata = { name: "waf-agent", namespace: context.namespace, labels };

/** Plain data of what a planner gives for plain arguments. */
export type Plain<T> = pulumi.Unwrap<T>;

/**
 * What a planner gave, as plain data.
 *
 * @param object - Made from plain arguments only.
 */
export function plain<T>(object: T): Plain<T> {
  // The planners give plain data for plain arguments, in fields that are typed as Inputs.
  return object as Plain<T>;
}
