import { at, listAt, textAt } from "../kubernetes/liveObject";
import { resourcesOf, type StackResource } from "./stackFacts";

/** An image that pods of a resource run. */
export interface PodImage {
  /** Logical name of the resource. */
  readonly name: string;
  readonly urn: string;
  readonly image: string;
}

const templated = ["spec", "template", "spec"];

/** Where the pod stands in what makes pods, by API group and kind. */
const podPaths: readonly (readonly [string, string, readonly string[]])[] = [
  ...["Deployment", "DaemonSet", "StatefulSet", "ReplicaSet"].map(
    (kind) => ["apps", kind, templated] as const,
  ),
  ["batch", "Job", templated],
  ["batch", "CronJob", ["spec", "jobTemplate", ...templated]],
  ["core", "Pod", ["spec"]],
];

/** The images of the pods of a stack, also where it patches the workload of somebody else, or the API server adds them. */
export function podImages(resources: readonly StackResource[]): PodImage[] {
  const ofPods = podPaths.flatMap(([group, kind, path]) =>
    [kind, `${kind}Patch`]
      .flatMap((one) => resourcesOf(resources, group, one))
      .flatMap(({ name, urn, props }) => {
        const pod = at(props, ...path);
        return [...listAt(pod, "containers"), ...listAt(pod, "initContainers")].map((container) => ({
          name,
          urn,
          image: textAt(container, "image") ?? "",
        }));
      }),
  );
  const added = resourcesOf(resources, "admissionregistration.k8s.io", "MutatingAdmissionPolicy").flatMap(
    ({ name, urn, props }) =>
      listAt(props, "spec", "mutations").flatMap((mutation) =>
        imagesIn(textAt(mutation, "jsonPatch", "expression") ?? "").map((image) => ({ name, urn, image })),
      ),
  );
  return [...ofPods, ...added];
}

/** The images that an expression of CEL writes into containers. */
function imagesIn(expression: string): string[] {
  return [...expression.matchAll(/\bimage: "([^"]+)"/g)].flatMap(([, image]) => image ?? []);
}
