import assert from "node:assert/strict";
import { AccessLogTransport, Enforcement, FilterPosition, Placement } from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { added, changed, dropped } from "./differences";
import { field, guideEnvoyFilter } from "./guide";
import { rendered, targetMetadata } from "./objects";
import { row } from "./row";

const inPod: Partial<SigsciIstioIntegrationArgs> = {
  enforcement: Enforcement.EnvoyFilter,
  placement: Placement.Sidecar,
  targets: [{ name: "helloworld", namespace: "default", matchLabels: { app: "helloworld" } }],
};

const envoyFilter = (args: Partial<SigsciIstioIntegrationArgs> = {}): Promise<unknown> =>
  rendered("waf-helloworld-envoy-filter", { ...inPod, ...args });

/** The patches of an EnvoyFilter, by what they change. */
function patches(filter: unknown, applyTo: string): unknown[] {
  const list = field(filter, "spec", "configPatches");
  return (Array.isArray(list) ? list : []).filter((patch: unknown) => field(patch, "applyTo") === applyTo);
}

/** The guide's patch of a kind. */
const guided = (applyTo: string): unknown => patches(guideEnvoyFilter, applyTo)[0];

/** The access log of a patch. */
const logOf = (patch: unknown): unknown => field(patch, "patch", "value", "typed_config", "access_log", 0);

/** A patch without its access log, which is compared by itself. */
const withoutLog = (patch: unknown): unknown =>
  JSON.parse(JSON.stringify(patch, (key, value: unknown) => (key === "access_log" ? undefined : value)));

const listenerWhy = "no listener is named, so that it holds for all that take requests, HBONE's too";
const clusterWhy = "named after its port too, and not after the component, whose name may change";

