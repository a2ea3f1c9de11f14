import { at, listAt, textAt } from "../kubernetes/liveObject";
import { workloadType } from "../kubernetes/podTemplates";
import { resourcesOf, type StackResource } from "./stackFacts";

/** An image that pods of a resource run. */
export interface PodImage {
  /** Logical name of the resource. */
  readonly name: string;
  readonly urn: string;
  readonly image: string;
}

/** The images of the pods of a stack, also where it patches the workload of somebody else, or the API server adds them. */
export function podImages(resources: readonly StackResource[]): PodImage[] {
  const ofPods = resources.flatMap(({ name, urn, type, props }) => {
    const workload = workloadType(type.replace(/Patch$/, ""));
    const pod = workload && at(props, ...workload.templatePath, "spec");
    return [...listAt(pod, "containers"), ...listAt(pod, "initContainers")].map((container) => ({
      name,
      urn,
      image: textAt(container, "image") ?? "",
    }));
  });
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
