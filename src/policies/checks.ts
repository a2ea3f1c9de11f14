import type { TargetCoverage } from "../enforcement/targetCoverage";
import { InspectionMode } from "../args/inspection";
import { listAt, textAt } from "../kubernetes/liveObject";
import { SupportState, versionSupport } from "../settings/versionSupport";
import { COMPONENT_TYPE } from "../render/externalMesh";
import { podImages } from "./podImages";
import { coveredTargets, edgeGateways, resourcesOf, stackOf, type StackResource } from "./stackFacts";

/** Something that a policy refuses. */
export interface Violation {
  readonly message: string;
  /** The resource that it is about. */
  readonly urn: string;
}

/** Gateways that need no target. */
export interface GatewayConfig {
  /** `<namespace>/<name>` of gateways that nobody outside reaches. */
  readonly internal?: readonly string[];
}

/** Every gateway of the stack has a target that inspects it. */
export function uncoveredGateways(
  resources: readonly StackResource[],
  { internal = [] }: GatewayConfig,
): Violation[] {
  const targets = coveredTargets(resources);
  return edgeGateways(resources)
    .filter(({ id }) => !internal.some((name) => id === `Gateway ${name}`))
    .flatMap(({ id, urn, isMeantBy }) => {
      const meaning = targets.filter(({ coverage }) => isMeantBy(coverage));
      if (meaning.some(({ coverage }) => coverage.percent > 0)) {
        return [];
      }
      const [idle] = meaning;
      const reason =
        idle === undefined ? "no target means it" : `its target ${idle.id} inspects 0 % of the requests`;
      const message =
        `${id}: ${reason}, so requests from outside pass it uninspected. Add a target with kind: TargetKind.Gateway, or ` +
        "name it in `internal` of this policy.";
      return [{ message, urn }];
    });
}

/** Which targets may fail open though the internet reaches them. */
export interface FailOpenConfig {
  /** Why, by `<component>/<target>`. */
  readonly exceptions?: Readonly<Record<string, string>>;
  /** `<component>/<target>` of targets that the internet reaches though they are no gateways. */
  readonly internetFacing?: readonly string[];
}

/** The output of a component in any language has texts in place of enums. */
function observes({ mode }: Pick<TargetCoverage, "mode">): boolean {
  const observing: string = InspectionMode.Observe;
  return mode === observing;
}

/** A target that the internet reaches fails open only where somebody has written down why. */
export function unexplainedFailOpen(
  resources: readonly StackResource[],
  { exceptions = {}, internetFacing = [] }: FailOpenConfig,
): Violation[] {
  return (
    coveredTargets(resources)
      .filter(({ id, coverage }) => coverage.kind === "Gateway" || internetFacing.includes(id))
      // What observes passes in any case, and is for another policy.
      .filter(({ coverage }) => !observes(coverage))
      .filter(({ id, coverage }) => coverage.failOpen && (exceptions[id] ?? "").trim() === "")
      .map(({ id, urn }) => ({
        urn,
        message:
          `target ${id} fails open: while the agent does not answer, requests from the internet pass uninspected. Set ` +
          "`inspection.failOpen: false`, or write the reason down: " +
          `exceptions: { "${id}": "…" } in the configuration of this policy.`,
      }))
  );
}

/** Providers that the stack does not define itself. */
export interface ProviderConfig {
  /** Names of the extension providers that somebody else puts into the mesh config. */
  readonly providers?: readonly string[];
}

/** Every CUSTOM policy names a provider that a component of the stack defines, or that is said to be there. */
export function policiesWithoutProvider(
  resources: readonly StackResource[],
  { providers = [] }: ProviderConfig,
): Violation[] {
  const defined = resources
    .filter(({ type }) => type === COMPONENT_TYPE)
    .flatMap(({ props }) => listAt(props, "extensionProviders").flatMap((one) => textAt(one, "name") ?? []));
  const known = new Set([...defined, ...providers]);
  return resourcesOf(resources, "security.istio.io", "AuthorizationPolicy")
    .filter(({ props }) => textAt(props, "spec", "action") === "CUSTOM")
    .flatMap(({ name, urn, props }) => {
      const provider = textAt(props, "spec", "provider", "name") ?? "";
      const message =
        `AuthorizationPolicy ${textAt(props, "metadata", "name") ?? name} names the provider "${provider}", which no ` +
        "component of the stack defines: where istiod does not know it, every request that the policy matches is refused " +
        "with 403. Correct the name, or add it to `providers` of this policy.";
      return known.has(provider) ? [] : [{ message, urn }];
    });
}

