import type { JsonObject } from "../values";
import { numberAt, stringAt } from "./objects";

/** Inputs that are flags of `helm` by themselves. */
const INSTALL_FLAGS: Readonly<Record<string, string>> = {
  atomic: "--atomic",
  createNamespace: "--create-namespace",
  disableOpenapiValidation: "--disable-openapi-validation",
  disableWebhooks: "--no-hooks",
  renderSubchartNotes: "--render-subchart-notes",
  replace: "--replace",
  skipCrds: "--skip-crds",
  takeOwnership: "--take-ownership",
};

const UPGRADE_FLAGS: Readonly<Record<string, string>> = {
  atomic: "--atomic",
  cleanupOnFail: "--cleanup-on-fail",
  disableCRDHooks: "--no-hooks",
  forceUpdate: "--force",
  renderSubchartNotes: "--render-subchart-notes",
  resetValues: "--reset-values",
  reuseValues: "--reuse-values",
  takeOwnership: "--take-ownership",
};

/** Seconds for which a release may take to get ready when the program does not say it. */
export const DEFAULT_TIMEOUT = 300;

/** The chart and where it is, for any command that takes one. */
export function chartFlags(inputs: JsonObject): string[] {
  const [repository, version] = [stringAt(inputs, "repositoryOpts", "repo"), stringAt(inputs, "version")];
  return [
    stringAt(inputs, "chart"),
    ...(repository === "" ? [] : ["--repo", repository]),
    ...(version === "" ? [] : ["--version", version]),
    ...(inputs.devel === true ? ["--devel"] : []),
  ];
}

/** `helm install`; the values come from its standard input, for they may be secret. */
export function installCommand(inputs: JsonObject): string[] {
  return [
    "install",
    stringAt(inputs, "name"),
    ...chartFlags(inputs),
    ...shared(inputs),
    ...named(inputs, INSTALL_FLAGS),
  ];
}

/** `helm upgrade`; the values come from its standard input. Without `maxHistory` all revisions are kept. */
export function upgradeCommand(inputs: JsonObject): string[] {
  return [
    "upgrade",
    stringAt(inputs, "name"),
    ...chartFlags(inputs),
    ...shared(inputs),
    ...named(inputs, UPGRADE_FLAGS),
    `--history-max=${numberAt(inputs, "maxHistory") ?? 0}`,
  ];
}

/** `helm uninstall`; it waits until the objects are gone unless the release is not waited for. */
export function uninstallCommand(state: JsonObject): string[] {
  const waits = state.atomic === true || state.skipAwait !== true;
  return [
    "uninstall",
    stringAt(state, "name"),
    `--namespace=${stringAt(state, "namespace")}`,
    ...(waits ? ["--wait", timeoutFlag(state)] : []),
  ];
}

function shared(inputs: JsonObject): string[] {
  const waits = inputs.skipAwait !== true;
  const description = stringAt(inputs, "description");
  return [
    "--values=-",
    `--namespace=${stringAt(inputs, "namespace")}`,
    timeoutFlag(inputs),
    ...(waits ? ["--wait"] : []),
    ...(waits && inputs.waitForJobs === true ? ["--wait-for-jobs"] : []),
    ...(description === "" ? [] : [`--description=${description}`]),
  ];
}

function timeoutFlag(inputs: JsonObject): string {
  const seconds = numberAt(inputs, "timeout") ?? 0;
  return `--timeout=${seconds === 0 ? DEFAULT_TIMEOUT : seconds}s`;
}

function named(inputs: JsonObject, flags: Readonly<Record<string, string>>): string[] {
  return Object.entries(flags).flatMap(([key, flag]) => (inputs[key] === true ? [flag] : []));
}
