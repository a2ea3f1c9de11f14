import assert from "node:assert/strict";
import { computeCoverage, type Coverage } from "../../src/render/coverage";
import { findNotes, findWarnings } from "../../src/render/warnings";
import { meshFacts } from "../../src/render/meshFacts";
import type { Way } from "../../src/render/policyReferences";
import type { Protection } from "../../src/render/protections";
import type { Workload } from "../../src/render/workloads";

const MESH = {
  rootNamespace: "istio-system",
  providers: new Set(["waf"]),
  accessLogs: undefined,
  namelessLogs: [],
  isAmbient: false,
};

/** The only way to a workload. */
function way(...references: string[]): Way {
  return { through: undefined, percent: 100, references, unseen: undefined };
}

function workload(name: string, changes: Partial<Workload> = {}): Workload {
  const base = {
    namespace: "shop",
    kind: "Deployment",
    injection: { proxy: "sidecar", revision: undefined },
    isGateway: false,
    capture: { coverage: "all", text: "" },
    carriesAgent: false,
    pods: { count: 0, bare: [] },
    running: [],
    ways: [way()],
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
    target: undefined,
    observed: false,
    failOpen: undefined,
    excludedPods: [],
    proxies: undefined,
    sendsBodies: undefined,
    ...changes,
  };
}

function covered(workloads: Workload[], protections: Protection[], mesh = MESH): Coverage {
  return computeCoverage({ workloads, leftOut: [], assumed: [] }, protections, mesh);
}

function statuses(workloads: Workload[], protections: Protection[]): Record<string, string> {
  return Object.fromEntries(
    covered(workloads, protections).workloads.map(
      ({ workload: { namespace, name }, status, protections: by }) => [
        `${namespace}/${name}`,
        [status, ...by.map((one) => one.policy)].join(" "),
      ],
    ),
  );
}

describe("computeCoverage", () => {
  it("counts an EnvoyFilter for the proxies of its context only", () => {
    const workloads = [
      workload("web"),
      workload("edge", { isGateway: true }),
      workload("odd", { isGateway: undefined }),
    ];
    const filter = (proxies: Protection["proxies"]): Protection =>
      policy("waf", { kind: "EnvoyFilter", provider: undefined, labels: {}, proxies });
    const remarks = (proxies: Protection["proxies"]): unknown[] =>
      covered(workloads, [filter(proxies)]).workloads.map(({ status, remark }) => remark ?? status);
    assert.deepEqual(remarks("sidecars"), [
      "protected",
      "a gateway: the EnvoyFilter is for sidecars, so its target needs kind Gateway",
      "protected",
    ]);
    assert.deepEqual(remarks("gateways"), [
      "no gateway: the EnvoyFilter is for gateways, so its target needs kind Workload",
      "protected",
      "protected",
    ]);
    assert.deepEqual(remarks(undefined), ["protected", "protected", "protected"]);
  });

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
    const coverage = covered([outside], [policy("web")]);
    assert.deepEqual(coverage.counts, { protected: 0, unprotected: 0, outside: 1 });
    assert.equal(coverage.workloads[0]?.remark, "hostNetwork");
  });

  it("reaches ambient workloads through their waypoint and by no selector", () => {
    const ambient = workload("web", { injection: { proxy: "ambient" }, ways: [way("Gateway shop/w")] });
    const byWaypoint = policy("w", { labels: undefined, references: ["Gateway shop/w"] });
    assert.deepEqual(statuses([ambient], [policy("web")]), { "shop/web": "unprotected" });
    assert.deepEqual(statuses([ambient], [byWaypoint]), { "shop/web": "protected shop/w" });
  });
});

describe("computeCoverage of pods that are given", () => {
  const web = (...bare: string[]): Coverage =>
    covered([workload("web", { pods: { count: 2, bare } })], [policy("web")]);
  const warningsOf = (coverage: Coverage): string[] => findWarnings(coverage, [policy("web")], MESH, true);

  it("warns of those without a proxy", () => {
    assert.deepEqual(warningsOf(web()), []);
    assert.deepEqual(warningsOf(web("web-1")), [
      "shop/web: 1 of 2 pods run without Istio's proxy (web-1): their requests pass without inspection until they are " +
        "started again",
    ]);
  });

  it("counts a workload as not protected if none has one", () => {
    const [found] = web("web-1", "web-2").workloads;
    assert.equal(found?.status, "unprotected");
    assert.equal(found.remark, "its running pods have no proxy");
  });
});