const agentImage = /(?:^|\/)sigsci-agent(?::(?<tag>[^@]+))?(?<digest>@.+)?$/;

/** Images of agents that are not Fastly's own. */
export interface AgentVersionConfig {
  /** Day for which support is judged, as `YYYY-MM-DD`; the day of the run when not given. */
  readonly today?: string;
}

/** Every agent runs a version that is pinned, and that Fastly supports. */
export function unsupportedAgents(
  resources: readonly StackResource[],
  { today }: AgentVersionConfig,
): Violation[] {
  const day = today === undefined ? new Date() : new Date(today);
  return podImages(resources).flatMap(({ name, urn, image }) => {
    const problem = imageProblem(image, day);
    return problem === undefined ? [] : [{ urn, message: `${name}: the agent's image ${image} ${problem}` }];
  });
}

function imageProblem(image: string, today: Date): string | undefined {
  const match = agentImage.exec(image);
  if (match === null) {
    return undefined;
  }
  const { tag = "latest", digest } = match.groups ?? {};
  const support = versionSupport(tag, today);
  if (support === undefined) {
    return digest === undefined
      ? "names no version: a restarted pod may run another agent than the one that was tried. Set `agent.image.version`."
      : undefined;
  }
  const until = dayOf(support.supportedUntil);
  return support.state === SupportState.Ended
    ? `is out of support since ${until}: it gets no new rules, and requests pass as the old ones decide. Set a newer \`agent.image.version\`.`
    : undefined;
}

/** Which stacks are in production. */
export interface ProductionConfig {
  /** Regular expression for their names; `(^|[-.])prod` when not given. */
  readonly stacks?: string;
}

/** No target of a production stack is switched off, as `teardown: true` and `rolloutPercent: 0` do. */
export function switchedOffTargets(
  resources: readonly StackResource[],
  { stacks = "(^|[-.])prod" }: ProductionConfig,
): Violation[] {
  const isProduction = new RegExp(stacks);
  return coveredTargets(resources)
    .filter(({ urn, coverage }) => coverage.percent === 0 && isProduction.test(stackOf({ urn })))
    .map(({ id, urn }) => ({
      urn,
      message:
        `target ${id} inspects 0 % of its requests in stack ${stackOf({ urn })}: they all pass uninspected. Take ` +
        "`teardown: true` or `rolloutPercent: 0` out.",
    }));
}

/** How long targets may observe. */
export interface ObservingConfig {
  /** Days from now within which observing has to end; 30 when not given. */
  readonly days?: number;
  /** Day for which that is judged, as `YYYY-MM-DD`; the day of the run when not given. */
  readonly today?: string;
}

/** Every target that observes says until when, and that day is neither past nor far. */
export function endlessObserving(
  resources: readonly StackResource[],
  { days = 30, today }: ObservingConfig,
): Violation[] {
  const now = today === undefined ? new Date() : new Date(today);
  const last = new Date(now);
  last.setUTCDate(last.getUTCDate() + days);
  const [first, end] = [dayOf(now), dayOf(last)];
  return coveredTargets(resources)
    .filter(({ coverage }) => observes(coverage))
    .flatMap(({ id, urn, coverage }) => {
      const problem = observingProblem(coverage.observeUntil, first, end);
      return problem === undefined
        ? []
        : [
            {
              urn,
              message:
                `target ${id} observes, so attacks on it pass, and ${problem}. Set its \`mode\` to Block, or ` +
                `\`observeUntil\` to a day until ${end}.`,
            },
          ];
    });
}

function observingProblem(until: string | undefined, first: string, end: string): string | undefined {
  if (until === undefined) {
    return "does not say until when";
  }
  if (until < first) {
    return `was to end that on ${until}`;
  }
  return until > end ? `only ends that on ${until}` : undefined;
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
