import assert from "node:assert/strict";
import { selectionFilter } from "../../../src/enforcement/envoyFilter/selection";
import { policy, selection } from "./expected";

const all = [{ policyPrefix: "request-", withBody: true }];
const settings = { excludedPaths: [], statPrefix: "sigsci-agent" };
const or = (...rules: object[]): { or_rules: object } => ({ or_rules: { rules } });
const path = (exact: string): object => ({ url_path: { path: { exact } } });
const header = (name: string, exact: string): object => ({ header: { name, string_match: { exact } } });

describe("selectionFilter", () => {
  it("gives each rule a policy of its own", () => {
    const rules = [{ paths: ["/a", "/b"] }, { methods: ["POST"], notPaths: ["/c"] }];
    assert.deepEqual(
      selectionFilter(rules, all, settings),
      selection({
        "request-0": policy(or(path("/a"), path("/b"))),
        "request-1": policy(or(header(":method", "POST")), { not_rule: or(path("/c")) }),
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
    const host = (exact: string): object => ({
      header: { name: ":authority", string_match: { exact, ignore_case: true } },
    });
    assert.deepEqual(
      selectionFilter([rule], all, settings),
      selection({
        "request-0": policy(
          or(host("a.example.com")),
          { not_rule: or(host("b.example.com")) },
          or(header(":method", "GET")),
          { not_rule: or(header(":method", "PUT")) },
          or(path("/a")),
          { not_rule: or(path("/b")) },
          or({ destination_port: 8080 }, { destination_port: 8081 }),
          { not_rule: or({ destination_port: 9090 }) },
          or(header("x-a", "1")),
          { not_rule: or(header("x-a", "2")) },
          or(header("x-b", "3")),
        ),
      }),
    );
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
      selectionFilter([rule], all, settings),
      selection({ "request-0": { ...policy(), principals: [{ and_ids: { ids } }] } }),
    );
  });

  it("leaves excluded paths out of every rule", () => {
    const rules = [{ paths: ["/a"] }, {}];
    assert.deepEqual(
      selectionFilter(rules, all, { excludedPaths: ["/healthz", "/ready"], statPrefix: "waf" }),
      selection(
        {
          "request-0": policy(or(path("/a")), { not_rule: or(path("/healthz"), path("/ready")) }),
          "request-1": policy({ not_rule: or(path("/healthz"), path("/ready")) }),
        },
        "waf_",
      ),
    );
  });
});
