import assert from "node:assert/strict";
import { Enforcement, Placement } from "../../src/args/integration";
import type { SigsciIstioIntegrationArgs } from "../../src/args/integration";
import { InspectionMode } from "../../src/args/inspection";
import { SidecarInjection } from "../../src/args/sidecar";
import { WorkloadKind } from "../../src/args/targets";
import { MeshConfigStrategy } from "../../src/args/mesh";
import type { MeshArgs } from "../../src/args/mesh";
import { storefront } from "./objects";
import { both, line, rights } from "./accessReviews";

const agent = [
  ...both("/secrets", "sigsci"),
  ...both("/serviceaccounts", "sigsci", "waf-agent"),
  ...both("/services", "sigsci", "waf-agent"),
  ...both("apps/deployments", "sigsci", "waf-agent"),
];
const policies = [
  ...both("security.istio.io/authorizationpolicies", "shop", "waf-storefront"),
  ...both("telemetry.istio.io/telemetries", "shop", "waf-storefront"),
];

describe("preflight: the rights that an update needs", () => {
  it("are those of the quick start", () => {
    assert.deepEqual(rights().map(line), [
      ...both("/namespaces", "", "sigsci"),
      ...agent,
      "patch /configmaps istio-system/istio",
      ...policies,
    ]);
    assert.deepEqual(rights({ createNamespace: false }).map(line), [
      ...agent,
      "patch /configmaps istio-system/istio",
      ...policies,
    ]);
  });

  it("follow what is made of the agent", () => {
    const made = (args: Partial<SigsciIstioIntegrationArgs>): string[] =>
      rights({ createNamespace: false, ...args }).map(line);
    assert.deepEqual(
      made({ agent: { replicas: 2, networkPolicy: {} } }).filter((one) => !made({}).includes(one)),
      [
        ...both("networking.k8s.io/networkpolicies", "sigsci", "waf-agent"),
        ...both("policy/poddisruptionbudgets", "sigsci", "waf-agent"),
      ],
    );
    assert.deepEqual(
      made({ agent: { autoscaling: { minReplicas: 1, maxReplicas: 3 } } }).filter(
        (one) => !made({}).includes(one),
      ),
      [
        ...both("policy/poddisruptionbudgets", "sigsci", "waf-agent"),
        ...both("autoscaling/horizontalpodautoscalers", "sigsci", "waf-agent"),
      ],
    );
    const less = made({
      agent: { serviceAccountName: "agents" },
      credentials: { existingSecret: { name: "k" } },
    });
    assert.deepEqual(
      made({}).filter((one) => !less.includes(one)),
      [...both("/secrets", "sigsci"), ...both("/serviceaccounts", "sigsci", "waf-agent")],
    );
    const local = made({ placement: Placement.NodeLocal, agent: { replicas: 2 } });
    assert.deepEqual(
      local.filter((one) => !made({}).includes(one)),
      both("apps/daemonsets", "sigsci", "waf-agent"),
    );
    assert.ok(local.every((one) => !/deployments|budgets/.test(one)));
  });

  it("take in the EnvoyFilters that keep policies from blocking", () => {
    const observed = rights({ inspection: { mode: InspectionMode.Observe } }).map(line);
    const more = observed.filter((one) => !rights().map(line).includes(one));
    assert.deepEqual(
      more.map((one) => one.replace(/-[0-9a-f]{8}$/, "")),
      both("networking.istio.io/envoyfilters", "shop", "waf-storefront-observe"),
    );
  });

  it("take in the policies of admission, of which nobody knows the names before", () => {
    const kinds = (sidecar: SigsciIstioIntegrationArgs["sidecar"]): string[] =>
      rights({ placement: Placement.Sidecar, sidecar })
        .map(line)
        .filter((one) => one.includes("admission"));
    const group = "admissionregistration.k8s.io";
    const guard = ["validatingadmissionpolicies", "validatingadmissionpolicybindings"];
    const injection = ["mutatingadmissionpolicies", "mutatingadmissionpolicybindings"];
    const wanted = (resources: string[]): string[] =>
      resources.flatMap((resource) => both(`${group}/${resource}`, ""));
    assert.deepEqual(kinds({}), []);
    assert.deepEqual(kinds({ requireAgent: true }), wanted(guard));
    assert.deepEqual(kinds({ injection: SidecarInjection.Admission }), wanted([...injection, ...guard]));
  });

  it("follow what makes the component observable, wherever it is", () => {
    const observability = {
      prometheusRules: { namespace: "monitoring" },
      dashboard: {},
      agentMetrics: {},
      proxyStats: {},
    };
    assert.deepEqual(
      rights({ observability })
        .map(line)
        .filter((one) => !rights().map(line).includes(one)),
      [
        ...both("monitoring.coreos.com/prometheusrules", "monitoring", "waf-agent"),
        ...both("/configmaps", "sigsci", "waf-agent-dashboard"),
        ...both("/configmaps", "sigsci").slice(1),
        ...both("monitoring.coreos.com/podmonitors", "sigsci", "waf-agent"),
      ],
    );
    const without = {
      prometheusRules: { create: false },
      agentMetrics: { podMonitor: { create: false } },
    };
    assert.deepEqual(
      rights({ observability: without })
        .map(line)
        .filter((one) => !rights().map(line).includes(one)),
      both("/configmaps", "sigsci"),
    );
  });

  it("are with Sidecar placement in the namespaces of the targets", () => {
    const targets = [
      { ...storefront, workload: { name: "web" } },
      { ...storefront, name: "db", workload: { kind: WorkloadKind.StatefulSet, name: "db" } },
    ];
    const found = rights({ placement: Placement.Sidecar, agent: { expectResponseData: false } }, targets);
    assert.deepEqual(found.map(line), [
      ...both("/secrets", "shop"),
      "patch apps/deployments shop/web",
      "patch apps/statefulsets shop/db",
      ...both("networking.istio.io/serviceentries", "istio-system", "waf-agent"),
      "patch /configmaps istio-system/istio",
      ...both("security.istio.io/authorizationpolicies", "shop", "waf-storefront"),
      "patch security.istio.io/authorizationpolicies shop/waf-db",
    ]);
  });

  it("follow how Envoy is told and how the mesh is edited", () => {
    const filters = rights(
      { enforcement: Enforcement.EnvoyFilter, createNamespace: false },
      [storefront],
      [],
    );
    assert.deepEqual(filters.map(line), [
      ...agent,
      ...both("networking.istio.io/envoyfilters", "shop", "waf-storefront"),
    ]);
    const shared = [{ id: "istio-system/sigsci-mesh" }];
    const ofMesh = (mesh: MeshArgs): string[] =>
      rights({ mesh: { sharedConfigMapName: "sigsci-mesh", ...mesh } }, [storefront], shared)
        .map(line)
        .filter((one) => one.includes("istio-system"));
    const { External, Shared } = MeshConfigStrategy;
    assert.deepEqual(ofMesh({ strategy: External }), []);
    const written = ["create /configmaps istio-system/*", "patch /configmaps istio-system/sigsci-mesh"];
    assert.deepEqual(ofMesh({ strategy: Shared }), written);
    assert.deepEqual(ofMesh({ strategy: Shared, createSharedConfigMap: false }), written.slice(1));
    assert.deepEqual(ofMesh({ strategy: Shared, patchIstiod: true, revisions: ["default", "canary"] }), [
      ...written,
      "patch /configmaps istio-system/sigsci-mesh-env",
      "patch apps/deployments istio-system/istiod",
      "patch apps/deployments istio-system/istiod-canary",
    ]);
  });
});
