import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import { shadowSpec } from "../../src/enforcement/envoyFilter/shadowSpec";
import { findProtections, type Protection } from "../../src/render/protections";
import { recordProgram } from "../../src/offline/recording";
import { BodyMode, Enforcement, GrpcInspection, TargetKind } from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { withProviderChecks } from "../../src/render/providerChecks";
import { recordComponent } from "../component/program";

async function protections(kind: string, spec: object, labels = {}, annotations = {}): Promise<Protection[]> {
  const { resources } = await recordProgram(() => {
    new k8s.apiextensions.CustomResource("one", {
      apiVersion: "example.istio.io/v1",
      kind,
      metadata: { name: "waf", namespace: "shop", labels, annotations },
      spec,
    });
  });
  return findProtections(resources);
}

const CUSTOM = { action: "CUSTOM", provider: { name: "waf" }, rules: [{}] };
const ALL = { coverage: "all", text: "all requests" };

function filter(applyTo: string, name: string, operation = "INSERT_BEFORE"): object {
  return {
    configPatches: [{ applyTo, patch: { operation, value: { name } } }],
    workloadSelector: { labels: { app: "web" } },
  };
}

describe("findProtections", () => {
  it("reads selector, provider and rules of a CUSTOM policy", async () => {
    const found = await protections("AuthorizationPolicy", {
      ...CUSTOM,
      selector: { matchLabels: { app: "web" } },
    });
    assert.deepEqual(found, [
      {
        policy: "shop/waf",
        kind: "AuthorizationPolicy",
        namespace: "shop",
        provider: "waf",
        labels: { app: "web" },
        references: [],
        limits: ALL,
        failOpen: undefined,
        excludedPods: [],
        proxies: undefined,
        sendsBodies: undefined,
        observed: false,
        target: undefined,
        revision: undefined,
      },
    ]);
  });

  it("reads the revision that a policy is labelled with", async () => {
    for (const [kind, spec] of [
      ["AuthorizationPolicy", CUSTOM],
      ["EnvoyFilter", filter("HTTP_FILTER", "envoy.filters.http.ext_authz")],
    ] as const) {
      const [found] = await protections(kind, spec, { "istio.io/rev": "canary" });
      assert.equal(found?.revision, "canary");
    }
  });

  it("reads the target that a component made a policy for", async () => {
    const annotations = { "pulumi-sigsci-istio/component": "waf", "pulumi-sigsci-istio/target": "web" };
    const [found] = await protections("AuthorizationPolicy", CUSTOM, {}, annotations);
    assert.equal(found?.target, "waf/web");
  });

  it("reads which pods have no agent", async () => {
    const annotations = { "pulumi-sigsci-istio/excluded-pods": "waf=off,tier=; app=batch" };
    const [found] = await protections("AuthorizationPolicy", CUSTOM, {}, annotations);
    const excluded = [{ waf: "off", tier: "" }, { app: "batch" }].map((matchLabels) => ({ matchLabels }));
    assert.deepEqual(found?.excludedPods, excluded);
  });

  it("takes a policy without a selector for all pods of its namespace", async () => {
    const [found] = await protections("AuthorizationPolicy", CUSTOM);
    assert.deepEqual(found?.labels, {});
  });

  it("lists what a policy names by reference, and then no labels", async () => {
    const targetRefs = [
      { kind: "Gateway", name: "public" },
      { kind: "Service", name: "web" },
    ];
    const [found] = await protections("AuthorizationPolicy", { ...CUSTOM, targetRefs });
    assert.deepEqual(found?.references, ["Gateway shop/public", "Service shop/web"]);
    assert.equal(found.labels, undefined);
  });

  it("takes an EnvoyFilter that inserts the external authorizer, and no other", async () => {
    const [found] = await protections("EnvoyFilter", filter("HTTP_FILTER", "envoy.filters.http.ext_authz"));
    assert.deepEqual(found?.labels, { app: "web" });
    assert.equal(found.provider, undefined);
    assert.deepEqual(found.limits, ALL);
    assert.equal(found.failOpen, false);
    const value = {
      name: "envoy.filters.http.ext_authz",
      typed_config: { filter_enabled: { default_value: { numerator: 10, denominator: "HUNDRED" } } },
    };
    const patches = [{ applyTo: "HTTP_FILTER", patch: { operation: "INSERT_FIRST", value } }];
    const [tenth] = await protections("EnvoyFilter", { configPatches: patches });
    assert.deepEqual(tenth?.limits, { coverage: "some", text: "10 % of requests" });
    assert.deepEqual(await protections("EnvoyFilter", filter("HTTP_FILTER", "envoy.filters.http.lua")), []);
    assert.deepEqual(await protections("EnvoyFilter", filter("CLUSTER", "envoy.filters.http.ext_authz")), []);
    assert.deepEqual(
      await protections("EnvoyFilter", filter("HTTP_FILTER", "envoy.filters.http.ext_authz", "REMOVE")),
      [],
    );
  });

  it("takes an EnvoyFilter with external processing by an agent, and for no other purpose", async () => {
    const processing = (cluster_name: string): object => ({
      configPatches: [
        {
          applyTo: "HTTP_FILTER",
          patch: {
            operation: "INSERT_FIRST",
            value: {
              name: "envoy.filters.http.ext_proc",
              typed_config: { failure_mode_allow: true, grpc_service: { envoy_grpc: { cluster_name } } },
            },
          },
        },
      ],
    });
    for (const cluster of [
      "outbound|9999||waf-agent.security.svc.cluster.local",
      "sigsci-agent-grpc",
      "waf:9999",
    ]) {
      const [found] = await protections("EnvoyFilter", processing(cluster));
      assert.deepEqual([found?.limits, found?.failOpen], [ALL, true], cluster);
    }
    for (const cluster of ["outbound|9002||picker.models.svc.cluster.local", "outbound|19999||a.b.svc", ""]) {
      assert.deepEqual(await protections("EnvoyFilter", processing(cluster)), [], cluster);
    }
  });

  it("leaves out policies of other actions and other kinds", async () => {
    assert.deepEqual(await protections("AuthorizationPolicy", { ...CUSTOM, action: "DENY" }), []);
    assert.deepEqual(await protections("Telemetry", CUSTOM), []);
  });

  it("takes for observed what lets requests pass in any case, by itself or by an EnvoyFilter beside a policy", async () => {
    const check = (fields: object): object => ({
      configPatches: [
        {
          applyTo: "HTTP_FILTER",
          patch: {
            operation: "INSERT_FIRST",
            value: { name: "envoy.filters.http.ext_authz", typed_config: fields },
          },
        },
      ],
    });
    const isObserved = async (fields: object): Promise<boolean | undefined> =>
      (await protections("EnvoyFilter", check(fields)))[0]?.observed;
    assert.equal(await isObserved({ shadow_mode: true }), true);
    assert.equal(await isObserved({ shadow_mode: false }), false);
    const { resources } = await recordProgram(() => {
      for (const target of ["web", "api"]) {
        const annotations = { "pulumi-sigsci-istio/component": "waf", "pulumi-sigsci-istio/target": target };
        const metadata = { name: target, namespace: "shop", annotations };
        new k8s.apiextensions.CustomResource(target, {
          apiVersion: "security.istio.io/v1",
          kind: "AuthorizationPolicy",
          metadata,
          spec: CUSTOM,
        });
        if (target === "web") {
          new k8s.apiextensions.CustomResource("beside", {
            apiVersion: "networking.istio.io/v1alpha3",
            kind: "EnvoyFilter",
            metadata: { ...metadata, name: "beside" },
            spec: shadowSpec({}),
          });
        }
      }
    });
    assert.deepEqual(
      findProtections(resources).map(({ policy, observed }) => [policy, observed]),
      [
        ["shop/web", true],
        ["shop/api", false],
      ],
    );
  });

  describe("of EnvoyFilters of the component", () => {
    const web = { name: "web", namespace: "shop", matchLabels: { app: "web" } };
    const limitsOf = async (args: Partial<SigsciIstioIntegrationArgs>): Promise<unknown[]> => {
      const { resources } = await recordComponent(args);
      return findProtections(resources).map(({ limits }) => [limits.coverage, limits.text]);
    };
    const cases: [string, Partial<SigsciIstioIntegrationArgs>, string, string][] = [
      [
        "conditions",
        { targets: [{ ...web, paths: ["/api/*", "/v2/*"] }] },
        "some",
        "only paths /api/*, /v2/*",
      ],
      [
        "rules and a share",
        {
          targets: [{ ...web, rules: [{ paths: ["/a"] }, { ports: [80] }] }],
          envoyFilter: { rolloutPercent: 5 },
        },
        "some",
        "5 % of requests, only paths /a or ports 80",
      ],
      [
        "what is left out",
        { targets: [web], envoyFilter: { excludedPaths: ["/healthz", "/ready"] } },
        "some",
        "except paths /healthz, /ready",
      ],
      ["gRPC that is checked otherwise", { targets: [{ ...web, grpcPorts: [9000] }] }, "all", "all requests"],
      [
        "gRPC that is not checked",
        { targets: [{ ...web, grpcPorts: [9000] }], envoyFilter: { grpc: GrpcInspection.None } },
        "some",
        "except gRPC to ports 9000",
      ],
    ];
    for (const enforcement of [Enforcement.EnvoyFilter, Enforcement.ExternalProcessing]) {
      for (const [what, args, ...expected] of cases) {
        it(`names ${what}, with ${enforcement}`, async () => {
          assert.deepEqual(await limitsOf({ enforcement, ...args }), [expected]);
        });
      }
    }

    it("say whether bodies are inspected, as providers do of policies", async () => {
      const bodies = async (args: Partial<SigsciIstioIntegrationArgs>): Promise<unknown[]> => {
        const { resources } = await recordComponent({ targets: [web], ...args });
        return withProviderChecks(findProtections(resources), resources).map(
          ({ sendsBodies }) => sendsBodies,
        );
      };
      const headersOnly = { body: { enabled: false } };
      for (const enforcement of [Enforcement.AuthorizationPolicy, Enforcement.EnvoyFilter]) {
        assert.deepEqual(await bodies({ enforcement }), [true], enforcement);
        assert.deepEqual(await bodies({ enforcement, inspection: headersOnly }), [false], enforcement);
      }
      const enforcement = Enforcement.ExternalProcessing;
      assert.deepEqual(await bodies({ enforcement, envoyFilter: { excludedPaths: ["/a"] } }), [true]);
      assert.deepEqual(await bodies({ enforcement, externalProcessing: { requestBody: BodyMode.None } }), [
        false,
      ]);
    });

    it("names the proxies that regard them", async () => {
      const proxies = async (kind: TargetKind, enforcement: Enforcement): Promise<unknown[]> => {
        const { resources } = await recordComponent({ enforcement, targets: [{ ...web, kind }] });
        return findProtections(resources).map((found) => found.proxies);
      };
      for (const enforcement of [Enforcement.EnvoyFilter, Enforcement.ExternalProcessing]) {
        assert.deepEqual(await proxies(TargetKind.Workload, enforcement), ["sidecars"]);
        assert.deepEqual(await proxies(TargetKind.Gateway, enforcement), ["gateways"]);
      }
      assert.deepEqual(await proxies(TargetKind.Gateway, Enforcement.AuthorizationPolicy), [undefined]);
    });
  });
});
