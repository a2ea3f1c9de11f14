import type { InspectionArgs } from "../../args/inspection";
import { inspectionSettings } from "../../settings/inspection";
import type { ExtensionProvider } from "../../mesh/extensionProvider";
import { meshProblems } from "../../validation/meshProblems";
import { extensionProviders } from "../../mesh/providerEntries";
import { meshSettings } from "../../settings/mesh";
import { UsageProblem } from "../../offline/refusal";
import type { ArgumentProblem } from "../../validation/problem";
import { number, text } from "../../validation/shape";
import { inspectionShape } from "../../validation/shapes/inspection";
import { meshShape } from "../../validation/shapes/mesh";
import { dnsSubdomain, port as portProblem } from "../../kubernetes/syntax";
import { readProviders } from "./providersFile";

/** Flags that define providers, as commander parses them; `no` flags are true unless given. */
export interface DefinitionFlags {
  readonly providers?: string;
  readonly name?: string;
  readonly service?: string;
  readonly port: number;
  readonly extAuthzName?: string;
  readonly accessLogName?: string;
  readonly accessLog: boolean;
  readonly timeout?: string;
  readonly failOpen: boolean;
  readonly statusOnError?: number;
  readonly body: boolean;
  readonly maxBytes?: number;
  readonly allowPartial: boolean;
  readonly packAsBytes: boolean;
  readonly requestHeader?: string[];
  readonly responseHeader?: string[];
  readonly responseTrailer?: string[];
  readonly filterState?: string[];
  readonly logName?: string;
}

/** The component's arguments and the flags that stand for them here. */
const flagOfArgument: Readonly<Record<string, string>> = {
  "inspection.timeout": "--timeout",
  "inspection.statusOnError": "--status-on-error",
  "inspection.body.maxBytes": "--max-bytes",
  "inspection.requestHeadersToLog": "--request-header",
  "inspection.responseHeadersToLog": "--response-header",
  "inspection.responseTrailersToLog": "--response-trailer",
  "inspection.filterStateObjectsToLog": "--filter-state",
  "inspection.logName": "--log-name",
  "mesh.providerNames": "--access-log-name",
  "mesh.providerNames.extAuthz": "--name or --ext-authz-name",
  "mesh.providerNames.accessLog": "--name or --access-log-name",
};

/**
 * The providers that the flags define: those of a file, or the two entries that the component would write.
 * @throws UsageProblem when flags are missing, contradict each other or hold wrong values
 * @throws Refusal when the file cannot be read or holds no providers
 */
export function definedProviders(flags: DefinitionFlags): ExtensionProvider[] {
  const { providers, name, service, port } = flags;
  if (providers !== undefined) {
    if (name !== undefined || service !== undefined) {
      throw new UsageProblem(
        "--providers defines the entries; --name and --service cannot be given with it.",
      );
    }
    return readProviders(providers);
  }
  if (name === undefined || service === undefined) {
    throw new UsageProblem("Nothing to add. Give --name and --service, or --providers with a file.");
  }
  const given = { extAuthz: flags.extAuthzName, accessLog: flags.accessLogName };
  const providerNames = meshSettings(name, { providerNames: given }).providerNames;
  const inspection = inspectionOf(flags);
  refuseProblems([
    ...text(wholeHost, wholeHostForm)(service, "--service"),
    ...number(portProblem, "Give the port of the agent's Service.")(port, "--port"),
    ...meshShape({ providerNames }, "mesh"),
    ...meshProblems(name, { providerNames }),
    ...inspectionShape(inspection, "inspection"),
  ]);
  return extensionProviders(
    { host: service, port },
    inspectionSettings(inspection),
    providerNames,
    flags.accessLog,
  );
}

/** Istio finds the Service of a provider by its whole host only, and answers 403 where it finds none. */
function wholeHost(host: string): string | undefined {
  return (
    dnsSubdomain(host) ??
    (!host.includes(".") || host.endsWith(".svc")
      ? "Istio knows Services by their whole host name only"
      : undefined)
  );
}

function wholeHostForm(host: string): string {
  const [name = "", namespace = "sigsci"] = host.split(".");
  return dnsSubdomain(host) === undefined
    ? `Write --service ${name}.${namespace}.svc.cluster.local.`
    : "Give the host name of the agent's Service.";
}

function inspectionOf(flags: DefinitionFlags): InspectionArgs {
  const { body, maxBytes, allowPartial, packAsBytes } = flags;
  return {
    timeout: flags.timeout,
    failOpen: flags.failOpen,
    statusOnError: flags.statusOnError,
    body: { enabled: body, maxBytes, allowPartial, packAsBytes },
    requestHeadersToLog: flags.requestHeader,
    responseHeadersToLog: flags.responseHeader,
    responseTrailersToLog: flags.responseTrailer,
    filterStateObjectsToLog: flags.filterState,
    logName: flags.logName,
  };
}

function refuseProblems(problems: readonly ArgumentProblem[]): void {
  if (problems.length === 0) {
    return;
  }
  const lines = problems.map(({ path, value, reason, remedy }) => {
    const flag = flagOfArgument[path.replace(/\[\d+\]$/, "")] ?? path;
    const shown = typeof value === "string" || typeof value === "number" ? ` ${value}` : "";
    return `${flag}${shown}: ${reason}. ${remedy}`;
  });
  throw new UsageProblem(lines.join("\n"));
}
