import assert from "node:assert/strict";
import { parse } from "yaml";
import { definitionsOf } from "../../src/mesh/providerDefinitions";
import { authorizer } from "./contributions";

describe("definitionsOf", () => {
  const providers = [authorizer("waf-a"), authorizer("no")];
  const definitions = definitionsOf(providers);

  it("holds the same list in every form", () => {
    const meshConfig = { extensionProviders: providers };
    assert.deepEqual(definitions.extensionProviders, providers);
    assert.deepEqual(definitions.helmValues, { meshConfig });
    assert.deepEqual(parse(definitions.extensionProvidersYaml), providers);
    assert.deepEqual(parse(definitions.helmValuesYaml), { meshConfig });
    assert.deepEqual(parse(definitions.istioOperatorYaml), {
      apiVersion: "install.istio.io/v1alpha1",
      kind: "IstioOperator",
      spec: { meshConfig },
    });
  });

  it("means the same to the YAML 1.1 that Helm and Istio read", () => {
    assert.deepEqual(parse(definitions.extensionProvidersYaml, { version: "1.1" }), providers);
  });

  it("writes a list that is used twice twice, not as an alias", () => {
    const headers = ["a"];
    const { extensionProvidersYaml } = definitionsOf([
      {
        name: "log",
        envoyHttpAls: {
          service: "s",
          port: 1,
          additionalRequestHeadersToLog: headers,
          additionalResponseHeadersToLog: headers,
        },
      },
    ]);
    assert.ok(!/[&*]/.test(extensionProvidersYaml), extensionProvidersYaml);
  });
});
