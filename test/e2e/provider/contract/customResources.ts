import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import type { ProgramStack } from "../../stack/engine";
import { at } from "../paths";
import type { JsonObject } from "../values";
import { detailsFor, operations, plannedFor, stateOf, type Contract, type Target } from "./contract";

const GROUP = "example.com";
const VERSION = `${GROUP}/v1`;
const WIDGET: Target = { apiVersion: VERSION, kind: "Widget", name: "fixed" };

/** Custom resources: their definition, the objects, and patches of them. */
export function customResourcesContract(contract: () => Contract): void {
  let spec: JsonObject;
  beforeEach(() => {
    spec = { size: 1, parts: ["a", "b"] };
  });

  const owner = (): Promise<ProgramStack> =>
    contract().stack(() => {
      new k8s.apiextensions.CustomResource("object", {
        apiVersion: VERSION,
        kind: "Widget",
        metadata: { name: "fixed", namespace: contract().namespace },
        spec,
      });
      return Promise.resolve();
    });

  it("creates a definition and an object of it in one run, and deletes both", async () => {
    const plural = "gadgets";
    const stack = await contract().stack(() => {
      const definition = new k8s.apiextensions.v1.CustomResourceDefinition("definition", {
        metadata: { name: `${plural}.${GROUP}` },
        spec: definitionSpec("Gadget", plural),
      });
      new k8s.apiextensions.CustomResource(
        "object",
        {
          apiVersion: VERSION,
          kind: "Gadget",
          metadata: { name: "fixed", namespace: contract().namespace },
          spec: { size: 1 },
        },
        { dependsOn: definition },
      );
      return Promise.resolve();
    });
    assert.equal(plannedFor(await stack.preview(), "object"), "create");
    await stack.up();
    assert.equal(at(await stateOf(stack, "object"), "type"), `kubernetes:${VERSION}:Gadget`);
    assert.equal(at(await contract().live({ ...WIDGET, kind: "Gadget" }), "spec", "size"), 1);
    assert.deepEqual(operations(await stack.up(), "object"), ["same"]);
    await stack.destroy();
  });

  it("updates any field in place, and names it", async () => {
    await installWidgets(contract());
    const stack = await owner();
    await stack.up();
    spec = { size: 2, parts: ["a"] };
    assert.deepEqual(detailsFor(await stack.preview(), "object"), {
      "spec.size": "update",
      "spec.parts[1]": "delete",
    });
    assert.deepEqual(operations(await stack.up(), "object"), ["update"]);
    assert.deepEqual(at(await contract().live(WIDGET), "spec"), spec);
    await stack.destroy();
    assert.equal(await contract().find(WIDGET), undefined);
  });

  it("keeps zeros, empty lists and empty texts, which only Kubernetes' own kinds leave out", async () => {
    await installWidgets(contract());
    spec = { size: 0, parts: [], note: "", on: false };
    const stack = await owner();
    await stack.up();
    assert.deepEqual(at(await contract().live(WIDGET), "spec"), spec);
    assert.deepEqual(operations(await stack.up(), "object"), ["same"]);
  });

  it("gives up only its own fields when a CustomResourcePatch is destroyed", async () => {
    await installWidgets(contract());
    const metadata = { name: "fixed", namespace: contract().namespace };
    await contract().applyAs("somebody", {
      apiVersion: VERSION,
      kind: "Widget",
      metadata,
      spec: { size: 1 },
    });
    const stack = await contract().stack(() => {
      new k8s.apiextensions.CustomResourcePatch("patch", {
        apiVersion: VERSION,
        kind: "Widget",
        metadata,
        spec: { note: "ours" },
      });
      return Promise.resolve();
    });
    await stack.up();
    assert.deepEqual(at(await contract().live(WIDGET), "spec"), { size: 1, note: "ours" });
    await stack.destroy();
    assert.deepEqual(at(await contract().live(WIDGET), "spec"), { size: 1 });
  });
}

async function installWidgets(contract: Contract): Promise<void> {
  const name = `widgets.${GROUP}`;
  const apiVersion = "apiextensions.k8s.io/v1";
  const kind = "CustomResourceDefinition";
  const spec = definitionSpec("Widget", "widgets");
  await contract.applyAs("somebody", { apiVersion, kind, metadata: { name }, spec });
  for (let attempt = 0; attempt < 50; attempt++) {
    const definition = await contract.live({ apiVersion, kind, name, namespace: "" });
    if (JSON.stringify(at(definition, "status", "conditions") ?? null).includes('"type":"Established"')) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${name} was not established in time`);
}

function definitionSpec(kind: string, plural: string) {
  const properties = {
    size: { type: "integer" },
    parts: { type: "array", items: { type: "string" } },
    note: { type: "string" },
    on: { type: "boolean" },
  };
  return {
    group: GROUP,
    scope: "Namespaced",
    names: { kind, plural, singular: kind.toLowerCase() },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", properties: { spec: { type: "object", properties } } } },
      },
    ],
  };
}
