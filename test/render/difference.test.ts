import assert from "node:assert/strict";
import fc from "fast-check";
import { changedPaths } from "../../src/render/changedPaths";
import { differenceOf, type ChangedInspection } from "../../src/render/difference";
import type { RenderReport, ReportedPolicy } from "../../src/render/report";
import { policy, report, workload } from "./reports";

function one(policies: readonly ReportedPolicy[], name = "web"): RenderReport {
  return report({ workloads: [workload(name, policies)], policies });
}

function inShort(changes: readonly ChangedInspection[]): string[] {
  return changes.map(({ name, change }) => `${name} ${change}`);
}

const open = policy("web");
const closed = policy("web", { failOpen: false });
const some = policy("web", { limits: { coverage: "some", text: "only /api/*" } });

const observed = policy("web", { observed: true });
const bodies = policy("web", { sendsBodies: true });
const headers = policy("web", { sendsBodies: false });
const older = policy("web", { observed: undefined });

describe("differenceOf", () => {
  const cases: readonly [string, RenderReport, RenderReport, string[], string[]][] = [
    ["a target that goes", one([open]), one([]), ["shop/web lost"], ["lost"]],
    ["a target that comes", one([]), one([open]), ["shop/web gained"], []],
    ["a target that comes and fails closed", one([]), one([closed]), ["shop/web closed"], ["closed"]],
    ["a target that fails closed now", one([open]), one([closed]), ["shop/web closed"], ["closed"]],
    ["a target that fails open now", one([closed]), one([open]), ["shop/web changed"], []],
    ["a target with less requests", one([open]), one([some]), ["shop/web narrowed"], ["lost"]],
    ["a target with more requests", one([some]), one([open]), ["shop/web changed"], []],
    [
      "less requests that fail closed",
      one([open]),
      one([policy("web", { ...some, failOpen: false })]),
      ["shop/web narrowed"],
      ["lost", "closed"],
    ],
    ["a target that is observed now", one([open]), one([observed]), ["shop/web observed"], ["lost"]],
    ["a target that blocks now", one([observed]), one([open]), ["shop/web changed"], []],
    ["a target that comes and is observed", one([]), one([observed]), ["shop/web gained"], []],
    ["an older document that does not say it", one([older]), one([open]), [], []],
    ["bodies that are left out", one([bodies]), one([headers]), ["shop/web narrowed"], ["lost"]],
    ["bodies that are inspected now", one([headers]), one([bodies]), ["shop/web changed"], []],
    ["an older document that does not say it of bodies", one([open]), one([headers]), [], []],
    ["no change", one([open]), one([open]), [], []],
  ];
  for (const [title, before, after, workloads, dangers] of cases) {
    it(`finds ${title}`, () => {
      const found = differenceOf("main", before, after);
      assert.deepEqual(inShort(found.workloads), workloads);
      assert.deepEqual(found.dangers, dangers);
    });
  }

  it("finds what a target selects otherwise, also without workloads", () => {
    const before = report({ policies: [open, policy("cart")] });
    const after = report({ policies: [policy("web", { labels: { app: "webb" } }), policy("cart")] });
    const { targets } = differenceOf("main", before, after);
    assert.deepEqual(inShort(targets), ["waf/web changed"]);
    const blind = { ...after, coverage: { ...after.coverage, manifestsGiven: false } };
    assert.deepEqual(
      [differenceOf("main", before, after).dangers, differenceOf("main", before, blind).dangers],
      [[], ["lost"]],
    );
    assert.deepEqual(
      [targets[0]?.before?.selects, targets[0]?.after?.selects],
      ["pods app=web in shop", "pods app=webb in shop"],
    );
  });

  it("tells less requests from more, and takes what cannot be compared for a loss", () => {
    const limited = (text: string): RenderReport =>
      one([policy("web", { limits: { coverage: "some", text } })]);
    const cases: readonly [string, string, string, boolean][] = [
      ["50 % of requests", "20 % of requests", "narrowed", true],
      ["20 % of requests", "50 % of requests", "changed", false],
      ["except /healthz", "except /healthz /admin/*", "narrowed", true],
      ["except /healthz /ready", "except /ready", "changed", false],
      ["except paths /healthz, /ready", "except paths /ready", "changed", false],
      ["except /healthz", "except paths /healthz, /admin/*", "narrowed", true],
      ["10 % of requests, only paths /a", "50 % of requests, only paths /a", "changed", false],
      ["10 % of requests, only paths /a", "only paths /a", "changed", false],
      ["only paths /a", "50 % of requests, only paths /a", "narrowed", true],
      ["50 % of requests", "50 % of requests, except paths /a", "narrowed", true],
      ["50 % of requests, except paths /a", "10 % of requests, except paths /a, /b", "narrowed", true],
      ["50 % of requests, except paths /a", "60 % of requests, except paths /a, /b", "changed", true],
      ["only /api/*", "only /shop/*", "changed", true],
      ["only paths /api/*", "only paths /shop/*", "changed", true],
      ["except /healthz", "only /api/*", "changed", true],
    ];
    for (const [was, is, change, isLost] of cases) {
      const { workloads, targets, dangers } = differenceOf("main", limited(was), limited(is));
      assert.deepEqual(inShort([...workloads, ...targets]), [`shop/web ${change}`, `waf/web ${change}`]);
      assert.deepEqual(dangers, isLost ? ["lost"] : [], `${was} -> ${is}`);
    }
  });

  it("compares the targets only when one side has no workloads", () => {
    const seen = one([policy("web", { labels: { app: "cart" } })], "cart");
    const before = one([open]);
    const blind = { ...before, coverage: { ...before.coverage, manifestsGiven: false, workloads: [] } };
    const { workloads, targets, dangers } = differenceOf("base.json", blind, seen);
    assert.deepEqual([workloads, inShort(targets), dangers], [[], ["waf/web changed"], ["lost"]]);
  });

  it("follows a target that gets another name", () => {
    const renamed = policy("web", { target: "edge/storefront", policy: "shop/edge-storefront" });
    const { workloads, targets, dangers } = differenceOf("main", one([open]), one([renamed]));
    assert.deepEqual(
      [workloads, inShort(targets), dangers],
      [[], ["waf/web -> edge/storefront changed"], []],
    );
  });

  it("regards each of two policies that are called the same", () => {
    const filter = policy("web", { kind: "EnvoyFilter", provider: null, target: null });
    const named = policy("web", { target: null });
    const closing = policy("web", { target: null, failOpen: false });
    const found = differenceOf("main", one([named, filter]), one([closing, filter]));
    assert.deepEqual(inShort(found.workloads), ["shop/web closed"]);
    assert.deepEqual(inShort(differenceOf("main", one([named, filter]), one([filter])).targets), [
      "shop/waf-web lost",
    ]);
  });

  it("finds another enforcement of the same target", () => {
    const filter = policy("web", { kind: "EnvoyFilter", provider: null });
    const { targets, dangers } = differenceOf("main", one([open]), one([filter]));
    assert.deepEqual(inShort(targets), ["waf/web changed"]);
    assert.deepEqual(dangers, []);
  });

  it("puts the worst first", () => {
    const names = ["a", "b", "c", "d"];
    const before = report({
      policies: names.slice(0, 3).map((name) => policy(name)),
      workloads: [
        workload("a", [policy("a")]),
        workload("b", [policy("b")]),
        workload("c", [policy("c")]),
        workload("d", []),
      ],
    });
    const closedB = policy("b", { failOpen: false });
    const after = report({
      policies: [policy("a", { provider: "x" }), closedB, policy("d")],
      workloads: [
        workload("d", [policy("d")]),
        workload("a", [policy("a")]),
        workload("b", [closedB]),
        workload("c", []),
      ],
    });
    assert.deepEqual(inShort(differenceOf("main", before, after).workloads), [
      "shop/c lost",
      "shop/b closed",
      "shop/d gained",
    ]);
  });

  it("compares the mesh texts that the two leave, or what is there where one leaves it alone", () => {
    const edit = (before: string, after: string): RenderReport["mesh"] => ({
      source: "mesh.yaml",
      external: [],
      edits: [
        {
          configMap: "istio-system/istio",
          how: "patch",
          before,
          isFollowUp: false,
          after,
          changed: true,
          diff: [],
          annotations: {},
          retainOnDelete: true,
        },
      ],
    });
    const was = report({ mesh: edit("a\n", "a\nb\n") });
    const is = report({ mesh: edit("a\n", "a\nc\n") });
    assert.deepEqual(differenceOf("main", was, is).mesh, [
      { text: "ConfigMap istio-system/istio", diff: ["@@ -1,2 +1,2 @@", " a", "-b", "+c"] },
    ]);
    const gone = differenceOf("main", was, report());
    assert.deepEqual(gone.dangers, ["mesh"]);
    assert.deepEqual(gone.mesh[0]?.diff, ["@@ -1,2 +1,1 @@", " a", "-b"]);
    assert.deepEqual(differenceOf("main", was, was).mesh, []);
  });

  it("compares the values that somebody else is to apply", () => {
    const asking = (helmValues: string): RenderReport =>
      report({ mesh: { source: "mesh.yaml", edits: [], external: [{ component: "waf", helmValues }] } });
    const { mesh, dangers } = differenceOf("main", asking("timeout: 1s\n"), asking("timeout: 2s\n"));
    assert.deepEqual(mesh, [
      { text: "values of Istio's chart for waf", diff: ["@@ -1,1 +1,1 @@", "-timeout: 1s", "+timeout: 2s"] },
    ]);
    assert.deepEqual(dangers, ["mesh"]);
  });

  it("finds objects that come, go and change", () => {
    const resource = (name: string, inputs: unknown): RenderReport["resources"][number] => ({
      order: 1,
      urn: name,
      parent: null,
      type: "kubernetes:core/v1:Service",
      name,
      kind: "Service",
      object: `sigsci/${name}`,
      isComponent: false,
      isRead: false,
      isPatch: false,
      retainOnDelete: false,
      protect: false,
      dependencies: [],
      inputs,
    });
    const before = report({
      resources: [resource("a", {}), resource("b", { spec: { ports: [{ port: 1 }] } })],
    });
    const after = report({
      resources: [resource("b", { spec: { ports: [{ port: 2 }] } }), resource("c", {})],
    });
    assert.deepEqual(differenceOf("main", before, after).objects, [
      { change: "removed", kind: "Service", object: "sigsci/a", fields: [] },
      { change: "changed", kind: "Service", object: "sigsci/b", fields: ["spec.ports[0].port"] },
      { change: "added", kind: "Service", object: "sigsci/c", fields: [] },
    ]);
  });

  it("finds no difference between a report and itself, and danger only where somebody loses", () => {
    const policies = fc.uniqueArray(
      fc.record({
        target: fc.constantFrom("web", "cart", "api", "edge"),
        failOpen: fc.constantFrom(true, false, null),
        limits: fc.constantFrom(
          { coverage: "all", text: "all requests" } as const,
          { coverage: "some", text: "only /api" } as const,
        ),
      }),
      { selector: ({ target }) => target },
    );
    const made = policies.map((some) => some.map(({ target, ...rest }) => policy(target, rest)));
    fc.assert(
      fc.property(made, made, (was, is) => {
        const [before, after] = [was, is].map((all) =>
          report({ policies: all, workloads: all.map((each) => workload(each.target ?? "", [each])) }),
        );
        assert.ok(before && after);
        const same = differenceOf("x", before, before);
        assert.deepEqual([same.dangers, same.workloads, same.targets], [[], [], []]);
        const gone = was.filter(({ target }) => !is.some((now) => now.target === target));
        const { dangers, workloads } = differenceOf("x", before, after);
        const lost = workloads.filter(({ change }) => change === "lost");
        assert.equal(lost.length, gone.length);
        assert.ok(gone.length === 0 || dangers.includes("lost"));
      }),
    );
  });
});

describe("changedPaths", () => {
  it("names the fields, at most five", () => {
    assert.deepEqual(changedPaths({ a: 1, b: { "x.y": [1, 2] } }, { a: 1, b: { "x.y": [1, 3, 4] } }), [
      'b["x.y"][1]',
      'b["x.y"][2]',
    ]);
    const many = (value: number): object =>
      Object.fromEntries(["a", "b", "c", "d", "e", "f", "g"].map((key) => [key, value]));
    assert.deepEqual(changedPaths(many(1), many(2)), ["a", "b", "c", "d", "e", "…"]);
  });

  it("tells a list from a map, and finds nothing in equal values", () => {
    assert.deepEqual(changedPaths({ a: [] }, { a: {} }), ["a"]);
    assert.deepEqual(changedPaths({ a: [{ b: null }] }, { a: [{ b: null }] }), []);
  });
});
