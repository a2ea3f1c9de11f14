import { posix } from "node:path";
import {
  agentOption,
  agentOptions,
  documentedName,
  optionVariable,
  variableOption,
} from "../agent/optionCatalogue";
import type { AgentArgs } from "../args/agent";
import { ImagePullPolicy, type AgentImageArgs } from "../args/image";
import { defaultMountPath, defaultVersion } from "../settings/agentDefaults";
import { imageWithDefaults } from "../settings/image";
import { closest } from "./closest";
import { namedVersion } from "./imageProblems";
import { known } from "./known";
import { SupportState, versionSupport } from "../settings/versionSupport";

/**
 * What a user should know about accepted arguments of the agent; leaves that are known only later are skipped.
 */
export function agentWarnings(args: AgentArgs | undefined, path: string, today: Date): string[] {
  const given = args ?? {};
  return [
    ...imageWarnings(given.image ?? {}, today).map((warning) => `${path}.image: ${warning}`),
    ...environmentWarnings(given, path),
    ...userWarnings(given, path),
  ];
}

/** The image's user has a name, and the kubelet cannot see that a named user is not root. */
function userWarnings(args: AgentArgs, path: string): string[] {
  const context = known(args.podSecurityContext);
  return context !== undefined &&
    known(context.runAsNonRoot) === true &&
    (context.runAsUser ?? undefined) === undefined
    ? [
        `${path}.podSecurityContext: runAsNonRoot without runAsUser keeps the official image from starting, ` +
          "because its user has a name. Add the number of the user: runAsUser: 100. OpenShift adds one itself: " +
          "podSecurityContext: {}.",
      ]
    : [];
}

/**
 * What a user should know about an accepted image: a tag that moves, and an end of support that makes the
 * agent let everything pass without an error.
 */
export function imageWarnings(image: AgentImageArgs, today: Date): string[] {
  const complete = imageWithDefaults(image);
  return [...movingTagWarnings(complete), ...supportWarnings(complete, today)];
}

function movingTagWarnings(image: AgentImageArgs): string[] {
  const tag = known(image.version) ?? known(image.tag);
  if (tag !== "latest" || image.digest !== undefined) {
    return [];
  }
  // A tag of the user's own is taken from the node unless told otherwise, as in resolveImage.
  const local = image.local ?? image.tag !== undefined;
  const never = image.pullPolicy === undefined ? local : image.pullPolicy === ImagePullPolicy.Never;
  const picks = never
    ? "each node runs whatever was last pulled onto it by hand"
    : "each new pod may run another version than its neighbours, and a rollout picks whatever is newest";
  return [`image tag latest is not reproducible: ${picks}. Pin a version such as ${defaultVersion}.`];
}

function supportWarnings(image: AgentImageArgs, today: Date): string[] {
  const version = namedVersion(image);
  if (version === undefined) {
    return digestAlone(image)
      ? [
          "an image given by digest alone hides its version, so the end of its support cannot be foreseen. " +
            "Write the version beside the digest.",
        ]
      : [];
  }
  const support = versionSupport(version, today);
  const date = support?.supportedUntil.toISOString().slice(0, 10);
  switch (support?.state) {
    case SupportState.Ended:
      return [
        `agent ${version} lost support about ${date}: it gets no rule updates and gives NO BLOCKING DECISIONS, ` +
          "so every attack passes. Move to a newer version now.",
      ];
    case SupportState.Ending:
      return [
        `agent ${version} loses support about ${date}; from then on it gives no blocking decisions and ` +
          "every attack passes. Move to a newer version before.",
      ];
    default:
      return [];
  }
}

function digestAlone(image: AgentImageArgs): boolean {
  return image.digest !== undefined && image.version === undefined && image.tag === undefined;
}

const optionNames = agentOptions.map(({ name }) => name);

/** An option by its dashed name, and where it is set. */
interface NamedOption {
  name: string;
  path: string;
  /** What it is set to, as far as that is known. */
  value: string | undefined;
}

/**
 * What a user should know about accepted options: names that look like slips, files that the agent cannot
 * write, and a listener that Istio cannot speak to.
 */
export function environmentWarnings(args: AgentArgs, path: string): string[] {
  const options = untypedOptions(args, path);
  return [
    ...options.flatMap(slipWarnings),
    ...tlsWarnings(options),
    ...externalProcessingWarnings(options),
    ...unwritableWarnings(args, path),
    ...networkPolicyWarnings(args, path, options),
  ];
}

function untypedOptions(args: AgentArgs, path: string): NamedOption[] {
  const extra = Object.entries(args.extraOptions ?? {}).map(([name, value]) => ({
    name,
    path: `${path}.extraOptions[${JSON.stringify(name)}]`,
    value: known(value),
  }));
  const raw = (args.env ?? []).flatMap((variable, index) => {
    const { name: given, value } = known(variable) ?? {};
    const name = known(given);
    const option = name === undefined ? undefined : variableOption(name);
    return option === undefined
      ? []
      : [{ name: option, path: `${path}.env[${index}] (${name})`, value: known(value) }];
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
  const likely = closest(name, optionNames);
  return likely === undefined
    ? []
    : [
        `${path}: "${name}" is no documented option; "${likely}" (${optionVariable(likely)}) is likely meant.`,
      ];
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

/** With enforcement ExternalProcessing the component sets it, and refuses it here. */
function externalProcessingWarnings(options: NamedOption[]): string[] {
  return options
    .filter(({ name, value }) => name === "envoy-extproc-enabled" && value !== "false")
    .map(
      ({ path }) =>
        `${path}: the agent then serves external processing, and nothing tells the proxies to ask it that way. Fastly ` +
        "does not say whether it still answers checks of the other kind; with failOpen every request would pass " +
        'unchecked if not. Leave it out, or set enforcement to "ExternalProcessing".',
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
