import * as pulumi from "@pulumi/pulumi";
import { Placement } from "./args/integration";
import type { HeldBackTargets } from "./enforcement/heldBack";
import { registerEnvoyFilters } from "./enforcement/registerEnvoyFilters";
import { registerPolicies } from "./enforcement/registerPolicies";
import type { RegisteredPolicies } from "./enforcement/registerPolicies";
import { registerShadows } from "./enforcement/registerShadows";
import type { PlannedMesh } from "./mesh/planMesh";
import { waitAfterWrite, waitForProxies } from "./mesh/waitForProxies";
import { isEngineUpdate } from "./pulumi/engineRun";
import { idsOf } from "./pulumi/inputs";
import type { IntegrationSettings } from "./settings/integration";

/** Resources, once every check has passed; rejects as soon as one has not. */
export type After = (resources: pulumi.Input<pulumi.Resource>[]) => pulumi.Output<pulumi.Resource[]>;

/** What the proxies are told of. */
export interface ConnectionContext {
  component: pulumi.ComponentResource;
  settings: IntegrationSettings;
  /** Where the proxies reach the agent. */
  agentHost: pulumi.Output<string>;
  /** Access logs that a Telemetry keeps. */
  keptLogs: pulumi.Input<readonly string[]>;
  /** Targets that are not enforced yet. */
  heldBack: pulumi.Input<HeldBackTargets>;
  after: After;
}

/** What makes the proxies ask the agent, and when it does something. */
export interface Connection extends RegisteredPolicies {
  envoyFilters: pulumi.Resource[];
  /** Whether the providers of policies were seen in the mesh configuration; rejects when they were not. */
  seen: pulumi.Output<boolean>;
  /** Whether the proxies know what was written. */
  settled: pulumi.Output<boolean>;
}

/** By EnvoyFilters: the mesh configuration plays no part. */
export function connectByFilters(
  context: ConnectionContext,
  agent: pulumi.Input<pulumi.Resource>[],
): Connection {
  const { component, settings, agentHost, heldBack, after } = context;
  // Nothing tells a program whether its run changes a filter: each counts as changed.
  const changed = settings.teardown ? [] : settings.targets.map(() => true);
  // An agent in the pod has no address that istiod would have to bring.
  const isInPod = settings.placement === Placement.Sidecar;
  const ready = isInPod ? after(agent) : knownToProxies(context, changed, after(agent));
  const envoyFilters = registerEnvoyFilters(component, settings, agentHost, heldBack, ready);
  return {
    policies: [],
    telemetries: [],
    envoyFilters,
    seen: pulumi.output(true),
    settled: settled(context, changed, after(envoyFilters)),
  };
}

/** By policies: agent before provider before policy; in teardown the policies lose their effect before the provider goes. */
export function connectByMesh(
  context: ConnectionContext,
  { edits, registerIstiodPatches }: PlannedMesh,
  agent: pulumi.Input<pulumi.Resource>[],
): Connection {
  const { component, settings, keptLogs, heldBack, after } = context;
  const changed = pulumi.all(edits.map(({ plan }) => plan.apply(({ unchanged }) => !unchanged)));
  if (settings.teardown) {
    const enforcement = registerPolicies(component, settings, keptLogs, heldBack, after([]));
    const patches = seenEdits(edits, after([...agent, ...enforcement.policies]));
    registerIstiodPatches(after(patches));
    const end = settled(context, changed, after(patches));
    return { ...enforcement, envoyFilters: [], seen: pulumi.output(true), settled: end };
  }
  // Where nothing is edited, the mesh names the agent already, and a policy that may be new makes the proxies ask it.
  const ready = knownToProxies(context, edits.length > 0 ? changed : [true], after(agent));
  const patches = seenEdits(edits, ready);
  // With strategy External somebody else writes, and what was read has been judged before the agent.
  const known = patches.length > 0 ? [...patches, ...registerIstiodPatches(after(patches))] : agent;
  const shadows = registerShadows(component, settings, after([]));
  // A policy that is known before its shadow would block until that has come too.
  const shadowed = knownToProxies(
    context,
    shadows.map(() => true),
    after(shadows),
  );
  const before = pulumi.all([ready, shadowed]).apply(() => after([...known, ...shadows]));
  const enforcement = registerPolicies(component, settings, keptLogs, heldBack, before);
  // When the look refuses, no policy is registered, and nothing may wait for one.
  const seen = after(known).apply(() => true);
  const written = seen.apply(() => after([...patches, ...enforcement.policies]));
  return { ...enforcement, envoyFilters: shadows, seen, settled: settled(context, changed, written) };
}

/** Registers the edits of the mesh configuration: the patches, and that each was seen to hold. */
function seenEdits(
  edits: PlannedMesh["edits"],
  after: pulumi.Output<pulumi.Resource[]>,
): pulumi.Input<pulumi.Resource>[] {
  return edits.flatMap((edit) => {
    const { patch, seen } = edit.register(after);
    return [patch, seen];
  });
}

/**
 * Resources, once istiod has told the proxies of them. In one push with the address of the agent, a proxy would ask
 * before it has that address; and Kubernetes publishes the address a moment after the agent is ready.
 */
function knownToProxies(
  context: ConnectionContext,
  changed: pulumi.Input<boolean[]>,
  resources: pulumi.Output<pulumi.Resource[]>,
): pulumi.Output<pulumi.Resource[]> {
  return isEngineUpdate() ? settled(context, changed, resources).apply(() => resources) : resources;
}

/** When the proxies know what was written, so that what the engine deletes at the end is asked by nobody. */
function settled(
  { component, settings: { inspection, teardown } }: ConnectionContext,
  changes: pulumi.Input<boolean[]>,
  written: pulumi.Output<pulumi.Resource[]>,
): pulumi.Output<boolean> {
  const isWritten = isEngineUpdate();
  return pulumi.all([changes, idsOf(written)]).apply(async ([changed]) => {
    const seconds = waitAfterWrite({ teardown, failOpen: inspection.failOpen, changed, isWritten });
    await waitForProxies(seconds, (line) => void pulumi.log.info(line, component));
    return true;
  });
}
