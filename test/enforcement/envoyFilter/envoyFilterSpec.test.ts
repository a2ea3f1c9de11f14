import assert from "node:assert/strict";
import fc from "fast-check";
import { AccessLogTransport, FilterPosition, GrpcInspection } from "../../../src/args/envoyFilter";
import type {
  ConfigPatch,
  EnvoyFilterSpec,
  EnvoyValue,
} from "../../../src/enforcement/envoyFilter/envoyFilterTypes";
import { envoyFilterSpec } from "../../../src/enforcement/envoyFilter/envoyFilterSpec";
import { anyRule } from "../anyRule";
import * as expected from "./expected";
import { added, anyOf, check, cluster, grpcOnly, inFront, isGrpc, log, loggedIf, merged } from "./expected";
import { not, others, policy, selection } from "./expected";
import { planOf, serviceAgent, variants } from "./plans";
import type { PlanChanges } from "./plans";

const specOf = (changes: PlanChanges): EnvoyFilterSpec => envoyFilterSpec(planOf(changes));
const patchesOf = (changes: PlanChanges): ConfigPatch[] => specOf(changes).configPatches;

const workloadSelector = { labels: { app: "web" } };
const host = "sigsci-agent.sigsci.svc.cluster.local";
const service = { envoy_grpc: { cluster_name: `outbound|9999||${host}`, authority: host } };

/** The one check of the defaults with changed fields. */
const checks = (changes: EnvoyValue = {}): EnvoyValue[] => [
  check(undefined, { ...expected.wholeBody, ...changes }),
];
const rest = [merged(log()), added(cluster)];

describe("envoyFilterSpec", () => {
  it("checks and logs every request of the pods with its body, by one filter", () => {
    assert.deepEqual(specOf({}), {
      workloadSelector,
      priority: 10,
      configPatches: [...inFront(checks()), ...rest],
    });
  });

  it("is for every proxy of the namespace without a selector", () => {
    assert.deepEqual(specOf({ workloads: {} }), {
      priority: 10,
      configPatches: [...inFront(checks()), ...rest],
    });
  });

  it("uses the cluster of a Service and makes none", () => {
    const grpc = { grpc_service: { ...service, timeout: "0.2s" } };
    assert.deepEqual(patchesOf({ agent: serviceAgent }), [
      ...inFront(checks(grpc)),
      merged(log({ client: service })),
    ]);
  });

  it("logs through Google's client on request", () => {
    const args = { accessLogTransport: AccessLogTransport.GoogleGrpc };
    const client = (address: string): EnvoyValue => ({
      google_grpc: { target_uri: `${address}:9999`, stat_prefix: "sigsci-agent" },
    });
    assert.deepEqual(patchesOf({ args }), [
      ...inFront(checks()),
      merged(log({ client: client("127.0.0.1") })),
      added(cluster),
    ]);
    assert.deepEqual(patchesOf({ args, agent: serviceAgent }), [
      ...inFront(checks({ grpc_service: { ...service, timeout: "0.2s" } })),
      merged(log({ client: client(host) })),
    ]);
  });

  it("is for gateways by reference or by label, in their context", () => {
    const targetRefs = [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "public" }];
    const match = { ...expected.managers, context: "GATEWAY" } as const;
    const configPatches = [...inFront(checks(), match), merged(log(), match), added(cluster, "GATEWAY")];
    const context = "GATEWAY";
    assert.deepEqual(specOf({ context, workloads: { targetRefs } }), {
      targetRefs,
      priority: 10,
      configPatches,
    });
    assert.deepEqual(specOf({ context }), { workloadSelector, priority: 10, configPatches });
  });

  it("logs nothing without response data", () => {
    assert.deepEqual(patchesOf({ responseData: false }), [...inFront(checks()), added(cluster)]);
  });

  it("logs unchecked requests too on request", () => {
    const args = { logUncheckedRequests: true };
    assert.deepEqual(patchesOf({ args }), [
      ...inFront(checks()),
      merged(log({ filter: {} })),
      added(cluster),
    ]);
  });
});

