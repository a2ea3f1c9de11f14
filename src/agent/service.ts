import type * as k8s from "@pulumi/kubernetes";
import { grpcPortName } from "./container";
import { metricsPortName } from "./metricsExporter";
import { agentMetadata, selectorLabels, type ObjectContext } from "./metadata";
import type { AgentSettings } from "../settings/agent";
import { servicePort } from "../settings/agentEndpoint";

/** Who may be asked through the Service: any agent, or the one on the caller's node. */
export type ServiceReach = "cluster" | "node";

/**
 * The Service that Envoy asks. The port's name and `appProtocol` make Istio speak HTTP/2 to it.
 *
 * Source: guide, "Deploy the external authorizer".
 *
 * @param reach - `node` keeps requests on the caller's node, for which istiod sends a proxy the agent of its node only.
 */
export function agentService(
  settings: AgentSettings,
  context: ObjectContext,
  reach: ServiceReach = "cluster",
): k8s.types.input.core.v1.Service {
  return {
    metadata: agentMetadata(settings, context, {
      // A mesh may export Services to their own namespace only; the proxies that ask are in other ones.
      "networking.istio.io/exportTo": "*",
      // Pulumi would wait for pods behind it, and they come after it; the Deployment is waited for instead.
      "pulumi.com/skipAwait": "true",
    }),
    spec: {
      type: "ClusterIP",
      selector: selectorLabels(settings),
      ...(reach === "node" && { internalTrafficPolicy: "Local" }),
      ports: [
        {
          name: "grpc",
          protocol: "TCP",
          appProtocol: "grpc",
          port: servicePort,
          // By name: while a changed port rolls out, old and new pods are each reached on their own one.
          targetPort: grpcPortName,
        },
        ...(settings.metrics === undefined
          ? []
          : [
              {
                name: "http-metrics",
                protocol: "TCP",
                appProtocol: "http",
                port: settings.metrics.port,
                targetPort: metricsPortName,
              },
            ]),
      ],
    },
  };
}
