import * as pulumi from "@pulumi/pulumi";
import { isDeferred } from "../inputs";
import type { TargetArgs } from "./targetArgs";

const claims = new WeakMap<object, Map<string, string>>();

/**
 * Refuses that two components of one program protect the same proxies: Istio denies requests for which policies name
 * two providers, and two EnvoyFilters would check each request twice.
 *
 * @param component - The component that asks.
 * @param name - Its logical name.
 * @param targets - Its targets; those whose namespace is known only later are left out.
 * @throws pulumi.ResourceError naming both components.
 */
export function claimProxies(
  component: pulumi.ComponentResource,
  name: string,
  targets: readonly TargetArgs[],
): void {
  // One monitor is one run of one program; one provider is one cluster.
  const run = component.getProvider("kubernetes:core/v1:ConfigMap") ?? pulumi.runtime.getMonitor() ?? claims;
  const taken = claims.get(run) ?? new Map<string, string>();
  claims.set(run, taken);
  for (const target of targets) {
    if (isDeferred(target.namespace)) {
      continue;
    }
    const labels = Object.entries(target.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify([target.namespace, labels, target.targetRefs ?? []]);
    const other = taken.get(key);
    if (other !== undefined && other !== name) {
      throw new pulumi.ResourceError(
        `SigsciIstioIntegration "${name}": target ${target.name} selects the same proxies as a target of "${other}", ` +
          "and Istio uses one external authorizer for a proxy.\n    Let one component protect them.",
        component,
        true,
      );
    }
    taken.set(key, name);
  }
}
