import { applyObjects, ApplyRefused } from "../../stack/apply";
import { idOf, type Finding, type Judge, type Subject } from "./finding";
import { podTemplateOf } from "./podTemplate";

const namespace = "restricted";

/**
 * The API server's own admission of pods: each pod template is made a pod, without storing it, in a namespace that
 * enforces the Pod Security profile "restricted".
 */
export async function podSecurity(kubeconfig: string): Promise<Judge> {
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  await applyObjects(kubeconfig, [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } },
  ]);
  return {
    name: "Pod Security",
    judge: async (subjects) => {
      const found: Finding[] = [];
      for (const subject of subjects) {
        found.push(...(await judgeOne(kubeconfig, subject)));
      }
      return found;
    },
  };
}

async function judgeOne(kubeconfig: string, { object }: Subject): Promise<Finding[]> {
  const template = podTemplateOf(object);
  if (template === undefined) {
    return [];
  }
  const { labels, annotations } = template.metadata;
  const metadata = { name: object.metadata.name, namespace, labels, annotations };
  const pod = { apiVersion: "v1", kind: "Pod", metadata, spec: template.spec };
  try {
    await applyObjects(kubeconfig, [pod], { dryRun: true });
    return [];
  } catch (error) {
    if (!(error instanceof ApplyRefused)) {
      throw error;
    }
    return [{ judge: "Pod Security", check: "restricted", object: idOf(object), message: error.message }];
  }
}
