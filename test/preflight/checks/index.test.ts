import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describeErrors, describeFinding, named } from "../../../src/preflight/finding";
import { checks, isNeeded, preflightFindings } from "../../../src/preflight/checks";
import { PreflightCheck } from "../../../src/args/preflight";
import type { ClusterFacts } from "../../../src/preflight/clusterFacts";
import { customPolicy, istiod, meshConfigMap, namespace, object, pod, subject } from "../objects";

const good: ClusterFacts = {
  namespaces: [namespace("shop", { "istio-injection": "enabled" })],
  pods: [pod("shop/web-1", { app: "web" })],
  workloads: [],
  services: [object("shop/web", { selector: { app: "web" }, ports: [{ name: "http", port: 80 }] })],
  authorizationPolicies: [],
  envoyFilters: [],
  telemetries: [],
  destinationRules: [],
  sidecars: [],
  serviceEntries: [],
  gateways: [],
  istiods: [istiod()],
  injectionWebhooks: [],
  meshConfigMaps: [meshConfigMap("istio", "accessLogFile: /dev/stdout\n")],
  secrets: [],
};

const noRights = { missing: [], unknown: undefined, sameUser: true, isPreview: false };

describe("preflight findings", () => {
  it("has nothing to say of a cluster that fits, or that could not be read", () => {
    assert.deepEqual(preflightFindings(good, subject()), []);
    assert.deepEqual(preflightFindings({}, subject({ existingSecret: "keys" })), []);
  });

  it("puts first what stops the run", () => {
    const facts = { ...good, pods: [], authorizationPolicies: [customPolicy("shop/opa", "opa")] };
    assert.deepEqual(
      preflightFindings(facts, subject()).map(({ severity, check }) => `${severity} ${check}`),
      ["error SecondProvider", "warning Workloads"],
    );
  });

  it("says nothing of checks that are left out", () => {
    const facts = { ...good, pods: [], authorizationPolicies: [customPolicy("shop/opa", "opa")] };
    assert.deepEqual(preflightFindings(facts, subject(), Object.values(PreflightCheck)), []);
    assert.deepEqual(
      [isNeeded("rights", []), isNeeded("rights", [PreflightCheck.Permissions])],
      [true, false],
    );
  });

  it("are one row for each public name, each with a paragraph of the docs that begins with its title", () => {
    const docs = readFileSync(join(__dirname, "../../../docs/preflight.md"), "utf8");
    const paragraphs = new Map(
      docs
        .split(/^#+ /m)
        .slice(1)
        .map((text) => {
          const [heading = "", ...body] = text.split("\n");
          // As GitHub and npm make an anchor of a heading.
          const anchor = heading
            .toLowerCase()
            .replace(/[^\w -]/g, "")
            .replace(/ /g, "-");
          return [anchor, body.join(" ").trim()] as const;
        }),
    );
    for (const { check, title, docs: anchor } of checks) {
      assert.ok(
        paragraphs.get(anchor)?.startsWith(`**${title}**`),
        `${check}: #${anchor} begins with its title`,
      );
    }
    assert.deepEqual(checks.map(({ check }) => check).sort(), Object.values(PreflightCheck).sort());
    assert.equal(new Set(checks.map((one) => one.docs)).size, checks.length);
  });

  it("read no fact that their row does not name", () => {
    const facts: ClusterFacts = { ...good, pods: [], rights: noRights };
    for (const { check, needs, find } of checks) {
      const read = new Set<string | symbol>();
      const watched = new Proxy(facts, {
        get: (target, key) => {
          read.add(key);
          return Reflect.get(target, key) as unknown;
        },
      });
      const observed = subject({ shadowed: ["storefront"] });
      for (const known of [subject(), observed, subject({ editsMesh: false, existingSecret: "keys" })]) {
        find(watched, known);
      }
      assert.deepEqual(
        [...read].filter((key) => !needs.some((fact) => fact === key)),
        [],
        check,
      );
    }
  });

  it("bears anything that an API server may list", () => {
    const anything = fc.array(
      fc.dictionary(fc.constantFrom("metadata", "spec", "status", "data"), fc.jsonValue()),
    );
    const facts = fc.record(Object.fromEntries(Object.keys(good).map((key) => [key, anything])), {
      requiredKeys: [],
    });
    fc.assert(
      fc.property(facts, fc.string(), (listed, text) => {
        const meshes = [{ id: "istio-system/istio", text }];
        const shadowed = ["storefront"];
        for (const finding of preflightFindings(
          listed,
          subject({ meshes, existingSecret: "keys", shadowed }),
        )) {
          assert.ok(finding.where !== "" && finding.message.endsWith(".") && finding.remedy.endsWith("."));
        }
      }),
    );
  });

  it("reads well", () => {
    const finding = {
      check: PreflightCheck.Workloads,
      docs: "workloads",
      severity: "error",
      where: "target a",
      message: "it is so.",
      remedy: "Do this.",
    } as const;
    const said =
      "target a: it is so.\n    Do this. (check Workloads)\n    See docs/preflight.md#workloads of pulumi-sigsci-istio.";
    assert.equal(describeFinding(finding), said);
    assert.equal(
      describeErrors("waf", [finding]),
      'SigsciIstioIntegration "waf": preflight stopped this run, nothing was changed.\n' +
        `  - ${said}\n` +
        "  If a finding is wrong for this cluster, name its check in `preflight.ignore`.",
    );
    assert.equal(named(["a", "b", "c", "d", "e", "f", "g"]), "a, b, c, d, e and 2 more");
  });
});
