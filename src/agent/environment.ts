import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { isDeferred, whenKnown } from "../pulumi/inputs";
import type { SecretReference } from "../settings/secretReference";
import { defaultMountPath } from "../settings/agentDefaults";
import { agentOptions, optionVariable } from "./optionCatalogue";
import { cpuLimit } from "./resources";
import { statsdAddress } from "./metricsExporter";
import type { AgentSettings } from "../settings/agent";
import { startupVariable, type ListenHost } from "./startupProbe";

type EnvVar = k8s.types.input.core.v1.EnvVar;

/** A variable of our own: its name is plain. */
interface NamedVariable extends EnvVar {
  name: string;
}

/**
 * The environment of the agent's container, always in this order: the keys; the raw variables as given (what
 * follows may refer to them as `$(NAME)`); listener, response data, startup probe; what follows from the
 * resources and the volume; the typed options in the order of the catalogue; the other options by name.
 *
 * It is a plain list unless the resources or a raw variable's name are known only later: they decide which
 * variables there are.
 *
 * @param settings - The agent's settings, which passed `environmentProblems`.
 */
export function agentEnvironment(
  settings: AgentSettings,
  secret: SecretReference,
  listenHost: ListenHost,
): pulumi.Input<pulumi.Input<EnvVar>[]> {
  const deciding = {
    resources: settings.resources,
    rawNames: settings.env.map((variable) =>
      isDeferred(variable) ? pulumi.output(variable).apply((known) => known.name) : variable.name,
    ),
  };
  const chosen = chosenVariables(settings);
  const chosenNames = new Set(chosen.map((variable) => variable.name));
  return whenKnown(deciding, ({ resources, rawNames }) => {
    const isSet = (variable: NamedVariable): boolean =>
      chosenNames.has(variable.name) || rawNames.some((name) => name === variable.name);
    return [
      ...keyVariables(secret),
      ...settings.env,
      ...listenerVariables(settings, listenHost),
      ...derivedVariables(settings, resources).filter((variable) => !isSet(variable)),
      ...chosen,
    ];
  });
}

function keyVariables(secret: SecretReference): NamedVariable[] {
  const keys = [
    ["accesskeyid", secret.accessKeyIdKey],
    ["secretaccesskey", secret.secretAccessKeyKey],
    ["anonymous-ip-secret-key", secret.anonymousIpSecretKeyKey],
  ] as const;
  return keys.flatMap(([option, key]) =>
    key === undefined
      ? []
      : [{ name: optionVariable(option), valueFrom: { secretKeyRef: { name: secret.name, key } } }],
  );
}

function listenerVariables(settings: AgentSettings, listenHost: ListenHost): NamedVariable[] {
  const variables = [{ name: optionVariable("envoy-grpc-address"), value: `${listenHost}:${settings.port}` }];
  if (settings.externalProcessing) {
    variables.push({ name: optionVariable("envoy-extproc-enabled"), value: "true" });
  } else if (settings.expectResponseData) {
    // Off is the agent's documented default, and only "1" is documented as a value.
    variables.push({ name: optionVariable("envoy-expect-response-data"), value: "1" });
  }
  if (settings.startupProbe.enabled) {
    variables.push(startupVariable(settings, listenHost));
  }
  if (settings.metrics !== undefined) {
    variables.push({ name: optionVariable("statsd-address"), value: statsdAddress });
  }
  return variables;
}

/** Variables that follow from other arguments, unless they are set by hand. */
function derivedVariables(
  settings: AgentSettings,
  resources: pulumi.Unwrap<AgentSettings["resources"]>,
): NamedVariable[] {
  const variables: NamedVariable[] = [];
  const cpus = cpuLimit(resources);
  if (cpus !== undefined) {
    variables.push({ name: optionVariable("max-procs"), value: cpus.toString() });
  }
  const { mountPath } = settings.temporaryVolume;
  if (mountPath !== defaultMountPath) {
    variables.push(
      { name: optionVariable("rpc-address"), value: `${mountPath}/sigsci.sock` },
      { name: optionVariable("shared-cache-dir"), value: `${mountPath}/cache` },
    );
  }
  return variables;
}

/** The typed options in the order of the catalogue, then the others by name. */
function chosenVariables(settings: AgentSettings): NamedVariable[] {
  const typed = agentOptions.flatMap(({ name, field }) => {
    // The salt is a secret; it reaches the container by its Secret.
    const value =
      field === undefined || field === "anonymousIpSecretKey" ? undefined : settings.options[field];
    return value === undefined ? [] : [{ name: optionVariable(name), value: whenKnown(value, String) }];
  });
  const others = Object.entries(settings.extraOptions)
    .map(([option, value]) => ({ name: optionVariable(option), value }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  return [...typed, ...others];
}