describe("envoyFilterSpec, bodies and gRPC", () => {
  const grpcPorts = [9000];
  const { wholeBody } = expected;

  it("checks gRPC by its headers on the ports that are named", () => {
    assert.deepEqual(patchesOf({ grpcPorts }), [
      ...inFront([check(grpcOnly), check(others, wholeBody), selection({ grpc: policy(isGrpc) })]),
      merged(log({ filter: loggedIf(others, grpcOnly) })),
      added(cluster),
    ]);
  });

  it("treats gRPC like any other request with Full", () => {
    assert.deepEqual(patchesOf({ grpcPorts, args: { grpc: GrpcInspection.Full } }), patchesOf({}));
  });

  it("leaves gRPC out with None on the ports that are named", () => {
    const filters = [check(others, wholeBody), selection({ excluded: anyOf(isGrpc) })];
    assert.deepEqual(patchesOf({ grpcPorts, args: { grpc: GrpcInspection.None } }), [
      ...inFront(filters),
      merged(log({ filter: loggedIf(others) })),
      added(cluster),
    ]);
  });

  it("sends no body when bodies are not inspected, and needs no second filter then", () => {
    const inspection = { body: { enabled: false } };
    assert.deepEqual(patchesOf({ inspection, grpcPorts }), [...inFront([check()]), ...rest]);
  });

  it("takes nobody's word that a request is gRPC without such a port", () => {
    const anyWay = fc.constantFrom(...Object.values(GrpcInspection));
    fc.assert(
      fc.property(anyWay, fc.array(anyRule, { minLength: 1, maxLength: 3 }), (grpc, rules) => {
        assert.doesNotMatch(JSON.stringify(specOf({ rules, args: { grpc } })), /application\/grpc/);
      }),
    );
  });

  it("asks about and logs what fits a rule that picks requests", () => {
    const { isNotGrpc, marked, or } = expected;
    const fitting = [or({ url_path: { path: { exact: "/login" } } })];
    assert.deepEqual(patchesOf({ rules: [{ paths: ["/login"] }], grpcPorts }), [
      ...inFront([
        check(marked("grpc-")),
        check(marked("request-"), wholeBody),
        selection({ "request-0": policy(...fitting, isNotGrpc), "grpc-0": policy(...fitting, isGrpc) }),
      ]),
      merged(log({ filter: loggedIf(marked("request-"), marked("grpc-")) })),
      added(cluster),
    ]);
  });
});

describe("envoyFilterSpec, fields", () => {
  const shares: [number, EnvoyValue][] = [
    [0, { numerator: 0, denominator: "HUNDRED" }],
    [25, { numerator: 25, denominator: "HUNDRED" }],
    [12.5, { numerator: 125_000, denominator: "MILLION" }],
    [0.0001, { numerator: 1, denominator: "MILLION" }],
    [33.3333, { numerator: 333_333, denominator: "MILLION" }],
  ];
  for (const [rolloutPercent, default_value] of shares) {
    it(`checks ${rolloutPercent} percent of the requests`, () => {
      const filter_enabled = { default_value, runtime_key: "sigsci-agent.rollout_percent" };
      assert.deepEqual(patchesOf({ args: { rolloutPercent } }), [
        ...inFront(checks({ filter_enabled })),
        ...rest,
      ]);
    });
  }

  it("takes a runtime key for all requests", () => {
    const filter_enabled = {
      default_value: { numerator: 100, denominator: "HUNDRED" },
      runtime_key: "waf.on",
    };
    assert.deepEqual(patchesOf({ args: { rolloutRuntimeKey: "waf.on" } }), [
      ...inFront(checks({ filter_enabled })),
      ...rest,
    ]);
  });

  it("writes the fail mode and the status of an error", () => {
    const fields = { failure_mode_allow: false, status_on_error: { code: 503 } };
    assert.deepEqual(patchesOf({ inspection: { failOpen: false, statusOnError: 503 } }), [
      ...inFront(checks(fields)),
      ...rest,
    ]);
  });

  it("takes every argument", () => {
    const plan = planOf(variants["every-argument"]);
    const spec = envoyFilterSpec(plan);
    const fields = {
      stat_prefix: "waf",
      grpc_service: { envoy_grpc: { cluster_name: "sigsci-agent-grpc-9999" }, timeout: "90.5s" },
      failure_mode_allow_header_add: true,
      status_on_error: { code: 503 },
      filter_enabled: {
        default_value: { numerator: 125_000, denominator: "MILLION" },
        runtime_key: "waf.share",
      },
      allowed_headers: { patterns: [{ exact: "user-agent" }, { prefix: "x-" }] },
      disallowed_headers: { patterns: [{ exact: "authorization" }] },
      encode_raw_headers: true,
      include_peer_certificate: true,
      clear_route_cache: true,
    };
    const before = {
      context: "SIDECAR_INBOUND",
      listener: {
        filterChain: {
          filter: {
            name: "envoy.filters.network.http_connection_manager",
            subFilter: { name: "envoy.filters.http.router" },
          },
        },
      },
    } as const;
    const filters = [
      selection(
        {
          excluded: anyOf(...expected.everyPathForm),
          grpc: policy(not(...expected.everyPathForm), isGrpc),
        },
        "waf_web_",
      ),
      check(expected.mark("shadow_engine_result", { exact: "allowed" }, "waf_web_"), {
        ...fields,
        with_request_body: { max_request_bytes: 1024, allow_partial_message: false, pack_as_bytes: false },
      }),
      check(expected.mark("shadow_effective_policy_id", { exact: "grpc" }, "waf_web_"), fields),
    ];
    assert.deepEqual(spec, {
      workloadSelector,
      priority: -5,
      configPatches: [
        ...filters.map((value) => ({
          applyTo: "HTTP_FILTER",
          match: before,
          patch: { operation: "INSERT_BEFORE", value },
        })),
        expected.noCheckOfTunnels,
        merged(
          log({
            client: { google_grpc: { target_uri: "127.0.0.1:9999", stat_prefix: "waf" } },
            filter: {},
            timeout: "90.5s",
            common: { log_name: "waf", filter_state_objects_to_log: ["upstream_peer"] },
            fields: {
              additional_request_headers_to_log: [
                "x-sigsci-request-id",
                "x-sigsci-waf-response",
                "User-Agent",
              ],
              additional_response_headers_to_log: [],
              additional_response_trailers_to_log: ["grpc-status"],
            },
          }),
        ),
        added({
          ...cluster,
          connect_timeout: "1s",
          circuit_breakers: {
            thresholds: [{ max_connections: 1, max_pending_requests: 2, max_requests: 3, max_retries: 4 }],
          },
        }),
      ],
    });
  });

  it("writes the log's condition with another prefix of marks", () => {
    const filter = loggedIf(expected.mark("shadow_engine_result", { exact: "allowed" }, "waf_web_"));
    const excludedPaths = ["/healthz"];
    assert.deepEqual(
      patchesOf({ args: { statPrefix: "waf", excludedPaths } }).filter(
        ({ applyTo }) => applyTo === "NETWORK_FILTER",
      ),
      [merged(log({ filter }))],
    );
  });
});

