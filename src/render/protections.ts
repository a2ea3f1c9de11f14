import type { ExcludedPodsArgs } from "../args/sidecar";
import { excludedPodsOf } from "../enforcement/excludedPods";
import { componentAnnotation, targetAnnotation } from "../enforcement/metadata";
import { revisionKey } from "../kubernetes/injection";
import {
  annotationsOf,
  at,
  labelsOf,
  listAt,
  nameOf,
  textAt,
  textMapAt,
  type LiveObject,
} from "../kubernetes/liveObject";
import { COMPONENT_TYPE } from "./externalMesh";
import { kubernetesObject } from "./kubernetesObject";
import type { RecordedResource } from "../offline/recordedResource";
import { checkedContexts, insertedChecks, mergesShadow } from "../kubernetes/externalChecks";
import { describeFilters, describeRules, type RequestLimits } from "./requestLimits";
import { reveal } from "../offline/secretValue";
import { isRecord } from "../pulumi/inputs";

/** A rendered object that sends requests to an external authorizer. */
export interface Protection {
  /** `namespace/name` of the object */
  readonly policy: string;
  readonly kind: "AuthorizationPolicy" | "EnvoyFilter";
  readonly namespace: string;
  /** extension provider of the policy; undefined for an EnvoyFilter */
  readonly provider: string | undefined;
  /** labels of the pods it selects (none: all pods), or undefined if it names what it protects by reference */
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** `Kind namespace/name` of each gateway or waypoint it names */
  readonly references: readonly string[];
  readonly limits: RequestLimits;
  /** `<component>/<target>` that a component of ours made it for */
  readonly target: string | undefined;
  /** whether requests pass whatever the authorizer answers */
  readonly observed: boolean;
  /** whether requests pass when the authorizer does not answer; undefined where the provider says so */
  readonly failOpen: boolean | undefined;
  /** whether request bodies are sent along; undefined where the provider says so */
  readonly sendsBodies: boolean | undefined;
  /** pods among those that it selects which have no agent to ask, as `sidecar.excludedPods` leaves them without it */
  readonly excludedPods: readonly ExcludedPodsArgs[];
  /** the only proxies that regard it; undefined when all do */
  readonly proxies: "sidecars" | "gateways" | undefined;
  /** the only revision whose istiod regards it, when it is labelled with one */
  readonly revision: string | undefined;
}

type Identity = Pick<Protection, "policy" | "namespace" | "revision" | "target" | "excludedPods">;

/** What an object says of itself; a policy is observed by an EnvoyFilter beside it. */
type Found = Omit<Protection, keyof Identity | "observed"> & { readonly observed?: boolean };

function reach(
  spec: unknown,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): Pick<Protection, "labels" | "references"> {
  const references = [...listAt(spec, "targetRefs"), at(spec, "targetRef")]
    .filter(isRecord)
    .map(({ kind, name }) => `${String(kind)} ${namespace}/${String(name)}`);
  return { references, labels: references.length > 0 ? undefined : labels };
}

function fromPolicy(spec: unknown, namespace: string): Found | undefined {
  if (at(spec, "action") !== "CUSTOM") {
    return undefined;
  }
  return {
    kind: "AuthorizationPolicy",
    provider: textAt(spec, "provider", "name"),
    ...reach(spec, namespace, textMapAt(spec, "selector", "matchLabels")),
    limits: describeRules(at(spec, "rules")),
    failOpen: undefined,
    sendsBodies: undefined,
    proxies: undefined,
  };
}

function fromEnvoyFilter(
  spec: unknown,
  namespace: string,
  requests: readonly string[] | undefined,
): Found | undefined {
  const checks = insertedChecks(spec);
  if (checks.length === 0) {
    return undefined;
  }
  return {
    kind: "EnvoyFilter",
    provider: undefined,
    ...reach(spec, namespace, textMapAt(spec, "workloadSelector", "labels")),
    limits: describeFilters(checks, requests),
    observed: checks.every(({ observed }) => observed),
    failOpen: checks.every(({ failOpen }) => failOpen),
    sendsBodies: checks.some(({ sendsBodies }) => sendsBodies),
    proxies: proxiesIn(checkedContexts(spec)),
  };
}

function proxiesIn(contexts: readonly string[]): Protection["proxies"] {
  const [context, ...others] = contexts;
  if (others.length > 0) {
    return undefined;
  }
  return context === "GATEWAY" ? "gateways" : context?.startsWith("SIDECAR_") ? "sidecars" : undefined;
}

function targetOf(object: LiveObject): string | undefined {
  const { [componentAnnotation]: component, [targetAnnotation]: target } = annotationsOf(object);
  return component === undefined || target === undefined ? undefined : `${component}/${target}`;
}

/** The target whose policy an object keeps from blocking, given its kind. */
export function observedTarget(kind: string, object: LiveObject): string | undefined {
  return kind === "EnvoyFilter" && mergesShadow(at(object, "spec")) ? targetOf(object) : undefined;
}

/**
 * The protection that an object is, given its kind; undefined when it asks no external authorizer.
 *
 * @param observed - What {@link observedTarget} says of all objects.
 * @param requests - What targets say of the requests that are inspected, by `<component>/<target>`.
 */
export function protectionOf(
  kind: string,
  object: LiveObject,
  observed: ReadonlySet<string | undefined>,
  requests: ReadonlyMap<string, readonly string[]> = new Map(),
): Protection | undefined {
  const namespace = textAt(object, "metadata", "namespace") ?? "default";
  const spec = at(object, "spec");
  const read = { AuthorizationPolicy: fromPolicy, EnvoyFilter: fromEnvoyFilter };
  const target = targetOf(object);
  const found =
    kind === "AuthorizationPolicy" || kind === "EnvoyFilter"
      ? read[kind](spec, namespace, requests.get(target ?? ""))
      : undefined;
  return (
    found && {
      policy: `${namespace}/${nameOf(object)}`,
      namespace,
      revision: labelsOf(object)[revisionKey],
      target,
      excludedPods: excludedPodsOf(object),
      observed: target !== undefined && observed.has(target),
      ...found,
    }
  );
}

/** Everything in a recording that sends requests to an external authorizer, in order of creation. */
export function findProtections(resources: readonly RecordedResource[]): Protection[] {
  const objects = resources.flatMap((resource) => {
    const object = kubernetesObject(resource);
    if (object === undefined || resource.isRead) {
      return [];
    }
    const { kind, name, namespace } = object;
    const given = { metadata: reveal(resource.inputs.metadata) };
    const metadata = { name, namespace, labels: labelsOf(given), annotations: annotationsOf(given) };
    return [{ kind, manifest: { metadata, spec: reveal(resource.inputs.spec) } }];
  });
  const observed = new Set(objects.map(({ kind, manifest }) => observedTarget(kind, manifest)));
  const requests = requestsByTarget(resources);
  return objects.flatMap(({ kind, manifest }) => protectionOf(kind, manifest, observed, requests) ?? []);
}

/** What components of ours say of the requests of their targets: an EnvoyFilter does not say it in words. */
function requestsByTarget(resources: readonly RecordedResource[]): ReadonlyMap<string, readonly string[]> {
  const entries = resources
    .filter(({ type }) => type === COMPONENT_TYPE)
    .flatMap(({ name, outputs }) =>
      listAt({ coverage: reveal(outputs.coverage) }, "coverage").map((target): [string, string[]] => [
        `${name}/${textAt(target, "name") ?? ""}`,
        listAt(target, "requests").map(String),
      ]),
    );
  return new Map(entries);
}
