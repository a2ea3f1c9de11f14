import { localAgent } from "../../../../src/enforcement/envoyFilter/agentAddress";
import { envoyFilterSpec } from "../../../../src/enforcement/envoyFilter/envoyFilterSpec";
import { envoyFilterSettings } from "../../../../src/settings/envoyFilter";
import type { InspectionArgs } from "../../../../src/args/inspection";
import { inspectionSettings } from "../../../../src/settings/inspection";
import { ports } from "../addresses";
import type { Integration } from "../scenario";

/**
 * The package's EnvoyFilter with all of its defaults for an agent in the pod, where the guide's own has it.
 *
 * @param name name of the object and of the log
 */
export function ourFilterInPod(name: string, inspection: InspectionArgs): Integration {
  const agent = localAgent(ports.agent);
  const spec = envoyFilterSpec({
    name,
    workloads: { labels: { app: "web" } },
    context: "SIDECAR_INBOUND",
    rules: [{}],
    grpcPorts: [],
    agent,
    inspection: inspectionSettings({ ...inspection, logName: name }),
    settings: envoyFilterSettings({ statPrefix: name }),
    observed: false,
    responseData: true,
  });
  return {
    service: [],
    providers: [],
    objects: [
      {
        apiVersion: "networking.istio.io/v1alpha3",
        kind: "EnvoyFilter",
        metadata: { name, namespace: "shop" },
        spec,
      },
    ],
    marks: [`"stat_prefix":"${name}"`, `"log_name":"${name}"`],
    cluster: agent.cluster,
  };
}