describe("envoyFilterSpec, order", () => {
  /** The HTTP filters of a proxy after the patches, as istiod applies them. */
  const chainOf = (changes: PlanChanges): string[] => {
    const chain = ["metadata", "router"];
    for (const { applyTo, patch } of patchesOf(changes)) {
      if (applyTo === "HTTP_FILTER" && patch.operation !== "REMOVE") {
        const text = JSON.stringify(patch.value);
        const kind = text.includes("shadow_rules_stat_prefix")
          ? "marks"
          : text.includes('"exact":"grpc"')
            ? "grpc"
            : "others";
        chain.splice(patch.operation === "INSERT_FIRST" ? 0 : chain.indexOf("router"), 0, kind);
      }
    }
    return chain;
  };

  it("puts the marks before the checks, at the front or before the router", () => {
    const grpcPorts = [9000];
    assert.deepEqual(chainOf({}), ["others", "metadata", "router"]);
    assert.deepEqual(chainOf({ grpcPorts }), ["marks", "others", "grpc", "metadata", "router"]);
    assert.deepEqual(chainOf({ grpcPorts, args: { position: FilterPosition.BeforeRouter } }), [
      "metadata",
      "marks",
      "others",
      "grpc",
      "router",
    ]);
  });

  it("reads each mark that it sets and changes nothing that it is given, for any rules", () => {
    fc.assert(
      fc.property(
        fc.array(anyRule, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...Object.values(GrpcInspection)),
        fc.constantFrom<number[]>([], [9000]),
        (rules, grpc, grpcPorts) => {
          const plan = planOf({ rules, grpcPorts, args: { grpc } });
          const copy = structuredClone(plan);
          const text = JSON.stringify(envoyFilterSpec(plan));
          assert.deepEqual(plan, copy);
          assert.equal(JSON.stringify(envoyFilterSpec(plan)), text);
          const policies = [...text.matchAll(/"(excluded|grpc|request-|grpc-)\d*":\{"permissions/g)];
          const set = new Set(policies.map((match) => match[1]));
          const read = new Set(
            [...text.matchAll(/"(?:prefix|exact)":"(request-|grpc-|grpc)"/g)].map((match) => match[1]),
          );
          // Nobody reads the mark of what is left out; everything without a policy reads "allowed".
          const readsAllowed = text.includes('"exact":"allowed"');
          assert.equal(readsAllowed, set.has("excluded") || set.has("grpc"));
          set.delete("excluded");
          assert.deepEqual(set, read);
          const all = [...text.matchAll(/"request-\d+":\{"permissions/g)];
          assert.ok(all.length === rules.length || (all.length === 0 && rules.length === 1));
        },
      ),
    );
  });
});
