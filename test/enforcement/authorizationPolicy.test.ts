import assert from "node:assert/strict";
import fc from "fast-check";
import {
  authorizationPolicySpec,
  neutralPolicySpec,
  policyWorkloads,
} from "../../src/enforcement/authorizationPolicy";
import { spellingsOfHost } from "../../src/enforcement/hosts";
import { TargetRefKind } from "../../src/args/targets";
import type { InspectionRuleArgs, TargetArgs } from "../../src/args/targets";
import { anyRule } from "./anyRule";

const storefront: TargetArgs = {
  name: "storefront",
  namespace: "shop",
  matchLabels: { app: "web", tier: "edge" },
};
const rulesOf = (rule: InspectionRuleArgs): unknown =>
  authorizationPolicySpec({ name: "storefront", namespace: "shop", ...rule }, "waf-ext-authz").rules;

describe("authorizationPolicySpec", () => {
  it("asks the provider for every request of the selected pods when there is no condition", () => {
    assert.deepEqual(authorizationPolicySpec(storefront, "waf-ext-authz"), {
      selector: { matchLabels: { app: "web", tier: "edge" } },
      action: "CUSTOM",
      provider: { name: "waf-ext-authz" },
      rules: [{}],
    });
  });

  it("has no selector for a whole namespace", () => {
    assert.deepEqual(authorizationPolicySpec({ name: "all", namespace: "shop" }, "p"), {
      action: "CUSTOM",
      provider: { name: "p" },
      rules: [{}],
    });
  });

  it("writes every condition to its place", () => {
    const rule: Required<InspectionRuleArgs> = {
      paths: ["/api/*"],
      notPaths: ["/healthz", "/api/{*}/live"],
      methods: ["POST", "PUT"],
      notMethods: ["OPTIONS"],
      hosts: ["shop.example.com"],
      notHosts: ["static.example.com"],
      ports: [8080, 8443],
      notPorts: [9090],
      ipBlocks: ["10.0.0.0/8"],
      notIpBlocks: ["10.1.2.3"],
      remoteIpBlocks: ["192.0.2.0/24"],
      notRemoteIpBlocks: ["2001:db8::/32"],
      headers: [
        { name: "X-Version", values: ["2", "3"] },
        { name: "user-agent", notValues: ["probe/*"] },
        { name: "x-both", values: ["*"], notValues: ["a"] },
      ],
    };
    assert.deepEqual(rulesOf(rule), [
      {
        from: [
          {
            source: {
              ipBlocks: ["10.0.0.0/8"],
              notIpBlocks: ["10.1.2.3"],
              remoteIpBlocks: ["192.0.2.0/24"],
              notRemoteIpBlocks: ["2001:db8::/32"],
            },
          },
        ],
        to: [
          {
            operation: {
              hosts: ["shop.example.com", "shop.example.com:*", "shop.example.com.", "shop.example.com.:*"],
              notHosts: ["static.example.com"],
              ports: ["8080", "8443"],
              notPorts: ["9090"],
              methods: ["POST", "PUT"],
              notMethods: ["OPTIONS"],
              paths: ["/api/*"],
              notPaths: ["/healthz", "/api/{*}/live"],
            },
          },
        ],
        when: [
          { key: "request.headers[x-version]", values: ["2", "3"] },
          { key: "request.headers[user-agent]", notValues: ["probe/*"] },
          { key: "request.headers[x-both]", values: ["*"], notValues: ["a"] },
        ],
      },
    ]);
  });

  const single: [InspectionRuleArgs, unknown][] = [
    [{ paths: ["/a"] }, { to: [{ operation: { paths: ["/a"] } }] }],
    [{ notPaths: ["/a"] }, { to: [{ operation: { notPaths: ["/a"] } }] }],
    [{ methods: ["GET"] }, { to: [{ operation: { methods: ["GET"] } }] }],
    [{ notMethods: ["GET"] }, { to: [{ operation: { notMethods: ["GET"] } }] }],
    [{ hosts: ["a"] }, { to: [{ operation: { hosts: ["a", "a:*", "a.", "a.:*"] } }] }],
    [{ notHosts: ["a"] }, { to: [{ operation: { notHosts: ["a"] } }] }],
    [{ ports: [80] }, { to: [{ operation: { ports: ["80"] } }] }],
    [{ notPorts: [80] }, { to: [{ operation: { notPorts: ["80"] } }] }],
    [{ ipBlocks: ["::1"] }, { from: [{ source: { ipBlocks: ["::1"] } }] }],
    [{ notIpBlocks: ["::1"] }, { from: [{ source: { notIpBlocks: ["::1"] } }] }],
    [{ remoteIpBlocks: ["::1"] }, { from: [{ source: { remoteIpBlocks: ["::1"] } }] }],
    [{ notRemoteIpBlocks: ["::1"] }, { from: [{ source: { notRemoteIpBlocks: ["::1"] } }] }],
    [{ headers: [{ name: "a", values: ["b"] }] }, { when: [{ key: "request.headers[a]", values: ["b"] }] }],
  ];
  for (const [rule, expected] of single) {
    it(`writes nothing beside ${Object.keys(rule).join()} when it is the only condition`, () => {
      assert.deepEqual(rulesOf(rule), [expected]);
    });
  }

  it("makes one rule of each of several", () => {
    const target = { ...storefront, rules: [{ paths: ["/a"] }, {}, { ports: [1] }] };
    assert.deepEqual(authorizationPolicySpec(target, "p").rules, [
      { to: [{ operation: { paths: ["/a"] } }] },
      {},
      { to: [{ operation: { ports: ["1"] } }] },
    ]);
  });

  it("loses and adds no condition, whatever the rule", () => {
    fc.assert(
      fc.property(anyRule, (rule) => {
        const [written] = authorizationPolicySpec({ name: "t", namespace: "n", ...rule }, "p").rules ?? [];
        const { ports, notPorts, ...operation } = written?.to?.[0]?.operation ?? {};
        const headers = written?.when?.map(({ key, ...values }) => ({
          name: key.slice("request.headers[".length, -1),
          ...values,
        }));
        const read = {
          ...operation,
          ...(ports && { ports: ports.map(Number) }),
          ...(notPorts && { notPorts: notPorts.map(Number) }),
          ...written?.from?.[0]?.source,
          ...(headers && { headers }),
        };
        const hosts = rule.hosts?.flatMap(spellingsOfHost);
        assert.deepEqual(read, { ...rule, ...(hosts && { hosts }) });
        assert.ok((written?.to?.length ?? 1) === 1 && (written?.from?.length ?? 1) === 1);
      }),
      { numRuns: 200 },
    );
  });
});

