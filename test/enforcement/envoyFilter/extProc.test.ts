import assert from "node:assert/strict";
import fc from "fast-check";
import { FilterPosition, GrpcInspection } from "../../../src/args/envoyFilter";
import { BodyMode } from "../../../src/args/externalProcessing";
import { envoyFilterSpec } from "../../../src/enforcement/envoyFilter/envoyFilterSpec";
import type { ConfigPatch, EnvoyValue } from "../../../src/enforcement/envoyFilter/envoyFilterTypes";
import { externalProcessingSettings } from "../../../src/settings/externalProcessing";
import { anyRule } from "../anyRule";
import { added, anyOf, cluster, grpcOnly, isGrpc, managers, marked, merged, not, or } from "./expected";
import { others, policy, selection } from "./expected";
import { planOf, serviceAgent } from "./plans";
import type { PlanChanges } from "./plans";

const patchesOf = (changes: PlanChanges): ConfigPatch[] =>
  envoyFilterSpec(planOf({ processing: {}, ...changes })).configPatches;

/** A processor that is told of heads only; `changes` replaces or adds fields. */
function byHeaders(changes: EnvoyValue = {}, mode: EnvoyValue = {}): EnvoyValue {
  return {
    name: "envoy.filters.http.ext_proc",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor",
      stat_prefix: "sigsci-agent",
      grpc_service: { envoy_grpc: { cluster_name: "sigsci-agent-grpc-9999" } },
      message_timeout: "0.2s",
      failure_mode_allow: true,
      processing_mode: {
        request_header_mode: "SEND",
        response_header_mode: "SEND",
        request_body_mode: "NONE",
        response_body_mode: "NONE",
        request_trailer_mode: "SKIP",
        response_trailer_mode: "SKIP",
        ...mode,
      },
      mutation_rules: { disallow_all: true, allow_expression: { regex: "(?i)(x-sigsci-.*|location)" } },
      ...changes,
    },
  };
}

const keepsLength = { allow_content_length_header: true };

/** The processor of the defaults. */
const processor = (): EnvoyValue => byHeaders(keepsLength, { request_body_mode: "STREAMED" });

function execute(filter: EnvoyValue, sample_percent?: EnvoyValue): EnvoyValue {
  return {
    action: {
      name: "execute",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.composite.v3.ExecuteFilterAction",
        typed_config: filter,
        ...(sample_percent && { sample_percent }),
      },
    },
  };
}

function composite(xds_matcher: EnvoyValue): EnvoyValue {
  return {
    name: "envoy.filters.http.ext_proc",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.common.matching.v3.ExtensionWithMatcher",
      extension_config: {
        name: "envoy.filters.http.composite",
        typed_config: {
          "@type": "type.googleapis.com/envoy.extensions.filters.http.composite.v3.Composite",
        },
      },
      xds_matcher,
    },
  };
}

function headerIs(header_name: string, value_match: EnvoyValue): EnvoyValue {
  return {
    single_predicate: {
      input: {
        name: header_name,
        typed_config: {
          "@type": "type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput",
          header_name,
        },
      },
      value_match,
    },
  };
}

const handshake = [
  headerIs("upgrade", { exact: "websocket", ignore_case: true }),
  headerIs("connection", {
    safe_regex: { google_re2: {}, regex: "(?i)(.*,)?[ \\t]*upgrade[ \\t]*(,.*)?" },
  }),
];

const hasMark = ({ filter, path, value }: EnvoyValue): EnvoyValue => ({
  single_predicate: {
    input: {
      name: "mark",
      typed_config: {
        "@type":
          "type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3.DynamicMetadataInput",
        filter,
        path,
      },
    },
    custom_match: {
      name: "mark",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.matching.input_matchers.metadata.v3.Metadata",
        value,
      },
    },
  },
});

const all = (...predicate: EnvoyValue[]): EnvoyValue => ({ and_matcher: { predicate } });
const when = (predicate: EnvoyValue, on_match: EnvoyValue): EnvoyValue => ({ predicate, on_match });

/** Everything with its body but WebSockets, which are checked by their heads. */
const everything = (fraction?: EnvoyValue): EnvoyValue =>
  composite({
    matcher_list: { matchers: [when(all(...handshake), execute(byHeaders(), fraction))] },
    on_no_match: execute(processor(), fraction),
  });

