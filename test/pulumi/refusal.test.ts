import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { extensionProviderDefinitions, SidecarRefusal } from "../../src";
import { MeshRefusal } from "../../src/mesh/planMeshEdit";
import { ComponentRefusal, onBehalfOf } from "../../src/pulumi/refusal";

describe("a refusal", () => {
  let component: pulumi.ComponentResource;

  beforeEach(async () => {
    await pulumi.runtime.setMocks({
      newResource: ({ name }) => ({ id: name, state: {} }),
      call: () => ({}),
    });
    component = new pulumi.ComponentResource("test:index:Component", "waf");
  });

  it("is shown without a stack, whoever throws it", () => {
    const mesh = new MeshRefusal("istio-system/istio", "it is empty.", "Fill it.");
    const sidecar = new SidecarRefusal("withSigsciAgent", [
      { path: "a", value: 1, reason: "is wrong", remedy: "Mend it." },
    ]);
    for (const refusal of [mesh, sidecar]) {
      assert.ok(pulumi.RunError.isInstance(refusal), refusal.name);
    }
    assert.throws(
      () => extensionProviderDefinitions("Not a name"),
      (error: Error) => pulumi.RunError.isInstance(error) && error.message.includes("Not a name"),
    );
  });

  it("of a planner is shown beside the component that asked", () => {
    const refuse = (): never => {
      throw new MeshRefusal("istio-system/istio", "it is empty.", "Fill it.");
    };
    assert.throws(
      () => onBehalfOf(component, refuse),
      (error: Error) =>
        pulumi.ResourceError.isInstance(error) &&
        error.resource === component &&
        error.hideStack === true &&
        error.message === new MeshRefusal("istio-system/istio", "it is empty.", "Fill it.").message,
    );
  });

  it("leaves other errors and results as they are", () => {
    const bug = new TypeError("no such function");
    assert.throws(
      () =>
        onBehalfOf(component, () => {
          throw bug;
        }),
      (error) => error === bug,
    );
    assert.equal(
      onBehalfOf(component, () => 7),
      7,
    );
  });

  it("keeps an inline program from telling the engine that all went well, which would delete the component", () => {
    let told = 0;
    let went = 0;
    const engine = {
      getChannel: () => undefined,
      signalAndWaitForShutdown: (_empty: unknown, answered: () => void) => {
        told += 1;
        answered();
      },
    };
    const monitor = Object.assign(pulumi.runtime.getMonitor() ?? {}, engine);
    const say = (): void => {
      monitor.signalAndWaitForShutdown({}, () => {
        went += 1;
      });
    };
    say();
    assert.deepEqual([told, went], [1, 1]);
    new ComponentRefusal("it is empty", component);
    say();
    assert.deepEqual([told, went], [1, 2]);
  });

  it("keeps its message when the SDK puts the name of what waited in front", () => {
    const refusal = new ComponentRefusal("it is empty", component);
    refusal.message = `error serializing property "outputs": ${refusal.message}`;
    assert.equal(refusal.message, "it is empty");
  });
});
