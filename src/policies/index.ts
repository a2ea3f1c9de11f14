import { PolicyPack, type PolicyConfigSchema, type StackValidationPolicy } from "@pulumi/policy";
import {
  endlessObserving,
  policiesWithoutProvider,
  switchedOffTargets,
  uncoveredGateways,
  unexplainedFailOpen,
  unsupportedAgents,
  type Violation,
} from "./checks";
import type { StackResource } from "./stackFacts";

/** A policy of this package: one rule about the whole stack. */
interface Rule<T extends object> {
  readonly name: string;
  readonly description: string;
  readonly enforcementLevel: "advisory" | "mandatory";
  readonly configSchema: PolicyConfigSchema;
  readonly check: (resources: readonly StackResource[], config: T) => Violation[];
}

function policyOf<T extends object>({ check, ...rule }: Rule<T>): StackValidationPolicy {
  return {
    ...rule,
    validateStack: (args, report) => {
      for (const { message, urn } of check(args.resources, args.getConfig<T>())) {
        report(message, urn);
      }
    },
  };
}

const names = (description: string): PolicyConfigSchema["properties"][string] => ({
  type: "array",
  items: { type: "string" },
  description,
});

const dayOf = (what: string): PolicyConfigSchema["properties"][string] => ({
  type: "string",
  format: "date",
  description: `Day for which ${what} is judged, as YYYY-MM-DD.`,
});

/**
 * Every gateway of the stack that takes requests from outside has a target that inspects it. Configuration: `internal`,
 * a list of `<namespace>/<name>`.
 */
export const gatewaysAreCovered: StackValidationPolicy = policyOf({
  name: "sigsci-gateways-are-covered",
  description: "Every gateway of the stack is inspected by the WAF.",
  enforcementLevel: "mandatory",
  configSchema: {
    properties: { internal: names("Gateways that nobody outside reaches, as namespace/name.") },
  },
  check: uncoveredGateways,
});

/**
 * A target that the internet reaches fails open only where the configuration says why. Configuration: `exceptions`, a map
 * from `<component>/<target>` to the reason, and `internetFacing`, a list of targets besides those of gateways.
 */
export const failingOpenIsExplained: StackValidationPolicy = policyOf({
  name: "sigsci-failing-open-is-explained",
  description: "Targets that the internet reaches fail closed, or somebody has written down why not.",
  enforcementLevel: "mandatory",
  configSchema: {
    properties: {
      exceptions: {
        type: "object",
        additionalProperties: { type: "string" },
        description: "Why a target may fail open, by component/target.",
      },
      internetFacing: names(
        "Targets that the internet reaches though they are no gateways, as component/target.",
      ),
    },
  },
  check: unexplainedFailOpen,
});

/**
 * Every AuthorizationPolicy with the action CUSTOM names a provider that a component of the stack defines. Configuration:
 * `providers`, a list of further ones.
 */
export const providersExist: StackValidationPolicy = policyOf({
  name: "sigsci-providers-exist",
  description: "No CUSTOM policy names an extension provider that is not there.",
  enforcementLevel: "mandatory",
  configSchema: { properties: { providers: names("Extension providers that somebody else defines.") } },
  check: policiesWithoutProvider,
});

/** Every agent runs a version that is pinned and that Fastly supports. Configuration: `today`, as `YYYY-MM-DD`. */
export const agentIsSupported: StackValidationPolicy = policyOf({
  name: "sigsci-agent-is-supported",
  description: "Agents run a pinned version that Fastly supports.",
  enforcementLevel: "advisory",
  configSchema: { properties: { today: dayOf("support") } },
  check: unsupportedAgents,
});

/**
 * No target of a production stack is switched off. Configuration: `stacks`, a regular expression for the names of
 * production stacks.
 */
export const productionIsOn: StackValidationPolicy = policyOf({
  name: "sigsci-production-is-on",
  description: "No target of a production stack is in teardown, or at 0 percent.",
  enforcementLevel: "mandatory",
  configSchema: {
    properties: {
      stacks: {
        type: "string",
        format: "regex",
        description: "Names of production stacks, as a regular expression.",
        default: "(^|[-.])prod",
      },
    },
  },
  check: switchedOffTargets,
});

/**
 * No target observes for long: each says until when, by `observeUntil`, and that day is not past and at most `days` (30)
 * away. Configuration: `days`, and `today` as `YYYY-MM-DD`.
 */
export const observingEnds: StackValidationPolicy = policyOf({
  name: "sigsci-observing-ends",
  description: "Targets that observe, where attacks pass, end that soon.",
  enforcementLevel: "mandatory",
  configSchema: {
    properties: {
      days: {
        type: "number",
        description: "Days from now within which observing has to end.",
        default: 30,
        minimum: 0,
        maximum: 3650,
      },
      today: dayOf("that"),
    },
  },
  check: endlessObserving,
});

/** All policies of this package, for a pack of your own. */
export const sigsciIstioPolicies: readonly StackValidationPolicy[] = [
  gatewaysAreCovered,
  failingOpenIsExplained,
  providersExist,
  agentIsSupported,
  productionIsOn,
  observingEnds,
];

/**
 * A policy pack of all policies. Call it once, in the `index.ts` of a folder with PulumiPolicy.yaml.
 *
 * @param name - Name of the pack.
 */
export function sigsciIstioPolicyPack(name = "sigsci-istio"): PolicyPack {
  return new PolicyPack(name, { policies: [...sigsciIstioPolicies] });
}