describe("guide: Integrating the Next-Gen WAF agent using EnvoyFilter", () => {
  row("the guide's EnvoyFilter", async ({ compare }) => {
    const filter = await rendered("waf-helloworld-envoy-filter", {
      enforcement: Enforcement.EnvoyFilter,
      placement: Placement.Sidecar,
      targets: [{ name: "helloworld", namespace: "default", matchLabels: { app: "helloworld" } }],
      envoyFilter: { guideCompatible: true },
      inspection: { timeout: "0.2s", body: { maxBytes: 8192 } },
    });
    compare(guideEnvoyFilter, filter, [
      changed("metadata.name", "helloworld", "waf-helloworld", "named after component and target"),
      ...targetMetadata("helloworld", "default"),
    ]);
  });

  row("the guide's EnvoyFilter with our body limit", async ({ compare }) => {
    const filter = await envoyFilter({ envoyFilter: { guideCompatible: true } });
    compare(field(guideEnvoyFilter, "spec"), field(filter, "spec"), [
      changed(
        "configPatches[0].patch.value.typed_config.with_request_body.max_request_bytes",
        8192,
        100_000,
        "100,000 instead of 8,192: padding would carry an attack past the inspection",
      ),
    ]);
  });

  row("the application's name and label", async ({ compare }) => {
    const targets = [{ name: "shop-web", namespace: "shop", matchLabels: { app: "web", tier: "front" } }];
    const filter = await rendered("waf-shop-web-envoy-filter", { ...inPod, targets });
    compare({ labels: { app: "web", tier: "front" } }, field(filter, "spec", "workloadSelector"));
    compare({ name: "shop-web" }, { name: field(filter, "metadata", "name") }, [
      changed("name", "shop-web", "waf-shop-web", "named after component and target"),
    ]);
  });

  row("the filter", async ({ compare, differs }) => {
    const filter = await envoyFilter({ inspection: { timeout: "200ms", failOpen: true } });
    const withBody = patches(filter, "HTTP_FILTER").filter((patch) =>
      JSON.stringify(patch).includes('"with_request_body"'),
    );
    assert.equal(withBody.length, 1);
    const config = "patch.value.typed_config";
    compare(guided("HTTP_FILTER"), withBody[0], [
      dropped("match.listener.name", "virtualInbound", listenerWhy),
      changed(
        "patch.operation",
        "INSERT_BEFORE",
        "INSERT_FIRST",
        "the same place, by its own name; `envoyFilter.priority` orders several EnvoyFilters",
      ),
      changed(
        `${config}.grpc_service.envoy_grpc.cluster_name`,
        "sigsci-agent-grpc",
        "sigsci-agent-grpc-9999",
        clusterWhy,
      ),
      changed(
        `${config}.with_request_body.max_request_bytes`,
        8192,
        100_000,
        "100,000 instead of 8,192: padding would carry an attack past the inspection",
      ),
      added(
        `${config}.with_request_body`,
        { pack_as_bytes: true },
        "bodies that are not UTF-8 arrive as they are",
      ),
      added(config, { stat_prefix: "sigsci-agent" }, "counters of its own"),
    ]);
    const all = patches(filter, "HTTP_FILTER").map((patch) => field(patch, "patch", "operation"));
    assert.deepEqual(all, ["INSERT_FIRST", "REMOVE"]);
    differs(
      "one patch more takes it away where HBONE tunnels are opened: what comes through them is checked by itself",
    );
  });

  row("the filter's place", async ({ compare }) => {
    const filter = await envoyFilter({ envoyFilter: { position: FilterPosition.BeforeRouter } });
    const places = patches(filter, "HTTP_FILTER").map((patch) => field(patch, "patch", "operation"));
    compare(["INSERT_BEFORE", "REMOVE"], places);
    assert.match(JSON.stringify(filter), /"subFilter":\{"name":"envoy\.filters\.http\.router"\}/);
  });

  row("other settings of the filter", async ({ compare }) => {
    const filter = await envoyFilter({
      inspection: { statusOnError: 503, failOpen: false },
      envoyFilter: {
        rolloutPercent: 10,
        excludedPaths: ["/healthz"],
        clearRouteCache: true,
      },
    });
    const [check, ...others] = patches(filter, "HTTP_FILTER");
    assert.equal(others.length, 2);
    const config = field(check, "patch", "value", "typed_config");
    compare({ code: 503 }, field(config, "status_on_error"));
    compare(false, field(config, "failure_mode_allow"));
    compare(true, field(config, "clear_route_cache"));
    compare({ numerator: 10, denominator: "HUNDRED" }, field(config, "filter_enabled", "default_value"));
    assert.match(JSON.stringify(others), /"exact":"\/healthz"/);
  });

  row("the access log of an EnvoyFilter", async ({ compare }) => {
    const filter = await envoyFilter({
      inspection: {
        requestHeadersToLog: ["accept", "content-type", "content-length"],
        responseHeadersToLog: ["date", "server", "content-type", "content-length"],
      },
    });
    const [theirs, ours] = [guided("NETWORK_FILTER"), patches(filter, "NETWORK_FILTER")[0]];
    compare(withoutLog(theirs), withoutLog(ours), [
      dropped("match.listener.name", "virtualInbound", listenerWhy),
    ]);
    const service = "typed_config.common_config.grpc_service";
    const client =
      "over the cluster of the checks: the guide's *MUST* is out of date, Envoy takes a cluster that is added later";
    const checked = field(logOf(ours), "filter");
    assert.match(JSON.stringify(checked), /"invert_match":true.*"exact":"CONNECT"/);
    compare(logOf(theirs), logOf(ours), [
      changed(
        "name",
        "envoy.http_grpc_access_log",
        "envoy.access_loggers.http_grpc",
        "the present name of Envoy's extension",
      ),
      dropped(
        `${service}.google_grpc`,
        { target_uri: "127.0.0.1:9999", stat_prefix: "sigsci-agent" },
        client,
      ),
      added(service, { envoy_grpc: { cluster_name: "sigsci-agent-grpc-9999" } }, client),
      added(
        "typed_config.common_config",
        { buffer_size_bytes: 49_152 },
        "fewer, larger messages than with Envoy's 16 KiB",
      ),
      added(
        "",
        { filter: checked },
        "no entries of HBONE tunnels, nor of requests that are left out (`envoyFilter.logUncheckedRequests`)",
      ),
    ]);
  });

  row("the access log over google_grpc", async ({ compare }) => {
    const filter = await envoyFilter({
      envoyFilter: { accessLogTransport: AccessLogTransport.GoogleGrpc, logUncheckedRequests: true },
    });
    compare(logOf(guided("NETWORK_FILTER")), logOf(patches(filter, "NETWORK_FILTER")[0]), [
      changed(
        "name",
        "envoy.http_grpc_access_log",
        "envoy.access_loggers.http_grpc",
        "the present name of Envoy's extension",
      ),
      added(
        "typed_config.common_config",
        { buffer_size_bytes: 49_152 },
        "fewer, larger messages than with Envoy's 16 KiB",
      ),
    ]);
  });

  row("the headers in the access log", async ({ compare }) => {
    const filter = await envoyFilter({
      inspection: { requestHeadersToLog: ["user-agent"], responseHeadersToLog: [] },
    });
    const config = field(logOf(patches(filter, "NETWORK_FILTER")[0]), "typed_config");
    compare(
      ["x-sigsci-request-id", "x-sigsci-waf-response", "user-agent"],
      field(config, "additional_request_headers_to_log"),
    );
    compare([], field(config, "additional_response_headers_to_log"));
  });

  row("the cluster", async ({ compare }) => {
    const filter = await envoyFilter({ envoyFilter: { connectTimeout: "500ms" } });
    const value = "patch.value";
    const http2 = "the present place of the HTTP/2 option; Envoy has deprecated the other";
    compare(guided("CLUSTER"), patches(filter, "CLUSTER")[0], [
      changed(`${value}.name`, "sigsci-agent-grpc", "sigsci-agent-grpc-9999", clusterWhy),
      changed(
        `${value}.load_assignment.cluster_name`,
        "sigsci-agent-grpc",
        "sigsci-agent-grpc-9999",
        clusterWhy,
      ),
      changed(`${value}.type`, "STRICT_DNS", "STATIC", "an address needs no DNS"),
      dropped(`${value}.http2_protocol_options`, {}, http2),
      added(
        value,
        {
          typed_extension_protocol_options: {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
              "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
              explicit_http_config: { http2_protocol_options: {} },
            },
          },
        },
        http2,
      ),
      added(
        value,
        {
          circuit_breakers: {
            thresholds: [
              {
                max_connections: 65_536,
                max_pending_requests: 65_536,
                max_requests: 65_536,
                max_retries: 65_536,
              },
            ],
          },
        },
        "limits above Envoy's 1024, beyond which requests would pass uninspected (`envoyFilter.circuitBreakers`)",
      ),
      added(
        "",
        { match: { context: "SIDECAR_OUTBOUND" } },
        "once: without a context a gateway would get it too",
      ),
    ]);
  });

  row("the agent as a service behind EnvoyFilter", async ({ compare, differs }) => {
    const filter = await envoyFilter({ placement: Placement.Service });
    compare([], patches(filter, "CLUSTER"));
    const cluster = '"cluster_name":"outbound|9999||waf-agent.sigsci.svc.cluster.local"';
    assert.ok(JSON.stringify(filter).includes(cluster));
    differs("not in the guide: the filter asks the Service over Istio's own cluster");
  });
});
