import assert from "node:assert/strict";
import { MeshConfigStrategy } from "../../src/args/mesh";
import { configMapNameOf, meshSettings } from "../../src/settings/mesh";

describe("meshSettings", () => {
  it("fills in every default", () => {
    const defaults = {
      strategy: MeshConfigStrategy.Patch,
      istioNamespace: "istio-system",
      clusterDomain: "cluster.local",
      configMaps: [{ key: "default", name: "istio" }],
      istiods: [],
      patchIstiod: false,
      sharedConfigMapName: "sigsci-mesh-config",
      createSharedConfigMap: false,
      providerNames: { extAuthz: "waf-ext-authz", accessLog: "waf-access-log" },
      adopt: false,
    };
    assert.deepEqual(meshSettings("waf"), defaults);
    assert.deepEqual(meshSettings("waf", {}), defaults);
  });

  it("keeps everything that is given", () => {
    assert.deepEqual(
      meshSettings("waf", {
        strategy: MeshConfigStrategy.Patch,
        istioNamespace: "mesh",
        clusterDomain: "example.org",
        configMapName: "istio-custom",
        providerNames: { extAuthz: "a", accessLog: "b" },
        adopt: true,
      }),
      {
        strategy: MeshConfigStrategy.Patch,
        istioNamespace: "mesh",
        clusterDomain: "example.org",
        configMaps: [{ key: "default", name: "istio-custom" }],
        istiods: [],
        patchIstiod: false,
        sharedConfigMapName: "sigsci-mesh-config",
        createSharedConfigMap: false,
        providerNames: { extAuthz: "a", accessLog: "b" },
        adopt: true,
      },
    );
  });

  it("edits one ConfigMap for each revision", () => {
    assert.deepEqual(meshSettings("waf", { revisions: ["default", "1-31", "canary"] }).configMaps, [
      { key: "default", name: "istio" },
      { key: "1-31", name: "istio-1-31" },
      { key: "canary", name: "istio-canary" },
    ]);
  });

  it("edits one shared ConfigMap for all revisions and checks their istiods", () => {
    const { configMaps, istiods, createSharedConfigMap } = meshSettings("waf", {
      strategy: MeshConfigStrategy.Shared,
      revisions: ["default", "1-31"],
    });
    assert.deepEqual(configMaps, [{ key: "shared", name: "sigsci-mesh-config" }]);
    assert.deepEqual(istiods, [
      { key: "default", name: "istiod" },
      { key: "1-31", name: "istiod-1-31" },
    ]);
    assert.equal(createSharedConfigMap, true);
  });

  it("leaves the shared ConfigMap to others and does not look at istiod when told so", () => {
    const { configMaps, istiods, createSharedConfigMap } = meshSettings("waf", {
      strategy: MeshConfigStrategy.Shared,
      sharedConfigMapName: "istio-shared-configmap-asm-1-27",
      createSharedConfigMap: false,
      checkIstiod: false,
    });
    assert.deepEqual(configMaps, [{ key: "shared", name: "istio-shared-configmap-asm-1-27" }]);
    assert.deepEqual([istiods, createSharedConfigMap], [[], false]);
  });

  it("patches istiod only when asked, and only with a shared ConfigMap", () => {
    const patched = (strategy: MeshConfigStrategy, patchIstiod?: boolean): boolean =>
      meshSettings("waf", { strategy, ...(patchIstiod !== undefined && { patchIstiod }) }).patchIstiod;
    assert.equal(patched(MeshConfigStrategy.Shared), false);
    assert.equal(patched(MeshConfigStrategy.Shared, true), true);
    assert.equal(patched(MeshConfigStrategy.Patch, true), false);
  });

  it("compares the ConfigMaps of the installation with strategy External", () => {
    const { configMaps } = meshSettings("waf", {
      strategy: MeshConfigStrategy.External,
      revisions: ["default", "1-31"],
    });
    assert.deepEqual(
      configMaps.map(({ name }) => name),
      ["istio", "istio-1-31"],
    );
  });

  it("keeps the default of the provider name that is not given", () => {
    assert.deepEqual(meshSettings("waf", { providerNames: { extAuthz: "a" } }).providerNames, {
      extAuthz: "a",
      accessLog: "waf-access-log",
    });
  });
});

describe("configMapNameOf", () => {
  it("follows istiod", () => {
    assert.equal(configMapNameOf("default"), "istio");
    assert.equal(configMapNameOf("1-31-0"), "istio-1-31-0");
  });
});
