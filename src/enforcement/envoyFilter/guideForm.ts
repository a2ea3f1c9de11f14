import type { InspectionSettings } from "../../settings/inspection";
import { connectionManagerWith, logConfig } from "./accessLog";
import { googleGrpc, guideCluster } from "./agentAddress";
import type { LocalAgent } from "./agentAddress";
import { loadAssignment } from "./agentCluster";
import { protobufDuration } from "./duration";
import { connectionManager } from "./envoyFilterTypes";
import type { ConfigPatch, EnvoyValue } from "./envoyFilterTypes";
import { extAuthz, extAuthzType } from "./extAuthz";
import type { EnvoyFilterSettings } from "../../settings/envoyFilter";

/**
 * The changes as the guide has them, field by field; only values differ. The listener `virtualInbound` is where
 * captured requests to a sidecar arrive, apart from those through HBONE.
 *
 * Source: guide, "Adding the Istio EnvoyFilter object".
 *
 * @param port - Port of the agent on 127.0.0.1.
 */
export function guidePatches(
  port: number,
  inspection: InspectionSettings,
  settings: EnvoyFilterSettings,
  responseData: boolean,
): ConfigPatch[] {
  const agent: LocalAgent = { place: "pod", port, cluster: guideCluster };
  const match = {
    context: "SIDECAR_INBOUND",
    listener: { name: "virtualInbound", filterChain: { filter: { name: connectionManager } } },
  } as const;
  const log = accessLog(agent, inspection, settings);
  return [
    { applyTo: "HTTP_FILTER", match, patch: { operation: "INSERT_BEFORE", value: check(inspection) } },
    ...(responseData
      ? [{ applyTo: "NETWORK_FILTER" as const, match, patch: { operation: "MERGE" as const, value: log } }]
      : []),
    { applyTo: "CLUSTER", patch: { operation: "ADD", value: cluster(agent, settings) } },
  ];
}

function check({ timeout, failOpen, body }: InspectionSettings): EnvoyValue {
  return {
    name: extAuthz,
    typed_config: {
      "@type": extAuthzType,
      transport_api_version: "V3",
      grpc_service: { envoy_grpc: { cluster_name: guideCluster }, timeout: protobufDuration(timeout) },
      failure_mode_allow: failOpen,
      ...(body.enabled
        ? {
            with_request_body: {
              max_request_bytes: body.maxBytes,
              allow_partial_message: body.allowPartial,
            },
          }
        : {}),
    },
  };
}

function accessLog(
  agent: LocalAgent,
  inspection: InspectionSettings,
  { statPrefix }: EnvoyFilterSettings,
): EnvoyValue {
  const log = {
    name: "envoy.http_grpc_access_log",
    typed_config: logConfig({ google_grpc: googleGrpc(agent, statPrefix) }, inspection),
  };
  return connectionManagerWith({ access_log: [log] });
}

function cluster(agent: LocalAgent, settings: EnvoyFilterSettings): EnvoyValue {
  return {
    name: guideCluster,
    type: "STRICT_DNS",
    connect_timeout: protobufDuration(settings.connectTimeout),
    http2_protocol_options: {},
    load_assignment: loadAssignment(agent),
  };
}
