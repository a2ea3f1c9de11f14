import assert from "node:assert/strict";
import { computeCoverage } from "../../src/render/coverage";
import { findNotes, findWarnings } from "../../src/render/warnings";
import { meshFacts } from "../../src/render/meshFacts";
import type { Protection } from "../../src/render/protections";
import type { Workload } from "../../src/render/workloads";

const MESH = {
  rootNamespace: "istio-system",
  providers: new Set(["waf"]),
  accessLogs: undefined,
  isAmbient: false,
};

function workload(name: string, changes: Partial<Workload> = {}): Workload {
  const base = {
    namespace: "shop",
    kind: "Deployment",
    injection: { proxy: "sidecar", revision: undefined },
    waypoint: undefined,
    waypointServices: [],
    gateway: undefined,
  } as const;
  return { ...base, name, labels: { app: name }, ...changes };
}

function policy(name: string, changes: Partial<Protection> = {}): Protection {
  const namespace = changes.namespace ?? "shop";
  return {
    policy: `${namespace}/${name}`,
    kind: "AuthorizationPolicy",
    namespace,
    provider: "waf",
    labels: { app: name },
    references: [],
    limits: { coverage: "all", text: "all requests" },
    revision: undefined,
    ...changes,
  };
}

function statuses(workloads: Workload[], protections: Protection[]): Record<string, string> {
  const { workloads: covered } = computeCoverage(workloads, protections, MESH);
  return Object.fromEntries(
    covered.map(({ workload: { namespace, name }, status, protections: by }) => [
      `${namespace}/${name}`,
      [status, ...by.map((one) => one.policy)].join(" "),
    ]),
  );
}

describe("computeCoverage", () => {
  it("matches labels in the policy's namespace only", () => {
    const workloads = [workload("web"), workload("api"), workload("web", { namespace: "other" })];
    assert.deepEqual(statuses(workloads, [policy("web")]), {
      "shop/web": "protected shop/web",
      "shop/api": "unprotected",
      "other/web": "unprotected",
    });
  });

  it("lets policies of the root namespace reach all namespaces, with and without labels", () => {
    const workloads = [workload("web"), workload("web", { namespace: "other" }), workload("api")];
    const root = policy("web", { namespace: "istio-system" });
    assert.deepEqual(statuses(workloads, [root]), {
      "shop/web": "protected istio-system/web",
      "other/web": "protected istio-system/web",
      "shop/api": "unprotected",
    });
    const all = policy("all", { namespace: "istio-system", labels: {} });
    assert.equal(statuses(workloads, [all])["shop/api"], "protected istio-system/all");
  });

  it("counts a policy without rules, and what is outside the mesh, as no protection", () => {
    const silent = policy("web", { limits: { coverage: "none", text: "" } });
    const outside = workload("web", { injection: { proxy: "none", reason: "hostNetwork" } });
    assert.deepEqual(statuses([workload("web")], [silent]), { "shop/web": "unprotected" });
    const coverage = computeCoverage([outside], [policy("web")], MESH);
    assert.deepEqual(coverage.counts, { protected: 0, unprotected: 0, outside: 1 });
    assert.equal(coverage.workloads[0]?.remark, "hostNetwork");
  });

  it("reaches ambient workloads through their waypoint and by no selector", () => {
    const ambient = workload("web", { injection: { proxy: "ambient" }, waypoint: "shop/w" });
    const byWaypoint = policy("w", { labels: undefined, references: ["Gateway shop/w"] });
    assert.deepEqual(statuses([ambient], [policy("web")]), { "shop/web": "unprotected" });
    assert.deepEqual(statuses([ambient], [byWaypoint]), { "shop/web": "protected shop/w" });
  });
});

describe("computeCoverage by reference", () => {
  const reference = (to: string): Protection => policy("ref", { labels: undefined, references: [to] });

  it("reaches a waypoint's own proxy by reference and by no selector, not even of the root namespace", () => {
    const itself = workload("w", {
      injection: { proxy: "waypoint", revision: "default" },
      gateway: "shop/w",
    });
    const all = policy("all", { labels: {} });
    const root = policy("all", { namespace: "istio-system", labels: {} });
    assert.deepEqual(statuses([itself], [all, root]), { "shop/w": "unprotected" });
    assert.equal(
      computeCoverage([itself], [all], MESH).workloads[0]?.remark,
      "a waypoint: only a policy that refers to it is for it",
    );
    const byReference = policy("w", { labels: undefined, references: ["Gateway shop/w"] });
    assert.deepEqual(statuses([itself], [all, byReference]), { "shop/w": "protected shop/w" });
  });

  it("reaches ambient workloads through a Service that has a waypoint, and only ambient ones", () => {
    const waypointServices = ["shop/web"];
    const ambient = workload("web", { injection: { proxy: "ambient" }, waypointServices });
    const sidecar = workload("other", { waypointServices });
    assert.deepEqual(statuses([ambient, sidecar], [reference("Service shop/web")]), {
      "shop/web": "protected shop/ref",
      "shop/other": "unprotected",
    });
    assert.deepEqual(statuses([ambient], [reference("Service shop/api")]), { "shop/web": "unprotected" });
  });

  it("reaches the proxies of a Gateway, and counts a policy once that names waypoint and Service", () => {
    const gateway = workload("edge-istio", { gateway: "shop/edge" });
    assert.deepEqual(statuses([gateway], [reference("Gateway shop/edge")]), {
      "shop/edge-istio": "protected shop/ref",
    });
    const ambient = workload("web", {
      injection: { proxy: "ambient" },
      waypoint: "shop/w",
      waypointServices: ["shop/web"],
    });
    const both = policy("ref", { labels: undefined, references: ["Gateway shop/w", "Service shop/web"] });
    assert.deepEqual(statuses([ambient], [both]), { "shop/web": "protected shop/ref" });
  });
});

