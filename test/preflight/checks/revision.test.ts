import assert from "node:assert/strict";
import { Enforcement } from "../../../src/args/integration";
import { provider } from "../../../src/preflight/checks/provider";
import { revision } from "../../../src/preflight/checks/revision";
import { PreflightCheck } from "../../../src/args/preflight";
import type { ClusterFacts } from "../../../src/preflight/clusterFacts";
import {
  agentHost,
  findings,
  istiod,
  meshConfigMap,
  namespace,
  object,
  pod,
  providers,
  subject,
} from "../objects";

const of = (facts: ClusterFacts, changes = {}): string[] =>
  findings([revision, provider], facts, subject(changes)).map(
    ({ check, severity, where }) => `${severity} ${check} ${where}`,
  );

const canaryPods = [pod("shop/web-1", { app: "web" }, "canary")];
const canary = [istiod({}, { revision: "canary" })];
const noProvider = [meshConfigMap("istio-canary", "trustDomain: cluster.local\n")];

describe("preflight: revisions", () => {
  it("stops when running proxies belong to a revision without the provider", () => {
    assert.deepEqual(
      findings(
        [revision, provider],
        { istiods: canary, pods: canaryPods, meshConfigMaps: noProvider },
        subject(),
      ),
      [
        {
          check: PreflightCheck.Revision,
          severity: "error",
          where: "target storefront",
          message:
            "revision canary of Istio serves it, and its mesh configuration istio-system/istio-canary has no provider " +
            "waf-ext-authz. With the policy in place these workloads would answer 403 to every request that it matches, " +
            "also with `failOpen`.",
          remedy:
            'Add "canary" to `mesh.revisions`, or move the workloads to a revision that is listed there.',
        },
      ],
    );
  });

  it("warns when only the namespace asks for such a revision", () => {
    const namespaces = [namespace("shop", { "istio.io/rev": "canary" })];
    assert.deepEqual(of({ namespaces, pods: [], meshConfigMaps: noProvider }), [
      "warning Revision target storefront",
    ]);
  });

  it("warns while it is not known whether istiod reads a shared mesh configuration too", () => {
    assert.deepEqual(of({ pods: canaryPods, meshConfigMaps: noProvider }), [
      "warning Revision target storefront",
    ]);
  });

  it("asks for the entries where somebody else writes the mesh configuration", () => {
    const meshes = [{ id: "istio-system/istio", text: "trustDomain: cluster.local\n" }];
    const facts = { istiods: [istiod()], pods: [pod("shop/web-1", { app: "web" })], meshConfigMaps: [] };
    const [found] = findings([revision, provider], facts, subject({ meshes }));
    assert.equal(found?.severity, "warning");
    assert.equal(
      found.remedy,
      "Add the entries of the output `extensionProviders` to the mesh configuration first.",
    );
  });

  it("follows tags, the one behind istio-injection too", () => {
    const injectionWebhooks = ["prod", "default"].map((tag) => ({
      metadata: {
        name: `istio-revision-tag-${tag}`,
        labels: { "istio.io/tag": tag, "istio.io/rev": "canary" },
      },
    }));
    for (const [key, value] of [
      ["istio.io/rev", "prod"],
      ["istio-injection", "enabled"],
    ] as const) {
      const facts = {
        namespaces: [namespace("shop", { [key]: value })],
        injectionWebhooks,
        meshConfigMaps: noProvider,
      };
      assert.deepEqual(of(facts), ["warning Revision target storefront"]);
    }
    const facts = { namespaces: [namespace("shop", { "istio.io/rev": "prod" })], meshConfigMaps: noProvider };
    assert.match(
      findings([revision, provider], facts, subject())[0]?.message ?? "",
      /revision prod, for which there is no ConfigMap/,
    );
  });

  it("is content with an edited revision, and with one that has the same provider already", () => {
    assert.deepEqual(of({ pods: [pod("shop/web-1", { app: "web" })], meshConfigMaps: [] }), []);
    const byHand = [meshConfigMap("istio-canary", `extensionProviders: ${JSON.stringify(providers)}`)];
    assert.deepEqual(of({ pods: canaryPods, meshConfigMaps: byHand }), []);
  });

  it("sees the provider in the shared mesh configuration, below that of the revision", () => {
    const istiods = [istiod({ SHARED_MESH_CONFIG: "shared" }, { revision: "canary" })];
    const shared = meshConfigMap("shared", `extensionProviders: ${JSON.stringify(providers)}`);
    assert.deepEqual(of({ istiods, pods: canaryPods, meshConfigMaps: [...noProvider, shared] }), []);
    const other = {
      name: "waf-ext-authz",
      envoyExtAuthzGrpc: { service: "opa.opa.svc.cluster.local", port: 9191 },
    };
    const own = meshConfigMap("istio-canary", `extensionProviders: ${JSON.stringify([other])}`);
    assert.deepEqual(of({ istiods, pods: canaryPods, meshConfigMaps: [own, shared] }), [
      "error Provider target storefront",
    ]);
  });

  it("sees the provider where `patchIstiod` has set the variable, and where this run sets it", () => {
    const shared = { id: "istio-system/shared", text: `extensionProviders: ${JSON.stringify(providers)}` };
    const facts = { pods: canaryPods, meshConfigMaps: noProvider };
    const patched = [istiod({}, { revision: "canary", envFrom: ["shared-env"] })];
    assert.deepEqual(of({ ...facts, istiods: patched }, { meshes: [shared] }), []);
    const istiodPatch = { istiods: ["istiod"], configMap: "shared" };
    assert.deepEqual(of({ ...facts, istiods: canary }, { meshes: [shared], istiodPatch }), []);
    assert.deepEqual(of({ ...facts, istiods: canary }, { meshes: [shared] }), [
      "error Revision target storefront",
    ]);
  });

  it("warns when the Deployment does not tell which shared mesh configuration istiod reads", () => {
    const istiods = [istiod({}, { revision: "canary", envFrom: ["settings"] })];
    assert.deepEqual(of({ istiods, pods: canaryPods, meshConfigMaps: noProvider }), [
      "warning Revision target storefront",
    ]);
  });

  it("takes the last of several entries of one name, as Istio does", () => {
    const other = { name: "waf-access-log", envoyHttpAls: { service: agentHost, port: 1 } };
    const after = meshConfigMap(
      "istio-canary",
      `extensionProviders: ${JSON.stringify([...providers, other])}`,
    );
    assert.deepEqual(of({ pods: canaryPods, meshConfigMaps: [after] }), [
      "warning Provider target storefront",
    ]);
    const before = meshConfigMap(
      "istio-canary",
      `extensionProviders: ${JSON.stringify([other, ...providers])}`,
    );
    assert.deepEqual(of({ pods: canaryPods, meshConfigMaps: [before] }), []);
  });

  it("says nothing of pods without a proxy, of unread ConfigMaps and with EnvoyFilters", () => {
    const bare = [object("shop/web-1", { containers: [{ name: "web" }] }, { labels: { app: "web" } })];
    assert.deepEqual(of({ pods: bare, meshConfigMaps: noProvider }), []);
    assert.deepEqual(of({ pods: canaryPods }), []);
    const enforcement = Enforcement.EnvoyFilter;
    assert.deepEqual(of({ pods: canaryPods, meshConfigMaps: noProvider }, { enforcement }), []);
  });
});
