import { idOf, textAt } from "../../kubernetes/liveObject";
import type { LiveObject } from "../../kubernetes/liveObject";
import { Refusal } from "../../offline/refusal";

/**
 * Refuses to take away a provider that policies still use: they would deny all that they match.
 * @throws Refusal naming the policies
 */
export function refuseReferenced(policies: readonly LiveObject[], removed: readonly string[]): void {
  const names = new Set(removed);
  const users = policies.flatMap((policy) => {
    const provider = textAt(policy, "spec", "provider", "name");
    const isCustom = textAt(policy, "spec", "action") === "CUSTOM";
    return isCustom && provider !== undefined && names.has(provider) ? [`${idOf(policy)} (${provider})`] : [];
  });
  if (users.length === 0) {
    return;
  }
  const what = users.length === 1 ? "AuthorizationPolicy" : "AuthorizationPolicies";
  throw new Refusal(
    `${what} ${users.join(", ")} would deny every request it matches with 403. Delete it first, or use --force.`,
  );
}
