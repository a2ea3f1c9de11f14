import * as pulumi from "@pulumi/pulumi";
import { usesEnvoyFilters } from "../args/integration";
import type { Enforcement } from "../args/integration";
import { TargetKind } from "../args/targets";
import { isDeferred, whenKnown } from "../pulumi/inputs";
import { ProgramScoped } from "../pulumi/programScoped";
import { ComponentRefusal } from "../pulumi/refusal";
import type { IntegrationSettings } from "../settings/integration";
import { describeProxies, proxiesOfTarget, selectionOverlap } from "./proxySelection";
import type { ProxyTarget, SelectionOverlap } from "./proxySelection";

/** A target of a component of the running program. */
export interface ClaimedTarget extends ProxyTarget {
  /** Name of the target. */
  name: string;
  /** Logical name of the component. */
  component: string;
  /** How its proxies are told. */
  enforcement: Enforcement;
}

const claims = new ProgramScoped<ClaimedTarget[]>(() => []);

/**
 * Refuses that two components of one program protect the same proxies: Istio denies requests for which policies name
 * two providers, and two EnvoyFilters would check each request twice. What their selectors leave open is for
 * preflight, see {@link claimedBefore}.
 *
 * @returns rejects when the namespace or the labels of a target, known only later, make it meet another component's.
 * @throws ComponentRefusal naming both components.
 */
export function claimProxies(
  component: pulumi.ComponentResource,
  { name, enforcement, mesh, targets }: IntegrationSettings,
): pulumi.Output<boolean> {
  const taken = claims.of(component);
  const root = isDeferred(mesh.istioNamespace) ? undefined : mesh.istioNamespace;
  const claim = (target: ClaimedTarget, index: number): void => {
    const other = taken.find(
      (one) => one.component !== name && claimsOverlap(target, one, root) === "certain",
    );
    if (other !== undefined) {
      throw new ComponentRefusal(refusal(target, other, index), component);
    }
    taken.push(target);
  };
  const later = targets.map(({ namespace, matchLabels, ...target }, index) =>
    whenKnown({ namespace, matchLabels }, (known) => {
      claim({ ...target, ...known, component: name, enforcement }, index);
      return true;
    }),
  );
  return pulumi.all(later).apply(() => true);
}

/** What other components of the program claimed before a component did. */
export function claimedBefore(component: pulumi.ComponentResource, name: string): ClaimedTarget[] {
  const all = claims.of(component);
  const own = all.findIndex((one) => one.component === name);
  return own < 0 ? [...all] : all.slice(0, own);
}

/** How the targets of two components relate, whichever of them asks for more. */
export function claimsOverlap(
  one: ClaimedTarget,
  other: ClaimedTarget,
  rootNamespace: string | undefined,
): SelectionOverlap {
  const kindOf = ({ kind = TargetKind.Workload }: ClaimedTarget): TargetKind => kind;
  const bothFilter = [one, other].every(({ enforcement }) => usesEnvoyFilters(enforcement));
  if (bothFilter && kindOf(one) !== kindOf(other)) {
    // An EnvoyFilter is for the listeners of sidecars or for those of gateways.
    return "none";
  }
  const [mine, theirs] = [proxiesOfTarget(one), proxiesOfTarget(other)];
  const overlap = selectionOverlap(mine, theirs, rootNamespace);
  return overlap === "open" ? selectionOverlap(theirs, mine, rootNamespace) : overlap;
}

function refusal(target: ClaimedTarget, other: ClaimedTarget, index: number): string {
  return (
    `SigsciIstioIntegration "${target.component}": targets[${index}], ${target.name} (${describeProxies(target)}), ` +
    `may select proxies of target ${other.name} (${describeProxies(other)}) of "${other.component}", ` +
    "and Istio uses one external authorizer for a proxy.\n" +
    "    Let one component protect them, or tell them apart by one label: " +
    'matchLabels: { app: "web" } here and { app: "api" } there.'
  );
}
