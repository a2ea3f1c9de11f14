import assert from "node:assert/strict";
import { inboundCapture } from "../../src/kubernetes/inboundCapture";

const key = (name: string): string => `traffic.sidecar.istio.io/${name}InboundPorts`;

function capture(annotations: Record<string, unknown>, ...ports: object[]): string {
  const containers = [
    { name: "web", ports },
    { name: "istio-proxy", ports: [{ containerPort: 15090 }] },
  ];
  const { coverage, text } = inboundCapture(
    { metadata: { annotations }, spec: { containers } },
    "istio-proxy",
  );
  return `${coverage}: ${text}`;
}
const http = { containerPort: 8080 };
const metrics = { containerPort: 9090 };

describe("inboundCapture", () => {
  it("is of all ports without an annotation, and with *", () => {
    for (const annotations of [{}, { [key("include")]: "*" }, { [key("exclude")]: "" }]) {
      assert.equal(capture(annotations, http), "all: ");
    }
  });

  it("leaves out excluded ports, which may be all that the pod has", () => {
    const all = `none: ${key("exclude")} names all its ports`;
    assert.equal(capture({ [key("exclude")]: "9090" }, http, metrics), "some: except port 9090");
    assert.equal(capture({ [key("exclude")]: 8080 }, http), all);
    assert.equal(capture({ [key("exclude")]: "8080, 9090" }, http, metrics), all);
    assert.equal(capture({ [key("exclude")]: "8080" }, http, { ...metrics, protocol: "UDP" }), all);
    assert.equal(capture({ [key("exclude")]: "8080" }), "some: except port 8080");
  });

  it("is of included ports only, whatever is excluded", () => {
    const none = `none: ${key("include")} leaves out its ports`;
    assert.equal(capture({ [key("include")]: "" }, http), none);
    assert.equal(capture({ [key("include")]: "9090" }, http), none);
    assert.equal(
      capture({ [key("include")]: "8080", [key("exclude")]: "8080" }, http),
      "some: only port 8080",
    );
    assert.equal(capture({ [key("include")]: "8080,9090" }), "some: only port 8080 9090");
  });
});