describe("neutralPolicySpec", () => {
  it("keeps the selector, names no provider and has no rule, in the one action that Istio accepts so", () => {
    assert.deepEqual(neutralPolicySpec({ ...storefront, paths: ["/a"] }), {
      selector: { matchLabels: { app: "web", tier: "edge" } },
      action: "AUDIT",
    });
  });

  it("has no selector for a whole namespace", () => {
    assert.deepEqual(neutralPolicySpec({ name: "all", namespace: "shop" }), { action: "AUDIT" });
  });
});

describe("policyWorkloads", () => {
  it("copies the labels, so that a later change of the arguments changes no policy", () => {
    const matchLabels = { app: "web" };
    const { selector } = policyWorkloads({ name: "t", namespace: "n", matchLabels });
    matchLabels.app = "changed";
    assert.deepEqual(selector, { matchLabels: { app: "web" } });
  });

  it("names gateways and what is behind a waypoint with their API groups", () => {
    const targetRefs = [
      { kind: TargetRefKind.Gateway, name: "edge" },
      { kind: TargetRefKind.Service, name: "web" },
      { kind: TargetRefKind.ServiceEntry, name: "partner" },
      { kind: TargetRefKind.GatewayClass, name: "istio-waypoint" },
    ];
    assert.deepEqual(policyWorkloads({ name: "t", namespace: "n", targetRefs }), {
      targetRefs: [
        { group: "gateway.networking.k8s.io", kind: "Gateway", name: "edge" },
        { group: "", kind: "Service", name: "web" },
        { group: "networking.istio.io", kind: "ServiceEntry", name: "partner" },
        { group: "gateway.networking.k8s.io", kind: "GatewayClass", name: "istio-waypoint" },
      ],
    });
  });
});
