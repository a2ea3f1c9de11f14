import type * as pulumi from "@pulumi/pulumi";
import { ProgramScoped } from "../pulumi/programScoped";
import { ComponentRefusal } from "../pulumi/refusal";
import type { TargetArgs } from "../args/targets";
import { proxiesKey } from "./proxiesKey";

const claims = new ProgramScoped(() => new Map<string, string>());

/**
 * Refuses that two components of one program protect the same proxies: Istio denies requests for which policies name
 * two providers, and two EnvoyFilters would check each request twice.
 *
 * @param targets - Its targets; those whose namespace is known only later are left out.
 * @throws ComponentRefusal naming both components.
 */
export function claimProxies(
  component: pulumi.ComponentResource,
  name: string,
  targets: readonly TargetArgs[],
): void {
  const taken = claims.of(component);
  for (const target of targets) {
    const key = proxiesKey(target);
    if (key === undefined) {
      continue;
    }
    const other = taken.get(key);
    if (other !== undefined && other !== name) {
      throw new ComponentRefusal(
        `SigsciIstioIntegration "${name}": target ${target.name} selects the same proxies as a target of "${other}", ` +
          "and Istio uses one external authorizer for a proxy.\n    Let one component protect them.",
        component,
      );
    }
    taken.set(key, name);
  }
}
