import assert from "node:assert/strict";
import { objectsFor } from "./objectsFor";
import { inboundListener } from "./rig";
import { unhurried, type Scenario } from "./scenario";
import { withScenario } from "./withScenario";

const type = "type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor";

const scenario: Scenario = {
  name: "ep-fields",
  form: "ExternalProcessing",
  notPaths: ["/healthz"],
  inspection: { ...unhurried, failOpen: false },
  envoyFilter: { allowedHeaders: ["x-*"], disallowedHeaders: ["authorization"], clearRouteCache: true },
};

withScenario("ExternalProcessing, the filter in Envoy", scenario, (rig) => {
  // istiod drops in silence what it does not know, and Envoy says nothing about what it does not get.
  it("has every field that the EnvoyFilter has", async () => {
    const { objects } = await objectsFor(scenario);
    const written = processorsIn(JSON.parse(JSON.stringify(objects)));
    const active = processorsIn(JSON.parse(await rig().envoy.listener(inboundListener)));
    assert.ok(written.length > 0);
    const namesOf = (processors: readonly object[]): string[] => [
      ...new Set(processors.map((processor) => fieldsOf(processor).join(" "))),
    ];
    assert.deepEqual(namesOf(active).sort(), namesOf(written).sort());
  });
});

/** Every external processor in a configuration, however deep. */
function processorsIn(value: unknown): object[] {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  const found = Object.values(value).flatMap(processorsIn);
  return "@type" in value && value["@type"] === type ? [value, ...found] : found;
}

/** Paths of the fields that say something: protobuf leaves out what has its default. */
function fieldsOf(value: unknown, path = ""): string[] {
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .flatMap(([name, field]) => fieldsOf(field, `${path}.${name}`))
      .sort();
  }
  const isDefault = value === false || value === 0 || value === "" || defaults.has(String(value));
  return isDefault ? [] : [path];
}

const defaults: ReadonlySet<string> = new Set(["NONE", "DEFAULT"]);
