import type { Manifest } from "../datapath/mesh";

const extAuthz = "envoy.filters.http.ext_authz";
const filterType = "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3";

/** An EnvoyFilter of somebody else, in namespace `shop` or in that of the gateway. */
function foreignFilter(namespace: string, patch: object): Manifest {
  return {
    apiVersion: "networking.istio.io/v1alpha3",
    kind: "EnvoyFilter",
    metadata: { name: "of-another-team", namespace },
    spec: { priority: 100, configPatches: [patch] },
  };
}

/** Switches every external authorization off for all virtual hosts. */
export function offForHosts(namespace: string, context: "SIDECAR_INBOUND" | "GATEWAY"): Manifest {
  const config = { [extAuthz]: { "@type": `${filterType}.ExtAuthzPerRoute`, disabled: true } };
  return foreignFilter(namespace, {
    applyTo: "VIRTUAL_HOST",
    match: { context },
    patch: { operation: "MERGE", value: { typed_per_filter_config: config } },
  });
}

/** Lets every external authorization ask about no request. */
export function noShare(namespace: string): Manifest {
  const config = {
    "@type": `${filterType}.ExtAuthz`,
    filter_enabled: { default_value: { numerator: 0, denominator: "HUNDRED" } },
  };
  const filterChain = {
    filter: {
      name: "envoy.filters.network.http_connection_manager",
      subFilter: { name: extAuthz },
    },
  };
  return foreignFilter(namespace, {
    applyTo: "HTTP_FILTER",
    match: { context: "SIDECAR_INBOUND", listener: { filterChain } },
    patch: { operation: "MERGE", value: { name: extAuthz, typed_config: config } },
  });
}