describe("findWarnings", () => {
  function warnings(workloads: Workload[], protections: Protection[], mesh = MESH): string[] {
    return findWarnings(computeCoverage(workloads, protections, mesh), protections, mesh);
  }

  it("is silent when everything is protected", () => {
    assert.deepEqual(warnings([workload("web")], [policy("web")]), []);
  });

  it("counts and names unprotected workloads, a few of many", () => {
    assert.deepEqual(warnings([workload("a")], []), ["1 workload is not protected: shop/a"]);
    const many = ["a", "b", "c", "d", "e", "f", "g"].map((name) => workload(name));
    assert.deepEqual(warnings(many, []), [
      "7 workloads are not protected: shop/a, shop/b, shop/c, shop/d, shop/e and 2 more",
    ]);
  });

  it("warns of policies that select nothing, but not if nothing was given to select", () => {
    assert.deepEqual(warnings([workload("web")], [policy("web"), policy("typo")]), [
      "1 policy selects none of the given workloads: shop/typo",
    ]);
    assert.deepEqual(warnings([], [policy("typo")]), []);
    const byReference = policy("w", { labels: undefined, references: ["Gateway shop/w"] });
    assert.deepEqual(warnings([workload("web")], [policy("web"), byReference]), []);
  });

  it("says why policies do not reach what they select", () => {
    const workloads = [
      workload("web"),
      workload("node-agent", { injection: { proxy: "none", reason: "hostNetwork" } }),
      workload("api", { injection: { proxy: "ambient" } }),
    ];
    const noRules = policy("rules", {
      labels: { app: "web" },
      limits: { coverage: "none", text: "no requests: the policy has no rules" },
    });
    const protections = [policy("web"), policy("node-agent"), policy("typo"), policy("api"), noRules];
    assert.deepEqual(warnings(workloads, protections).slice(1), [
      "1 policy selects none of the given workloads: shop/typo",
      "policy shop/node-agent reaches none of the given workloads, although it selects " +
        "shop/node-agent (not in the mesh: hostNetwork)",
      "policy shop/api reaches none of the given workloads, although it selects " +
        "shop/api (ambient mode: only a waypoint can inspect)",
      "policy shop/rules reaches none of the given workloads, although it selects " +
        "shop/web (no requests: the policy has no rules)",
    ]);
  });

  it("warns of two providers on one workload", () => {
    const mesh = { ...MESH, providers: new Set(["waf", "other"]) };
    const second = policy("second", { labels: { app: "web" }, provider: "other" });
    assert.match(
      warnings([workload("web")], [policy("web"), second], mesh).join(),
      /two providers \(waf and other\)/,
    );
  });

  it("warns of policies that are labelled for another revision than the workload's", () => {
    const canary = policy("web", { revision: "canary" });
    const of = (revision: string | undefined): Workload =>
      workload("web", { injection: { proxy: "sidecar", revision } });
    assert.deepEqual(warnings([of("canary")], [canary]), []);
    assert.deepEqual(warnings([of("stable")], [policy("web")]), []);
    for (const other of ["stable", undefined]) {
      assert.deepEqual(warnings([of(other)], [canary]), [
        "1 workload is protected only if revision canary of Istio serves it, for which alone the policies are labelled " +
          "(istio.io/rev): shop/web",
      ]);
    }
  });

  it("warns of a provider that is in no mesh config, if there is one to look at", () => {
    const mesh = { ...MESH, providers: new Set<string>() };
    assert.match(
      warnings([workload("web")], [policy("web")], mesh).join(),
      /provider waf is in no mesh config/,
    );
    assert.deepEqual(
      findWarnings(computeCoverage([], [], MESH), [policy("web")], { ...MESH, providers: undefined }),
      [],
    );
  });
});

describe("findNotes", () => {
  it("says that an ambient mesh without Namespace manifests cannot be judged", () => {
    const coverage = computeCoverage([workload("web")], [], MESH);
    assert.match(findNotes(coverage, { ...MESH, isAmbient: true }).join(), /Add the Namespace manifests/);
    assert.deepEqual(findNotes(coverage, MESH), []);
    const told = computeCoverage([workload("web", { injection: { proxy: "ambient" } })], [], MESH);
    assert.deepEqual(findNotes(told, { ...MESH, isAmbient: true }), []);
  });
});

describe("meshFacts", () => {
  it("reads the root namespace, the providers and ambient mode", () => {
    const ambient = 'defaultConfig: { proxyMetadata: { ISTIO_META_ENABLE_HBONE: "true" } }\n';
    const facts = meshFacts([
      `${ambient}rootNamespace: mesh\nextensionProviders: [{ name: a }, { name: b }]\n`,
    ]);
    assert.deepEqual(facts, {
      rootNamespace: "mesh",
      providers: new Set(["a", "b"]),
      isAmbient: true,
      accessLogs: [],
    });
  });

  it("falls back to istio-system, and knows of no providers without a text", () => {
    assert.deepEqual(meshFacts([]), {
      rootNamespace: "istio-system",
      providers: undefined,
      accessLogs: undefined,
      isAmbient: false,
    });
  });

  it("finds nothing in a text that is not YAML, or has an alias of nothing", () => {
    for (const text of ["a: [", "extensionProviders: [{ name: a }]\nb: *nothing\n"]) {
      assert.deepEqual(meshFacts([text]).providers, new Set(), text);
    }
  });
});
