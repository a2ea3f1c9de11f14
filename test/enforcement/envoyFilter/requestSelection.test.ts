import assert from "node:assert/strict";
import fc from "fast-check";
import { GrpcInspection } from "../../../src/args/envoyFilter";
import type { EnvoyValue } from "../../../src/enforcement/envoyFilter/envoyFilterTypes";
import { selectRequests } from "../../../src/enforcement/envoyFilter/requestSelection";
import type { SelectionSettings } from "../../../src/enforcement/envoyFilter/requestSelection";
import type { InspectionRuleArgs } from "../../../src/args/targets";
import { anyRule } from "../anyRule";
import { anyOf, grpcOnly, isGrpc, isNotGrpc, marked, not, or, others, policy, selection } from "./expected";

const settings: SelectionSettings = {
  excludedPaths: [],
  grpc: GrpcInspection.Full,
  markPrefix: "sigsci-agent_web_",
};
const sendBody = true;
const path = (exact: string): object => ({ url_path: { path: { exact } } });
const header = (name: string, exact: string): object => ({ header: { name, string_match: { exact } } });
const hostMatch = (string_match: object): object => ({ header: { name: ":authority", string_match } });
const host = (exact: string): object => hostMatch({ exact, ignore_case: true });

const filterOf = (
  rules: InspectionRuleArgs[],
  changes: Partial<SelectionSettings> = {},
): EnvoyValue | undefined =>
  selectRequests({ rules, grpcPorts: [] }, sendBody, { ...settings, ...changes }).filter;

describe("selectRequests, by rules that pick requests", () => {
  it("gives each rule a policy of its own", () => {
    const rules = [{ paths: ["/a", "/b"] }, { methods: ["POST"], notPaths: ["/c"] }];
    assert.deepEqual(
      filterOf(rules),
      selection({
        "request-0": policy(or(path("/a"), path("/b"))),
        "request-1": policy(not(path("/c")), or(header(":method", "POST"))),
      }),
    );
  });

  it("writes every condition on the request", () => {
    const rule = {
      hosts: ["a.example.com"],
      notHosts: ["b.example.com"],
      methods: ["GET"],
      notMethods: ["PUT"],
      paths: ["/a"],
      notPaths: ["/b"],
      ports: [8080, 8081],
      notPorts: [9090],
      headers: [
        { name: "x-a", values: ["1"], notValues: ["2"] },
        { name: "x-b", values: ["3"] },
      ],
    };
    assert.deepEqual(
      filterOf([rule]),
      selection({
        "request-0": policy(
          not(
            host("b.example.com"),
            header(":method", "PUT"),
            path("/b"),
            { destination_port: 9090 },
            header("x-a", "2"),
          ),
          or(
            host("a.example.com"),
            hostMatch({ prefix: "a.example.com:", ignore_case: true }),
            host("a.example.com."),
            hostMatch({ prefix: "a.example.com.:", ignore_case: true }),
          ),
          or(header(":method", "GET")),
          or(path("/a")),
          or({ destination_port: 8080 }, { destination_port: 8081 }),
          or(header("x-a", "1")),
          or(header("x-b", "3")),
        ),
      }),
    );
  });

  it("takes a host by its end whatever port or dot follows", () => {
    const string_match = { safe_regex: { regex: "(?i).*\\.example\\.com\\.?(:.*)?" } };
    for (const pattern of ["*.example.com", "*.example.com."]) {
      assert.deepEqual(
        filterOf([{ hosts: [pattern] }]),
        selection({ "request-0": policy(or(hostMatch(string_match))) }),
      );
    }
  });

  it("writes every condition on addresses", () => {
    const rule = {
      ipBlocks: ["10.0.0.0/8", "10.9.0.1"],
      notIpBlocks: ["10.1.0.0/16"],
      remoteIpBlocks: ["192.0.2.0/24"],
      notRemoteIpBlocks: ["192.0.2.1", "192.0.2.2"],
    };
    const block = (address_prefix: string, prefix_len: number): object => ({ address_prefix, prefix_len });
    const ids = [
      {
        or_ids: {
          ids: [{ direct_remote_ip: block("10.0.0.0", 8) }, { direct_remote_ip: block("10.9.0.1", 32) }],
        },
      },
      { not_id: { direct_remote_ip: block("10.1.0.0", 16) } },
      { or_ids: { ids: [{ remote_ip: block("192.0.2.0", 24) }] } },
      { not_id: { remote_ip: block("192.0.2.1", 32) } },
      { not_id: { remote_ip: block("192.0.2.2", 32) } },
    ];
    assert.deepEqual(
      filterOf([rule]),
      selection({ "request-0": { permissions: [{ any: true }], principals: [{ and_ids: { ids } }] } }),
    );
  });

  it("leaves excluded paths out of every rule", () => {
    const rules = [{ paths: ["/a"] }, {}];
    const excluded = not(path("/healthz"), path("/ready"));
    assert.deepEqual(
      filterOf(rules, { excludedPaths: ["/healthz", "/ready"], markPrefix: "waf_" }),
      selection({ "request-0": policy(excluded, or(path("/a"))), "request-1": policy(excluded) }, "waf_"),
    );
  });

  it("keeps gRPC apart or out", () => {
    const picked = [or(path("/a"))];
    const rules = { rules: [{ paths: ["/a"] }], grpcPorts: [9000] };
    assert.deepEqual(selectRequests(rules, sendBody, { ...settings, grpc: GrpcInspection.HeadersOnly }), {
      filter: selection({ "request-0": policy(...picked, isNotGrpc), "grpc-0": policy(...picked, isGrpc) }),
      groups: [
        { mark: marked("request-"), withBody: true },
        { mark: marked("grpc-"), withBody: false },
      ],
    });
    assert.deepEqual(selectRequests(rules, sendBody, { ...settings, grpc: GrpcInspection.None }), {
      filter: selection({ "request-0": policy(...picked, isNotGrpc) }),
      groups: [{ mark: marked("request-"), withBody: true }],
    });
  });
});