describe("computeCoverage of pods that are left without the agent", () => {
  const excludedPods = [{ matchLabels: { app: "web", waf: "off" } }];
  const labels = { app: "web", waf: "off" };
  const remarks = (workloads: Workload[], ...protections: Protection[]): (string | undefined)[][] =>
    covered(workloads, protections).workloads.map(({ status, remark }) => [status, remark]);
  const because =
    "sidecar.excludedPods leaves its pods without an agent, so the requests that a policy selects";

  it("does not call them protected, and says what becomes of their requests", () => {
    const left = workload("web", { labels });
    const judged = (failOpen: boolean | undefined): (string | undefined)[][] =>
      remarks([left, workload("web")], policy("web", { excludedPods, failOpen }));
    const others = ["protected", undefined];
    assert.deepEqual(judged(true), [["unprotected", `${because} pass uninspected`], others]);
    assert.deepEqual(judged(false), [["unprotected", `${because} are refused`], others]);
    const either = `${because} pass uninspected if the provider fails open, else are refused`;
    assert.deepEqual(judged(undefined), [["unprotected", either], others]);
  });

  it("takes one that fails closed before others, and asks nobody outside the mesh", () => {
    const [open, closed] = [true, false].map((failOpen) => policy("web", { excludedPods, failOpen }));
    assert.ok(open !== undefined && closed !== undefined);
    const left = workload("web", { labels });
    assert.deepEqual(remarks([left], open, closed), [["unprotected", `${because} are refused`]]);
    const outside = workload("web", { labels, injection: { proxy: "none", reason: "hostNetwork" } });
    assert.deepEqual(remarks([outside], closed), [["outside", "hostNetwork"]]);
  });

  it("finds those protected that have an agent all the same, or that another policy inspects", () => {
    const own = policy("web", { excludedPods, failOpen: true });
    const carrying = workload("web", { labels, carriesAgent: true });
    assert.deepEqual(statuses([carrying], [own]), { "shop/web": "protected shop/web" });
    const other = policy("other", { labels: { app: "web" } });
    assert.deepEqual(statuses([workload("web", { labels })], [own, other]), {
      "shop/web": "protected shop/other",
    });
  });

  it("judges ambient workloads by their waypoint, in which the agent is", () => {
    const byReference = policy("mesh", { labels: undefined, references: ["Service shop/web"], excludedPods });
    const ambient = workload("web", {
      labels,
      injection: { proxy: "ambient" },
      ways: [way("Service shop/web")],
    });
    assert.deepEqual(statuses([ambient], [byReference]), { "shop/web": "protected shop/mesh" });
  });

  it("warns where a policy reaches nobody but them", () => {
    const coverage = covered(
      [workload("web", { labels })],
      [policy("web", { excludedPods, failOpen: true })],
    );
    assert.deepEqual(findWarnings(coverage, [], MESH, true), [
      "1 workload is not protected: shop/web",
      `policy shop/web reaches none of the given workloads, although it selects shop/web (${because} pass uninspected)`,
    ]);
  });
});

describe("computeCoverage of a sidecar that sees some ports only", () => {
  it("says so, and finds its policy in force", () => {
    const web = workload("web", { capture: { coverage: "some", text: "except port 9090" } });
    const texts = ({ workloads }: Coverage): string[] =>
      workloads.flatMap(({ protections }) => protections.map(({ limits }) => limits.text));
    const some = policy("web", { limits: { coverage: "some", text: "only GET" } });
    assert.deepEqual(texts(covered([web], [policy("web")])), ["except port 9090"]);
    assert.deepEqual(texts(covered([web], [some])), ["only GET; except port 9090"]);
    assert.deepEqual(covered([web], [policy("web")]).idle, []);
    const ambient = { ...web, injection: { proxy: "ambient" }, ways: [way("Gateway shop/w")] } as const;
    const byWaypoint = policy("w", { labels: undefined, references: ["Gateway shop/w"] });
    assert.deepEqual(texts(covered([ambient], [byWaypoint])), ["all requests"]);
  });
});

describe("computeCoverage by reference", () => {
  const reference = (to: string): Protection => policy("ref", { labels: undefined, references: [to] });

  it("reaches a waypoint's own proxy by reference and by no selector, not even of the root namespace", () => {
    const itself = workload("w", {
      injection: { proxy: "waypoint", revision: "default" },
      ways: [way("Gateway shop/w")],
    });
    const all = policy("all", { labels: {} });
    const root = policy("all", { namespace: "istio-system", labels: {} });
    assert.deepEqual(statuses([itself], [all, root]), { "shop/w": "unprotected" });
    assert.equal(
      covered([itself], [all]).workloads[0]?.remark,
      "a waypoint: only a policy that refers to it is for it",
    );
    const byReference = policy("w", { labels: undefined, references: ["Gateway shop/w"] });
    assert.deepEqual(statuses([itself], [all, byReference]), { "shop/w": "protected shop/w" });
  });

  it("reaches what a reference leads to, once for a policy with several", () => {
    const references = ["Gateway shop/w", "Service shop/web"];
    const web = workload("web", { injection: { proxy: "ambient" }, ways: [way(...references)] });
    assert.deepEqual(statuses([web], [reference("Service shop/web")]), { "shop/web": "protected shop/ref" });
    assert.deepEqual(statuses([web], [reference("Service shop/api")]), { "shop/web": "unprotected" });
    const both = policy("ref", { labels: undefined, references });
    assert.deepEqual(statuses([web], [both]), { "shop/web": "protected shop/ref" });
  });

  it("reaches all waypoints of a class, from the root namespace only", () => {
    const web = workload("web", {
      injection: { proxy: "ambient" },
      ways: [way("Gateway shop/w", "GatewayClass istio-waypoint")],
    });
    assert.deepEqual(statuses([web], [reference("GatewayClass istio-system/istio-waypoint")]), {
      "shop/web": "protected shop/ref",
    });
    for (const other of ["GatewayClass shop/istio-waypoint", "GatewayClass istio-system/other"]) {
      assert.deepEqual(statuses([web], [reference(other)]), { "shop/web": "unprotected" });
    }
  });
});

