import { hosts, ports } from "./addresses";
import { componentObjects } from "./component";
import { guideEnvoyFilter, guideProviderObjects, guideProviders } from "./guide";
import type { Integration, Scenario } from "./scenario";

/**
 * The objects that put the agent into the mesh as a scenario describes it: from the package's component, or from the
 * guide.
 */
export async function objectsFor(scenario: Scenario): Promise<Integration> {
  switch (scenario.form) {
    case "AuthorizationPolicy":
    case "EnvoyFilter":
    case "ExternalProcessing":
      return componentObjects({ ...scenario, form: scenario.form });
    case "guide-EnvoyFilter":
      return {
        service: [],
        providers: [],
        objects: [guideEnvoyFilter("web", "shop")],
        marks: ['"cluster_name":"sigsci-agent-grpc"', '"target_uri":"127.0.0.1:9999"'],
        cluster: "sigsci-agent-grpc",
      };
    case "guide-providers":
      return {
        service: [],
        providers: guideProviders(hosts.agent),
        objects: guideProviderObjects("web", "shop"),
        marks: ["istio-ext-authz-sigsci-agent-ext-authz", '"log_name":"http_envoy_accesslog"'],
        cluster: `outbound|${ports.agent}||${hosts.agent}`,
      };
  }
}
