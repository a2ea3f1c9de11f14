import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { temporaryVolume } from "../../agent/container";
import type { TargetArgs } from "../../args/targets";
import { enforcementMetadata, enforcementName } from "../../enforcement/metadata";
import { isEngineUpdate } from "../../pulumi/engineRun";
import { ComponentRefusal } from "../../pulumi/refusal";
import { stackName } from "../../pulumi/stackName";
import type { IntegrationSettings } from "../../settings/integration";
import type { SecretReference } from "../../settings/secretReference";
import { sidecarContainer } from "../container";
import { admissionGroup, isGuarded, isInjected } from "./admitted";
import { guardActions, guardPolicySpec, injectionPolicySpec } from "./policySpecs";
import type { AddedAgent, AdmittedPods } from "./policySpecs";

/** Seconds in which the API server takes up a policy: it looks for changes each second. */
const takenUpSeconds = 2;

/** What admission needs of the component. */
export interface AdmissionContext {
  /** The component. */
  component: pulumi.ComponentResource;
  /** Its settings. */
  settings: IntegrationSettings;
  /** Its stable id, which keeps cluster-wide names apart. */
  id: pulumi.Output<string>;
  /** Where the keys are, in the namespace of each target. */
  secret: SecretReference;
}

/** What is added to the pods, once all of it is known. */
export function addedAgent({ settings, secret }: AdmissionContext): pulumi.Output<AddedAgent> {
  const { agent, sidecar } = settings;
  const added: pulumi.Output<unknown> = pulumi.output({
    container: sidecarContainer({ ...sidecar, agent, secret }),
    volume: temporaryVolume(agent),
  });
  // Every Output in it was waited for, which its type does not follow.
  return added as pulumi.Output<AddedAgent>;
}

/**
 * Makes sure that nothing of what is added is secret, which is known before its values are: everybody who may read
 * policies would read it.
 *
 * @returns rejects with a ComponentRefusal.
 */
export function refuseSecrets(
  { component, settings }: AdmissionContext,
  added: pulumi.Output<AddedAgent>,
): pulumi.Output<boolean> {
  return pulumi.output(pulumi.isSecret(added)).apply((isSecret) => {
    if (isSecret) {
      throw new ComponentRefusal(
        `SigsciIstioIntegration "${settings.name}": a value of \`agent\` is secret, and with sidecar.injection ` +
          '"Admission" it would stand in plain text in a policy of the cluster.\n' +
          "    Put it into a Secret in the namespace of each target, and refer to it: " +
          'agent.env: [{ name: "…", valueFrom: { secretKeyRef: { name: "…", key: "…" } } }].',
        component,
      );
    }
    return true;
  });
}

/** Options of a resource that comes after some others, and in a refused run waits for none of them. */
type OptionsAfter = (...dependsOn: pulumi.Input<pulumi.Resource>[]) => pulumi.CustomResourceOptions;

/**
 * Registers the policies of the targets with their bindings: first what adds the agent, then what refuses pods without
 * it. They go in the opposite order.
 *
 * @param added - What {@link addedAgent} gave.
 * @param options - Options after what must be there before: the keys, and the agent in the pod templates.
 */
export function registerAdmission(
  context: AdmissionContext,
  added: pulumi.Output<AddedAgent>,
  options: OptionsAfter,
): pulumi.Input<pulumi.Resource>[] {
  const { settings } = context;
  const who = `component ${settings.name} of ${stackName()}`;
  return settings.targets.flatMap((target) => {
    const pods = podsOf(settings, target);
    const names = namesOf(context, target);
    const injection = isInjected(settings, target)
      ? registerPolicy(
          names,
          { kind: "MutatingAdmissionPolicy", part: "injection" },
          pulumi
            .all([pods, added])
            .apply(([known, agent]) => injectionPolicySpec(known, agent, settings.sidecar)),
          {},
          options,
        )
      : [];
    const guard = isGuarded(settings, target)
      ? registerPolicy(
          names,
          { kind: "ValidatingAdmissionPolicy", part: "guard" },
          pods.apply((known) =>
            guardPolicySpec(known, settings.sidecar, {
              who,
              target: target.name,
              isAdded: isInjected(settings, target),
            }),
          ),
          { validationActions: guardActions(settings.sidecar) },
          (...before) => options(...injection, ...before),
        )
      : [];
    return [...injection, ...guard];
  });
}

function podsOf({ agent }: IntegrationSettings, target: TargetArgs): pulumi.Output<AdmittedPods> {
  const { namespace, matchLabels, targetRefs } = target;
  return pulumi
    .all([namespace, matchLabels])
    .apply(([place, labels]) => ({ namespace: place, matchLabels: labels, targetRefs, port: agent.port }));
}

interface Names {
  logical: string;
  metadata: k8s.types.input.meta.v1.ObjectMeta & { name: pulumi.Output<string> };
}

/** Policies are no objects of a namespace: the component's id keeps those of all stacks of a cluster apart. */
function namesOf({ settings, id }: AdmissionContext, target: TargetArgs): Names {
  const { labels, annotations } = enforcementMetadata(settings, target);
  const own = enforcementName(settings.name, target.name);
  const name = pulumi.interpolate`${own}.${target.namespace}.${id}`;
  return { logical: own, metadata: { name, labels, annotations } };
}

/** A policy and its binding. By their kinds alone: an SDK that is older than the API has no classes for them. */
function registerPolicy(
  { logical, metadata }: Names,
  { kind, part }: { kind: string; part: string },
  spec: pulumi.Output<object>,
  binding: object,
  options: OptionsAfter,
): pulumi.Input<pulumi.Resource>[] {
  const apiVersion = `${admissionGroup}/v1`;
  const policy = new k8s.apiextensions.CustomResource(
    `${logical}-${part}`,
    { apiVersion, kind, metadata, spec },
    options(),
  );
  const bound = new k8s.apiextensions.CustomResource(
    `${logical}-${part}-binding`,
    { apiVersion, kind: `${kind}Binding`, metadata, spec: { policyName: metadata.name, ...binding } },
    options(policy),
  );
  return [policy, takenUp(bound)];
}

/** A binding, once API servers go by it: pods that are created at once would be as before. */
function takenUp(binding: pulumi.CustomResource): pulumi.Input<pulumi.Resource> {
  return isEngineUpdate()
    ? binding.id.apply(async () => {
        await new Promise((resolve) => setTimeout(resolve, takenUpSeconds * 1000));
        return binding;
      })
    : binding;
}