const noProcessingOfTunnels: ConfigPatch = {
  applyTo: "HTTP_FILTER",
  match: {
    context: "SIDECAR_INBOUND",
    listener: {
      name: "connect_terminate",
      filterChain: {
        filter: {
          name: "envoy.filters.network.http_connection_manager",
          subFilter: { name: "envoy.filters.http.ext_proc" },
        },
      },
    },
  },
  patch: { operation: "REMOVE" },
};

const inserted = (value: EnvoyValue, match = managers): ConfigPatch => ({
  applyTo: "HTTP_FILTER",
  match,
  patch: { operation: "INSERT_FIRST", value },
});

const window = merged({
  name: "envoy.filters.network.http_connection_manager",
  typed_config: {
    "@type":
      "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    http2_protocol_options: { initial_stream_window_size: 1_048_576 },
  },
});

describe("envoyFilterSpec, by external processing", () => {
  it("streams every request and its response to the agent, without access log or marks", () => {
    assert.deepEqual(patchesOf({}), [inserted(everything()), noProcessingOfTunnels, window, added(cluster)]);
  });

  it("asks over the cluster of a Service and makes none", () => {
    const [filter] = patchesOf({ agent: serviceAgent, processing: { requestBody: BodyMode.None } });
    const host = "sigsci-agent.sigsci.svc.cluster.local";
    const grpc_service = { envoy_grpc: { cluster_name: `outbound|9999||${host}`, authority: host } };
    assert.deepEqual(filter, inserted(byHeaders({ grpc_service })));
  });

  it("is a plain filter and leaves the window alone where no body is held", () => {
    assert.deepEqual(patchesOf({ processing: { requestBody: BodyMode.None } }), [
      inserted(byHeaders()),
      noProcessingOfTunnels,
      added(cluster),
    ]);
  });

  it("draws the share of a rollout for each request, WebSockets too", () => {
    const fraction = {
      default_value: { numerator: 25, denominator: "HUNDRED" },
      runtime_key: "sigsci-agent.rollout_percent",
    };
    assert.deepEqual(patchesOf({ args: { rolloutPercent: 25 } })[0], inserted(everything(fraction)));
  });

  it("takes requests by the marks of the filter in front of it", () => {
    const [check, marks] = patchesOf({ rules: [{ methods: ["POST"] }] });
    const isPost = { header: { name: ":method", string_match: { exact: "POST" } } };
    assert.deepEqual(marks, inserted(selection({ "request-0": policy(or(isPost)) })));
    const mark = hasMark(marked("request-"));
    assert.deepEqual(
      check,
      inserted(
        composite({
          matcher_list: {
            matchers: [when(all(mark, ...handshake), execute(byHeaders())), when(mark, execute(processor()))],
          },
        }),
      ),
    );
  });

  it("checks gRPC on the named ports by its headers", () => {
    const [check, marks] = patchesOf({ grpcPorts: [9000], args: { grpc: GrpcInspection.HeadersOnly } });
    assert.deepEqual(marks, inserted(selection({ grpc: policy(isGrpc) })));
    assert.deepEqual(
      check,
      inserted(
        composite({
          matcher_list: {
            matchers: [
              when(all(hasMark(others), ...handshake), execute(byHeaders())),
              when(hasMark(others), execute(processor())),
              when(hasMark(grpcOnly), execute(byHeaders())),
            ],
          },
        }),
      ),
    );
  });

  it("puts the filters before the router in their order", () => {
    const patches = patchesOf({
      rules: [{ notMethods: ["OPTIONS"] }],
      args: { position: FilterPosition.BeforeRouter },
      processing: { requestBody: BodyMode.None },
    });
    const isOptions = { header: { name: ":method", string_match: { exact: "OPTIONS" } } };
    const kinds = patches.slice(0, 2).map(({ patch }) => "value" in patch && patch.value.name);
    assert.deepEqual(kinds, ["envoy.filters.http.rbac", "envoy.filters.http.ext_proc"]);
    assert.deepEqual(patches[0]?.patch, {
      operation: "INSERT_BEFORE",
      value: selection({ excluded: anyOf(isOptions) }),
    });
    assert.notDeepEqual(isOptions, not(isOptions));
  });

  it("says what it answers when it fails closed: 403 like the others unless told", () => {
    const bodyless = { requestBody: BodyMode.None };
    const closed = (code: number): EnvoyValue => ({ failure_mode_allow: false, status_on_error: { code } });
    assert.deepEqual(
      patchesOf({ processing: bodyless, inspection: { failOpen: false } })[0],
      inserted(byHeaders(closed(403))),
    );
    assert.deepEqual(
      patchesOf({ processing: bodyless, inspection: { failOpen: false, statusOnError: 503 } })[0],
      inserted(byHeaders(closed(503))),
    );
  });

  it("holds nothing for an agent that only looks on", () => {
    const closed = { failOpen: false };
    const [check] = patchesOf({ observed: true, inspection: closed });
    const observed = { failure_mode_allow: true, observability_mode: true };
    const streamed = byHeaders({ ...observed, ...keepsLength }, { request_body_mode: "STREAMED" });
    assert.deepEqual(
      check,
      inserted(
        composite({
          matcher_list: { matchers: [when(all(...handshake), execute(byHeaders(observed)))] },
          on_no_match: execute(streamed),
        }),
      ),
    );
  });

  const modes: [BodyMode, string][] = [
    [BodyMode.None, "NONE"],
    [BodyMode.BufferedPartial, "BUFFERED_PARTIAL"],
    [BodyMode.Buffered, "BUFFERED"],
    [BodyMode.Streamed, "STREAMED"],
  ];
  for (const [mode, name] of modes) {
    it(`sends response bodies as ${mode}`, () => {
      assert.deepEqual(
        patchesOf({ processing: { requestBody: BodyMode.None, responseBody: mode } })[0],
        inserted(byHeaders({}, { response_body_mode: name })),
      );
    });
  }

  it("holds request bodies on demand", () => {
    for (const [requestBody, name] of modes.slice(1, 3)) {
      const held = byHeaders(keepsLength, { request_body_mode: name });
      const webSockets = when(all(...handshake), execute(byHeaders()));
      assert.deepEqual(
        patchesOf({ processing: { requestBody } })[0],
        inserted(composite({ matcher_list: { matchers: [webSockets] }, on_no_match: execute(held) })),
      );
    }
  });

  it("tells the agent nothing of responses without response data", () => {
    assert.deepEqual(
      patchesOf({ processing: { requestBody: BodyMode.None }, responseData: false })[0],
      inserted(byHeaders({}, { response_header_mode: "SKIP" })),
    );
  });

  it("sends the headers that are allowed and clears the route cache on demand", () => {
    const args = { allowedHeaders: ["User-Agent"], disallowedHeaders: ["x-*"], clearRouteCache: true };
    assert.deepEqual(
      patchesOf({ args, processing: { requestBody: BodyMode.None } })[0],
      inserted(
        byHeaders({
          forward_rules: {
            allowed_headers: { patterns: [{ exact: "user-agent" }] },
            disallowed_headers: { patterns: [{ prefix: "x-" }] },
          },
          route_cache_action: "CLEAR",
        }),
      ),
    );
  });

  it("lets the agent change its own headers, those of its option, and no others", () => {
    const allowed = (changeableHeaders?: string[], option?: string): unknown => {
      const processing = externalProcessingSettings({ changeableHeaders }, option);
      const [patch] = patchesOf({ processing: { ...processing, requestBody: BodyMode.None } });
      return patch?.patch;
    };
    const rules = (regex: string): unknown => ({
      operation: "INSERT_FIRST",
      value: byHeaders({ mutation_rules: { disallow_all: true, allow_expression: { regex } } }),
    });
    assert.deepEqual(allowed(), rules("(?i)(x-sigsci-.*|location)"));
    assert.deepEqual(
      allowed(undefined, "x-waf:$TagList, x-id :$RequestID"),
      rules("(?i)(x-sigsci-.*|location|x-waf|x-id)"),
    );
    assert.deepEqual(allowed([], "x-waf:1"), {
      operation: "INSERT_FIRST",
      value: byHeaders({ mutation_rules: { disallow_all: true } }),
    });
    assert.deepEqual(allowed(["x.y", "z*"], "x-waf:1"), rules("(?i)(x\\.y|z.*)"));
  });

  it("checks a request in one way at most, whatever the rules", () => {
    fc.assert(
      fc.property(fc.array(anyRule, { minLength: 1, maxLength: 3 }), (rules) => {
        const filters = patchesOf({ rules }).filter(
          ({ patch }) => "value" in patch && patch.value.name === "envoy.filters.http.ext_proc",
        );
        assert.equal(filters.length, 1);
      }),
    );
  });
});
