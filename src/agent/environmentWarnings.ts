import { posix } from "node:path";
import { distance } from "fastest-levenshtein";
import type { AgentArgs } from "../args/agent";
import { defaultMountPath } from "../settings/agentDefaults";
import { known } from "../validation/known";
import { agentOption, agentOptions, documentedName, optionVariable, variableOption } from "./optionCatalogue";

/** An option by its dashed name, and where it is set. */
interface NamedOption {
  name: string;
  path: string;
}

/**
 * What a user should know about accepted options: names that look like slips, files that the agent cannot
 * write, and a listener that Istio cannot speak to.
 *
 * @param args - The agent's arguments; leaves that are known only later are skipped.
 * @param path - Where they stand, for example `agent`.
 */
export function environmentWarnings(args: AgentArgs, path: string): string[] {
  const options = untypedOptions(args, path);
  return [
    ...options.flatMap(slipWarnings),
    ...tlsWarnings(options),
    ...unwritableWarnings(args, path),
    ...networkPolicyWarnings(args, path, options),
  ];
}

function untypedOptions(args: AgentArgs, path: string): NamedOption[] {
  const extra = Object.keys(args.extraOptions ?? {}).map((name) => ({
    name,
    path: `${path}.extraOptions[${JSON.stringify(name)}]`,
  }));
  const raw = (args.env ?? []).flatMap((variable, index) => {
    const name = known(known(variable)?.name);
    const option = name === undefined ? undefined : variableOption(name);
    return option === undefined ? [] : [{ name: option, path: `${path}.env[${index}] (${name})` }];
  });
  return [...extra, ...raw];
}

function slipWarnings({ name, path }: NamedOption): string[] {
  if (agentOption(name) !== undefined) {
    return [];
  }
  const documented = documentedName(name);
  if (documented !== undefined) {
    return [
      `${path}: older examples write "${name}", but the documented option is "${documented}" ` +
        `(${optionVariable(documented)}). The agent ignores what it does not know.`,
    ];
  }
  const likely = likelyOption(name);
  return likely === undefined
    ? []
    : [
        `${path}: "${name}" is no documented option; "${likely}" (${optionVariable(likely)}) is likely meant.`,
      ];
}

/**
 * The documented option that a name most resembles, undefined when none is near: at most 2 edits away, or a
 * quarter of the name's length.
 *
 * @param name - Dashed name that is not documented.
 */
export function likelyOption(name: string): string | undefined {
  const near = agentOptions
    .map((option) => ({ name: option.name, edits: distance(name, option.name) }))
    .sort((one, other) => one.edits - other.edits)[0];
  return near !== undefined && near.edits <= Math.max(2, name.length / 4) ? near.name : undefined;
}

function tlsWarnings(options: NamedOption[]): string[] {
  return options
    .filter((option) => option.name === "envoy-grpc-cert")
    .map(
      (option) =>
        `${option.path}: the agent's listener then speaks TLS, but Istio connects in plain text unless a ` +
        "DestinationRule of yours says otherwise; with failOpen every request would pass unchecked.",
    );
}

/** The root file system is read-only: a file outside the writable volume cannot be written. */
function unwritableWarnings(args: AgentArgs, path: string): string[] {
  const mountPath = args.temporaryVolume?.mountPath ?? defaultMountPath;
  const fields = ["logOut", "wafDataLog", "rpcAddress", "sharedCacheDir"] as const;
  return fields.flatMap((field) => {
    const file = known(args.options?.[field]);
    if (!file?.startsWith("/") || file.startsWith("/dev/")) {
      return [];
    }
    return posix.normalize(file).startsWith(`${mountPath}/`)
      ? []
      : [
          `${path}.options.${field}: ${file} cannot be written, only ${mountPath} can; the root is read-only.`,
        ];
  });
}

function networkPolicyWarnings(args: AgentArgs, path: string, options: NamedOption[]): string[] {
  const metrics =
    args.options?.statsdAddress === undefined
      ? options.find((option) => option.name === "statsd-address")?.path
      : `${path}.options.statsdAddress`;
  return args.networkPolicy === undefined || metrics === undefined
    ? []
    : [
        `${metrics}: ${path}.networkPolicy lets the agent reach DNS and TCP 443 only, so its metrics are dropped. ` +
          "Add a NetworkPolicy of your own for them.",
      ];
}