describe("computeCoverage of the ways to a workload", () => {
  const service = (name: string, percent: number, ...references: string[]): Way => ({
    ...way(...references),
    through: `Service ${name}`,
    percent,
  });
  const limits = (ways: Way[], changes: Partial<Protection> = {}): string[] => {
    const web = workload("web", { injection: { proxy: "ambient" }, ways });
    const byWaypoint = policy("w", { labels: undefined, references: ["Gateway shop/w"], ...changes });
    return covered([web], [byWaypoint]).workloads.flatMap(({ protections }) =>
      protections.map((one) => `${one.limits.coverage}: ${one.limits.text}`),
    );
  };
  const address = { ...way(), through: "the pods' own addresses" };

  it("names those on which a policy is in force, where it is not on all", () => {
    const through = service("web", 100, "Gateway shop/w");
    assert.deepEqual(limits([through]), ["all: all requests"]);
    assert.deepEqual(limits([through, address]), ["some: only through Service web"]);
    assert.deepEqual(limits([through, service("api", 100), address]), ["some: only through Service web"]);
    const get = { limits: { coverage: "some", text: "only GET" } } as const;
    assert.deepEqual(limits([through, address], get), ["some: only GET; only through Service web"]);
    const none = { limits: { coverage: "none", text: "" } } as const;
    assert.deepEqual(limits([through, address], none), []);
    assert.deepEqual(limits([service("web", 100), address]), []);
  });

  it("says which share of the requests a canary waypoint leaves", () => {
    const canary = service("web", 10, "Gateway shop/new");
    assert.deepEqual(limits([service("web", 90, "Gateway shop/w"), canary]), [
      "some: only through Service web (90 % of its requests)",
    ]);
    const both = { references: ["Gateway shop/w", "Gateway shop/new"] };
    assert.deepEqual(limits([service("web", 90, "Gateway shop/w"), canary, address], both), [
      "some: only through Service web",
    ]);
  });

  it("names the Gateways of which nothing is known, where a workload is protected", () => {
    const unseen = { ...way("Gateway shop/w"), unseen: "shop/w" };
    const web = workload("web", { injection: { proxy: "ambient" }, ways: [unseen] });
    const byWaypoint = policy("w", { labels: undefined, references: ["Gateway shop/w"] });
    assert.deepEqual(findNotes(covered([web], [byWaypoint]), MESH), [
      "nothing is known of Gateway shop/w: each counts as a waypoint of Istio, for Services. Add the Gateways to " +
        "--workloads",
    ]);
    assert.deepEqual(findNotes(covered([web], []), MESH), []);
  });
});

describe("findWarnings", () => {
  function warnings(
    workloads: Workload[],
    protections: Protection[],
    mesh = MESH,
    manifestsGiven = true,
  ): string[] {
    return findWarnings(covered(workloads, protections, mesh), protections, mesh, manifestsGiven);
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
    assert.deepEqual(warnings([workload("web")], [policy("web"), policy("typo")], MESH, false), []);
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
      findWarnings(covered([], []), [policy("web")], { ...MESH, providers: undefined }, true),
      [],
    );
  });
});

describe("findNotes", () => {
  it("says that an ambient mesh without Namespace manifests cannot be judged", () => {
    const coverage = covered([workload("web")], []);
    assert.match(findNotes(coverage, { ...MESH, isAmbient: true }).join(), /Add the Namespace manifests/);
    assert.deepEqual(findNotes(coverage, MESH), []);
    const told = covered([workload("web", { injection: { proxy: "ambient" } })], []);
    assert.deepEqual(findNotes(told, { ...MESH, isAmbient: true }), []);
  });
});

describe("findNotes of namespaces", () => {
  it("names those of which nothing is known", () => {
    const notes = (...assumed: string[]): string[] =>
      findNotes({ ...covered([workload("web")], []), assumed }, MESH);
    assert.deepEqual(notes(), []);
    assert.deepEqual(notes("shop"), [
      "the labels of namespace shop are not known: pods there count as having a sidecar. Add the Namespace manifests to " +
        "--workloads",
    ]);
    assert.match(notes("shop", "pay").join(), /^the labels of namespaces shop, pay are not known/);
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
      namelessLogs: [],
    });
  });

  it("falls back to istio-system, and knows of no providers without a text", () => {
    assert.deepEqual(meshFacts([]), {
      rootNamespace: "istio-system",
      providers: undefined,
      accessLogs: undefined,
      namelessLogs: [],
      isAmbient: false,
    });
  });

  it("finds nothing in a text that is not YAML, or has an alias of nothing", () => {
    for (const text of ["a: [", "extensionProviders: [{ name: a }]\nb: *nothing\n"]) {
      assert.deepEqual(meshFacts([text]).providers, new Set(), text);
    }
  });
});
