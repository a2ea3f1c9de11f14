import * as pulumi from "@pulumi/pulumi";
import { containsDeferred, isDeferred, isRecord, mapInput } from "../pulumi/inputs";
import { filled, input, like, list, object, text } from "../validation/shape";
import { sidecarAgentShape } from "../validation/shapes/sidecar";
import { labelsShape } from "../validation/shapes/targets";
import { dnsLabel } from "../kubernetes/syntax";
import { addAgent } from "./addAgent";
import type { Place } from "./addAgent";
import { sidecarAgentProblems } from "../validation/sidecarProblems";
import type { SidecarAgentArgs } from "../args/sidecar";
import { refuse } from "./refusal";
import { sidecarSettings } from "../settings/sidecar";
import type { SidecarSettings } from "../settings/sidecar";
import { workloadType } from "../kubernetes/podTemplates";

/** Which workloads of a program or a chart get the agent. */
export interface SigsciAgentTransformArgs {
  /** Labels that the pod template of a workload must have, at least one. */
  matchLabels: Record<string, string>;

  /** Namespaces that have the Secret with the keys. A workload with the labels in any other namespace is an error. */
  namespaces: pulumi.Input<string>[];

  /** The agent. */
  agent: SidecarAgentArgs;
}

type Fields = Readonly<Record<string, unknown>>;

const subject = "sigsciAgentTransform";
const transformShape = object<SigsciAgentTransformArgs>({
  fields: {
    matchLabels: filled(
      labelsShape,
      "without labels every workload would get the agent",
      "Give at least one label.",
    ),
    namespaces: filled(
      list(input(text(dnsLabel, "Give a valid Kubernetes namespace.", "shop"))),
      "no namespace has the Secret",
      "Name the namespaces that have the Secret with the keys.",
    ),
    agent: like(sidecarAgentShape, sidecarAgentProblems),
  },
  required: ["matchLabels", "namespaces", "agent"],
  otherNames: { namespace: "namespaces" },
});

/**
 * A transform that adds the agent to every workload with the labels: Deployment, StatefulSet, DaemonSet, ReplicaSet,
 * Job, CronJob, Pod, Argo Rollout, DeploymentConfig and CloneSet. It leaves every other resource alone, and patches of
 * workloads too.
 *
 * For a whole program give it to `pulumi.runtime.registerResourceTransform`, for a chart or a component as its option
 * `transforms`. A workload that has the agent already, with equal arguments, stays as it is.
 *
 * @param args - Which workloads, and the agent.
 * @throws SidecarRefusal when an argument is refused; from the transform, when a workload with the labels cannot take
 * the agent or is in a namespace without the Secret.
 */
export function sigsciAgentTransform(args: SigsciAgentTransformArgs): pulumi.ResourceTransform {
  refuse(subject, transformShape(args, ""));
  const settings = sidecarSettings(args.agent);
  return ({ type, name, props, opts }) => {
    const workload = workloadType(type);
    if (workload === undefined) {
      return undefined;
    }
    const fields = transformedProps(props);
    const place: Place = {
      subject: `${subject}: ${workload.kind} "${name}"`,
      path: [...workload.templatePath, "spec"].join("."),
      more: namespaceCheck(fields.metadata, args.namespaces),
    };
    const changed = changedAt(fields, workload.templatePath, (template) =>
      withAgent(template, args.matchLabels, settings, place),
    );
    return changed === undefined ? undefined : { props: changed, opts };
  };
}

/** The template with the agent in it; undefined when its labels are others. */
function withAgent(
  template: Fields,
  matchLabels: SigsciAgentTransformArgs["matchLabels"],
  settings: SidecarSettings,
  place: Place,
): Fields | undefined {
  const { metadata, spec } = template;
  const matches = (known: unknown): boolean => {
    const labels = isRecord(known) && isRecord(known.labels) ? known.labels : {};
    return Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
  };
  const added = (known: unknown): unknown => (isRecord(known) ? addAgent(known, settings, place) : known);
  if (containsDeferred(metadata)) {
    const later = pulumi.all<unknown>([metadata, spec]) as pulumi.Output<unknown[]>;
    return {
      ...template,
      spec: later.apply(([knownMetadata, knownSpec]) =>
        matches(knownMetadata) ? added(knownSpec) : knownSpec,
      ),
    };
  }
  return matches(metadata) ? { ...template, spec: mapInput(spec, added) } : undefined;
}

/**
 * A copy with one field changed, deep inside; undefined when there is no such field or nothing changes.
 *
 * @param change - Gives the new value, or undefined to leave it.
 */
function changedAt(
  fields: Fields,
  [first, ...rest]: readonly string[],
  change: (value: Fields) => Fields | undefined,
): Fields | undefined {
  if (first === undefined) {
    return change(fields);
  }
  const inner = (value: unknown): unknown => (isRecord(value) ? changedAt(value, rest, change) : undefined);
  const value = fields[first];
  const changed = isDeferred(value) ? mapInput(value, (known) => inner(known) ?? known) : inner(value);
  return changed === undefined ? undefined : { ...fields, [first]: changed };
}

/** A Secret serves the pods of its own namespace only. */
function namespaceCheck(
  metadata: unknown,
  namespaces: SigsciAgentTransformArgs["namespaces"],
): Place["more"] {
  return {
    facts: { namespace: namespaceOf(metadata), namespaces },
    problems: (resolved) => {
      // The facts above, with nothing deferred in them.
      const { namespace, namespaces: withSecret } = resolved as { namespace: unknown; namespaces: string[] };
      return typeof namespace === "string" && withSecret.includes(namespace)
        ? []
        : [
            {
              path: "metadata.namespace",
              value: namespace,
              reason: `its pods have the labels, and the Secret with the keys is in ${withSecret.join(", ")} only`,
              remedy:
                namespace === undefined
                  ? "Write the namespace: that of a provider is not seen here."
                  : "Create the Secret there and add the namespace, or choose labels that leave it out.",
            },
          ];
    },
  };
}

function namespaceOf(metadata: unknown): unknown {
  return mapInput(metadata, (known) => (isRecord(known) ? known.namespace : undefined));
}

// The protocol's mark of a secret; the SDK hands it on to transforms as it came. Source: Pulumi, sdk/nodejs/runtime/rpc.ts.
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/**
 * The properties that a transform is given, with what is secret or not known yet as Outputs, as a program has them.
 *
 * @param props - The properties as the SDK gives them.
 */
function transformedProps(props: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(props).map(([key, value]) => [key, transformedValue(value)]));
}

function transformedValue(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(transformedValue);
  }
  if (pulumi.isUnknown(value)) {
    return pulumi.output(value);
  }
  if (!isPlainObject(value)) {
    return value;
  }
  return value[signature] === secretSignature
    ? pulumi.secret(transformedValue(value.value))
    : transformedProps(value);
}

/** Outputs, assets and resources are left as they are. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
