import { BodyMode } from "../args/externalProcessing";
import type { ExternalProcessingArgs } from "../args/externalProcessing";
import { Enforcement } from "../args/integration";
import type { SigsciIstioIntegrationArgs } from "../args/integration";

/** The arguments of external processing with every default filled in. */
export type ExternalProcessingSettings = Required<ExternalProcessingArgs>;

/** Headers by which the agent's records name a request, and where its redirects lead. */
const ownHeaders: readonly string[] = ["x-sigsci-*", "location"];

/**
 * Fills in every default. Nothing is checked here.
 *
 * @param customRequestHeaders - The agent's option `custom-request-headers`, which makes it set headers of these names.
 */
export function externalProcessingSettings(
  args: ExternalProcessingArgs = {},
  customRequestHeaders = "",
): ExternalProcessingSettings {
  return {
    requestBody: args.requestBody ?? BodyMode.Streamed,
    responseBody: args.responseBody ?? BodyMode.None,
    changeableHeaders: args.changeableHeaders ?? [...ownHeaders, ...namesIn(customRequestHeaders)],
  };
}

/** The arguments that say what of a request body is sent. */
type BodyArgs = Pick<SigsciIstioIntegrationArgs, "enforcement" | "inspection" | "externalProcessing">;

/** What of a request body is sent; a check by ext_authz takes the part that Envoy holds. */
export function requestBodyMode({ enforcement, inspection, externalProcessing }: BodyArgs): BodyMode {
  if (enforcement === Enforcement.ExternalProcessing) {
    return externalProcessingSettings(externalProcessing).requestBody;
  }
  return inspection?.body?.enabled === false ? BodyMode.None : BodyMode.BufferedPartial;
}

/** Whether Envoy holds request bodies, which a stream whose client waits for answers does not survive. */
export function holdsBodies(args: BodyArgs): boolean {
  const mode = requestBodyMode(args);
  return mode === BodyMode.BufferedPartial || mode === BodyMode.Buffered;
}

/** The names in `name:value,name:value`. */
function namesIn(headers: string): string[] {
  return headers
    .split(",")
    .map((header) => header.split(":", 1).join("").trim())
    .filter((name) => name !== "");
}