describe("selectRequests, by a rule that only leaves requests out", () => {
  it("marks nothing but what is left out", () => {
    const rule = {
      notHosts: ["b.example.com"],
      notMethods: ["PUT"],
      notPaths: ["/b"],
      notPorts: [9090],
      headers: [{ name: "x-a", notValues: ["2"] }],
    };
    const exceptions = [
      host("b.example.com"),
      header(":method", "PUT"),
      path("/b"),
      { destination_port: 9090 },
      header("x-a", "2"),
      path("/healthz"),
    ];
    const requests = { rules: [rule], grpcPorts: [9000] };
    assert.deepEqual(selectRequests(requests, sendBody, { ...settings, excludedPaths: ["/healthz"] }), {
      filter: selection({ excluded: anyOf(...exceptions) }),
      groups: [{ mark: others, withBody: true }],
    });
    assert.deepEqual(
      selectRequests(requests, sendBody, {
        ...settings,
        excludedPaths: ["/healthz"],
        grpc: GrpcInspection.HeadersOnly,
      }),
      {
        filter: selection({ excluded: anyOf(...exceptions), grpc: policy(not(...exceptions), isGrpc) }),
        groups: [
          { mark: others, withBody: true },
          { mark: grpcOnly, withBody: false },
        ],
      },
    );
  });

  it("marks nothing when every request is checked", () => {
    const groups = [{ mark: undefined, withBody: true }];
    for (const grpcPorts of [[], [9000]]) {
      assert.deepEqual(selectRequests({ rules: [{}], grpcPorts }, sendBody, settings), {
        filter: undefined,
        groups,
      });
    }
  });

  it("does so for no other rule", () => {
    const withPolicies = (rule: InspectionRuleArgs): boolean =>
      JSON.stringify(filterOf([rule]) ?? {}).includes('"request-0"');
    fc.assert(
      fc.property(anyRule, (rule) => {
        const { paths, methods, hosts, ports, ipBlocks, notIpBlocks, remoteIpBlocks, notRemoteIpBlocks } =
          rule;
        const choices = [
          paths,
          methods,
          hosts,
          ports,
          ipBlocks,
          notIpBlocks,
          remoteIpBlocks,
          notRemoteIpBlocks,
        ];
        const values = (rule.headers ?? []).map((condition) => condition.values);
        assert.equal(
          withPolicies(rule),
          [...choices, ...values].some((choice) => choice !== undefined),
        );
      }),
    );
  });
});
