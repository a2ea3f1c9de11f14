import { parse } from "yaml";
import { annotateSecrets, containsUnknowns, isObject, plain, type Json, type JsonObject } from "../values";
import { uniqueName } from "./naming";
import { nameOfUrn, stringAt, without } from "./objects";
import { chartFlags, DEFAULT_TIMEOUT } from "./releaseFlags";
import type { Helm } from "./releaseHelm";

/** What a Helm release is made from: every field is there, with a zero value where the program says nothing. */
const ZERO_VALUES: JsonObject = {
  ...zeros("", ["chart", "description", "keyring", "name", "namespace", "postrender", "version"]),
  ...zeros(false, ["allowNullValues", "atomic", "cleanupOnFail", "createNamespace", "dependencyUpdate"]),
  ...zeros(false, ["devel", "disableCRDHooks", "disableOpenapiValidation", "disableWebhooks", "forceUpdate"]),
  ...zeros(false, ["lint", "recreatePods", "renderSubchartNotes", "replace", "resetValues", "reuseValues"]),
  ...zeros(false, ["skipAwait", "skipCrds", "takeOwnership", "verify", "waitForJobs"]),
  timeout: 0,
  values: {},
};

const ZERO_REPOSITORY: JsonObject = zeros("", [
  "caFile",
  "certFile",
  "keyFile",
  "password",
  "repo",
  "username",
]);

const UNSUPPORTED = [
  "allowNullValues",
  "dependencyUpdate",
  "keyring",
  "lint",
  "postrender",
  "recreatePods",
  "valueYamlFiles",
  "verify",
];
const UNSUPPORTED_REPOSITORY = ["caFile", "certFile", "keyFile", "password", "username"];

/** What the engine sends to have the inputs of a release checked; values carry their secret marks. */
export interface ReleaseCheckRequest {
  readonly urn: string;
  /** Inputs of the last run; empty for a new release and for a replacement. */
  readonly olds: JsonObject;
  readonly news: JsonObject;
}

/** Inputs of a release, and why its chart cannot be had, "" when it can. */
export interface CheckedRelease {
  readonly inputs: JsonObject;
  readonly failure: string;
}

/**
 * Completes the inputs of a release: name, namespace, timeout, and instead of a range the version that it gives now.
 *
 * @throws Error when the program asks for what the stand-in does not do
 */
export async function checkRelease(
  request: ReleaseCheckRequest,
  defaultNamespace: string,
  helm: Helm,
): Promise<CheckedRelease> {
  const news = plain(request.news);
  refuseUnsupported(news);
  const inputs = completed(news);
  if (inputs.name === "") {
    inputs.name = stringAt(plain(request.olds), "name");
  }
  if (inputs.name === "") {
    inputs.name = uniqueName(`${nameOfUrn(request.urn)}-`);
  }
  if (inputs.namespace === "") {
    inputs.namespace = defaultNamespace;
  }
  if (inputs.skipAwait === false && news.timeout === undefined) {
    inputs.timeout = DEFAULT_TIMEOUT;
  }
  let failure = "";
  if (!containsUnknowns(inputs)) {
    try {
      inputs.version = await chartVersion(inputs, helm);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failure = `${reason}; check the chart name and repository configuration.`;
    }
  }
  annotateSecrets(inputs, request.news);
  return { inputs, failure };
}

/** The inputs of a release that exists, for `.get` and import: nothing says where its chart came from. */
export function importedInputs(live: JsonObject): JsonObject {
  return { ...completed(without(live, ["resourceNames", "status"])), timeout: DEFAULT_TIMEOUT };
}

function completed(news: JsonObject): JsonObject {
  const known = Object.entries(news).filter(([key]) => key in ZERO_VALUES || key === "maxHistory");
  const inputs: JsonObject = { ...structuredClone(ZERO_VALUES), ...Object.fromEntries(known) };
  const { repositoryOpts } = news;
  if (isObject(repositoryOpts)) {
    inputs.repositoryOpts = { ...ZERO_REPOSITORY, ...repositoryOpts };
  } else if (repositoryOpts !== undefined) {
    inputs.repositoryOpts = repositoryOpts;
  }
  return inputs;
}

async function chartVersion(inputs: JsonObject, helm: Helm): Promise<string> {
  const chart: unknown = parse(await helm.run(["show", "chart", ...chartFlags(inputs)]));
  const version = isObject(chart) ? chart.version : undefined;
  if (typeof version !== "string") {
    throw new Error("the chart has no version");
  }
  return version;
}

function refuseUnsupported(news: JsonObject): void {
  const isSet = (value: Json | undefined): boolean => value !== undefined && value !== false && value !== "";
  const options = isObject(news.repositoryOpts) ? news.repositoryOpts : {};
  const asked = [
    ...UNSUPPORTED.filter((key) => isSet(news[key])),
    ...UNSUPPORTED_REPOSITORY.filter((key) => isSet(options[key])).map((key) => `repositoryOpts.${key}`),
  ];
  if (asked.length === 0) {
    return;
  }
  throw new Error(`the stand-in for the Kubernetes provider does not know ${asked.join(", ")} of a Release`);
}

function zeros(value: Json, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.map((key) => [key, value]));
}
