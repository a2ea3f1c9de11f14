import { Placement } from "../../args/integration";
import { PreflightCheck } from "../../args/preflight";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import type { Found } from "../finding";
import { idOf, nameOf } from "../../kubernetes/liveObject";
import type { PreflightSubject } from "../subject";

/**
 * Where the Secret that is said to exist must be.
 *
 * @returns each as `<namespace>/<name>`; none when the component creates its Secrets.
 */
export function expectedSecrets({ existingSecret, placement, agent, targets }: PreflightSubject): string[] {
  if (existingSecret === undefined) {
    return [];
  }
  const namespaces =
    placement === Placement.Sidecar ? targets.map(({ namespace }) => namespace) : [agent.namespace];
  return [...new Set(namespaces)].map((namespace) => `${namespace}/${existingSecret}`);
}

/** Without the Secret the agent's pods could not start. */
export const existingSecret: Check = {
  check: PreflightCheck.ExistingSecret,
  title: "The Secret that is said to exist does exist.",
  needs: ["secrets", "namespaces"],
  docs: "existingsecret",
  find,
};

function find(facts: ClusterFacts, subject: PreflightSubject): Found[] {
  const { secrets, namespaces } = facts;
  if (secrets === undefined) {
    return [];
  }
  const found = new Set(secrets.map(idOf));
  return expectedSecrets(subject)
    .filter((id) => !found.has(id))
    .map((id) => {
      const [namespace = ""] = id.split("/");
      const isThere = namespaces?.some((one) => nameOf(one) === namespace) ?? true;
      return {
        // A namespace that is still to come may bring its Secret with it.
        severity: isThere ? "error" : "warning",
        where: "credentials.existingSecret",
        message: `there is no Secret ${id}: the agent's pods could not start, and the update would wait for them in vain.`,
        remedy:
          "Create it first, or check its name and namespace. If this program creates it, give the name as the output " +
          "of that resource.",
      };
    });
}
