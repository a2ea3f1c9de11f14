import { hosts, ports } from "./addresses";
import { authorizationPolicy } from "./authorizationPolicy";
import { envoyFilterObjects } from "./envoyFilter";
import { guideEnvoyFilter, guideProviderObjects, guideProviders } from "./guide";
import type { Integration, Scenario } from "./scenario";

/** The objects that put the agent into the mesh as a scenario describes it. */
export function objectsFor(scenario: Scenario): Integration {
  switch (scenario.form) {
    case "AuthorizationPolicy":
      return authorizationPolicy(scenario);
    case "EnvoyFilter":
      return {
        providers: [],
        objects: envoyFilterObjects(scenario),
        marks: [`"stat_prefix":"${scenario.name}"`, `"log_name":"${scenario.name}"`],
        cluster: `${scenario.name}-agent`,
      };
    case "guide-EnvoyFilter":
      return {
        providers: [],
        objects: [guideEnvoyFilter("web", "shop")],
        marks: ['"cluster_name":"sigsci-agent-grpc"', '"target_uri":"127.0.0.1:9999"'],
        cluster: "sigsci-agent-grpc",
      };
    case "guide-providers":
      return {
        providers: guideProviders(hosts.agent),
        objects: guideProviderObjects("web", "shop"),
        marks: ["istio-ext-authz-sigsci-agent-ext-authz", '"log_name":"http_envoy_accesslog"'],
        cluster: `outbound|${ports.agent}||${hosts.agent}`,
      };
  }
}
