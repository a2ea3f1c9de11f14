import { connectionManager, selected } from "./envoyFilterTypes";
import type { ConfigPatch, EnvoyFilterSpec, EnvoyFilterWorkloads, ProxyContext } from "./envoyFilterTypes";
import { extAuthz, extAuthzType, shadow } from "./extAuthz";

/** Name of the filter that asks an external authorizer about a TCP connection. */
const networkExtAuthz = "envoy.filters.network.ext_authz";

/**
 * Spec of the EnvoyFilter that keeps the checks of a CUSTOM policy from ending requests. A selector of a policy means
 * sidecars and gateways alike, so both kinds of listeners are changed. Of a TCP connection the agent sees no request, and
 * Envoy has no shadow mode there: it is not asked.
 *
 * @param workloads - The proxies of the policy. What else checks by ext_authz in them loses its effect too.
 */
export function shadowSpec(workloads: EnvoyFilterWorkloads): EnvoyFilterSpec {
  return {
    ...selected(workloads),
    configPatches: (["SIDECAR_INBOUND", "GATEWAY"] as const).flatMap(shadowPatches),
  };
}

function shadowPatches(context: ProxyContext): ConfigPatch[] {
  const inside = { name: connectionManager, subFilter: { name: extAuthz } };
  return [
    {
      applyTo: "HTTP_FILTER",
      match: { context, listener: { filterChain: { filter: inside } } },
      patch: {
        operation: "MERGE",
        value: { name: extAuthz, typed_config: { "@type": extAuthzType, ...shadow } },
      },
    },
    {
      applyTo: "NETWORK_FILTER",
      match: { context, listener: { filterChain: { filter: { name: networkExtAuthz } } } },
      patch: { operation: "REMOVE" },
    },
  ];
}
