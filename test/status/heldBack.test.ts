import assert from "node:assert/strict";
import { objectsIn } from "../../src/render/clusterObjects";
import { neutralPolicies } from "../../src/status/policies";
import { neutralTarget } from "../../src/status/rows";

const pod = (name: string, containers: string[], labels: object = { app: "web" }) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "shop", labels },
  spec: { containers: ["istio-proxy", ...containers].map((one) => ({ name: one })) },
});
const filter = {
  apiVersion: "networking.istio.io/v1alpha3",
  kind: "EnvoyFilter",
  metadata: {
    name: "waf-web",
    namespace: "shop",
    labels: { "app.kubernetes.io/part-of": "sigsci-istio" },
    annotations: {
      "pulumi-sigsci-istio/component": "waf",
      "pulumi-sigsci-istio/target": "web",
      "pulumi-sigsci-istio/held-back": "until 90 % of its pods carry the agent (sidecar.enforceFromPercent)",
    },
  },
  spec: { workloadSelector: { labels: { app: "web" } } },
};
const rows = (...pods: object[]) => rowsOf(filter, ...pods);
const rowsOf = (...objects: object[]) =>
  neutralPolicies(objectsIn(objects, "the cluster")).map(neutralTarget);

describe("status of a target that is held back", () => {
  it("names the pods without the agent, and the commands that start them again", () => {
    const found = rows(pod("web-1", ["sigsci-agent"]), pod("web-2", []), pod("api-1", [], { app: "api" }));
    assert.deepEqual(found, [
      {
        component: "waf",
        target: "web",
        policy: "EnvoyFilter shop/waf-web",
        status: "notInspected",
        observed: null,
        findings: [
          {
            id: "held-back",
            text:
              "its policy is held back until 90 % of its pods carry the agent (sidecar.enforceFromPercent); it is missing " +
              "in web-2: kubectl delete pod web-2 -n shop",
          },
        ],
      },
    ]);
  });

  it("does not wait for pods that stay without it", () => {
    const { metadata } = filter;
    const annotations = { ...metadata.annotations, "pulumi-sigsci-istio/excluded-pods": "waf=off" };
    const excluding = { ...filter, metadata: { ...metadata, annotations } };
    const excluded = pod("batch-1", [], { app: "web", waf: "off" });
    const texts = (...pods: object[]) =>
      rowsOf(excluding, excluded, ...pods).map(({ findings }) => findings[0]?.text);
    const until =
      "its policy is held back until 90 % of its pods carry the agent (sidecar.enforceFromPercent)";
    assert.deepEqual(texts(pod("web-2", [])), [
      `${until}; it is missing in web-2: kubectl delete pod web-2 -n shop`,
    ]);
    assert.deepEqual(texts(), [`${until}; all that count carry it now: run \`pulumi up\``]);
  });

  it("names those whose agent does not serve external processing, where the proxies will ask by it", () => {
    const { metadata } = filter;
    const until =
      "until 90 % of its pods carry an agent that serves external processing (sidecar.enforceFromPercent)";
    const annotations = { ...metadata.annotations, "pulumi-sigsci-istio/held-back": until };
    const waiting = { ...filter, metadata: { ...metadata, annotations } };
    const withAgent = (name: string, ...env: string[]): object => ({
      ...pod(name, []),
      spec: {
        containers: [
          { name: "istio-proxy" },
          { name: "sigsci-agent", env: env.map((variable) => ({ name: variable })) },
        ],
      },
    });
    const serving = withAgent("web-1", "SIGSCI_ENVOY_EXTPROC_ENABLED");
    const texts = (...pods: object[]) =>
      rowsOf(waiting, serving, ...pods).map(({ findings }) => findings[0]?.text);
    assert.deepEqual(texts(withAgent("web-2", "SIGSCI_SITE")), [
      `its policy is held back ${until}; it is missing in web-2: kubectl delete pod web-2 -n shop`,
    ]);
    assert.match(texts()[0] ?? "", /; all that count carry it now/);
  });

  it("says so when all of them carry it", () => {
    assert.match(
      rows(pod("web-1", ["sigsci-agent"]))[0]?.findings[0]?.text ?? "",
      /; all that count carry it now: run `pulumi up`$/,
    );
  });
});
