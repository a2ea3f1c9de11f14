import type { AgentEndpoint } from "../settings/agentEndpoint";
import type { InspectionSettings } from "../settings/inspection";
import type { ProviderNamesArgs } from "../args/mesh";
import type { EnvoyExtAuthzGrpc, EnvoyHttpAls, ExtensionProvider } from "./extensionProvider";

/**
 * The entries of `extensionProviders` for an agent: the external authorizer and, with response data, the access log.
 */
export function extensionProviders(
  endpoint: AgentEndpoint,
  inspection: InspectionSettings,
  names: Required<ProviderNamesArgs>,
  responseData: boolean,
): ExtensionProvider[] {
  const authorizer = { name: names.extAuthz, envoyExtAuthzGrpc: externalAuthorizer(endpoint, inspection) };
  const log = { name: names.accessLog, envoyHttpAls: accessLog(endpoint, inspection) };
  return responseData ? [authorizer, log] : [authorizer];
}

function externalAuthorizer(
  { host, port }: AgentEndpoint,
  inspection: InspectionSettings,
): EnvoyExtAuthzGrpc {
  const { body, statusOnError } = inspection;
  return {
    service: host,
    port,
    timeout: inspection.timeout,
    failOpen: inspection.failOpen,
    ...(statusOnError === undefined ? {} : { statusOnError: String(statusOnError) }),
    ...(body.enabled
      ? {
          includeRequestBodyInCheck: {
            maxRequestBytes: body.maxBytes,
            allowPartialMessage: body.allowPartial,
            packAsBytes: body.packAsBytes,
          },
        }
      : {}),
  };
}

function accessLog({ host, port }: AgentEndpoint, inspection: InspectionSettings): EnvoyHttpAls {
  const { logName, filterStateObjectsToLog, responseTrailersToLog } = inspection;
  return {
    service: host,
    port,
    ...(logName === undefined ? {} : { logName }),
    ...(filterStateObjectsToLog === undefined ? {} : { filterStateObjectsToLog }),
    additionalRequestHeadersToLog: inspection.requestHeadersToLog,
    additionalResponseHeadersToLog: inspection.responseHeadersToLog,
    ...(responseTrailersToLog === undefined
      ? {}
      : { additionalResponseTrailersToLog: responseTrailersToLog }),
  };
}
