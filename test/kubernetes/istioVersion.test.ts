import assert from "node:assert/strict";
import { proxyImageOf, releaseOfImage } from "../../src/kubernetes/istioVersion";

describe("releaseOfImage", () => {
  const releases: readonly (readonly [image: string, minor: number, text: string])[] = [
    ["docker.io/istio/proxyv2:1.31.0", 31, "1.31.0"],
    ["istio/pilot:1.30.12-distroless", 30, "1.30.12"],
    ["registry.example.com:5000/mesh/proxyv2:v1.9.4", 9, "1.9.4"],
    ["gcr.io/istio-release/pilot:1.32.1-asm.3@sha256:0123", 32, "1.32.1"],
  ];
  for (const [image, minor, text] of releases) {
    it(`reads ${text} in ${image}`, () => {
      assert.deepEqual(releaseOfImage(image), { minor, text });
    });
  }

  const unknown = [
    "istio/proxyv2",
    "istio/proxyv2:latest",
    "istio/proxyv2@sha256:0131ab",
    "istio/proxyv2:1.31-alpha.0123",
    "istio/proxyv2:1.31.0-beta.1",
    "istio/proxyv2:1.31",
    "mesh/proxy:2026.11.29",
    "mesh/proxy:31.1.0",
    "registry:1.31.0/istio/proxyv2",
    "",
  ];
  for (const image of unknown) {
    it(`reads no release in ${JSON.stringify(image)}`, () => {
      assert.equal(releaseOfImage(image), undefined);
    });
  }
});

describe("proxyImageOf", () => {
  const proxy = { name: "istio-proxy", image: "istio/proxyv2:1.31.0" };

  it("finds the proxy as a container and as a native sidecar, and no other container", () => {
    const app = { name: "web", image: "web:1" };
    assert.equal(proxyImageOf({ spec: { containers: [app, proxy] } }), proxy.image);
    assert.equal(proxyImageOf({ spec: { containers: [app], initContainers: [proxy] } }), proxy.image);
    assert.equal(proxyImageOf({ spec: { containers: [app] } }), undefined);
  });
});
