import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import type { CustomResourceOptions } from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { ProgramStack } from "../../stack/engine";
import { at } from "../paths";
import {
  configMap,
  detailsFor,
  failureOf,
  isInState,
  ownersOf,
  operations,
  plannedFor,
  stateOf,
  type Contract,
} from "./contract";

const THEIR_TEXT = "# kept\nextensionProviders: []\n";
const OUR_TEXT = "# kept\nextensionProviders:\n  - name: ours\n";
const FORCE = { "pulumi.com/patchForce": "true", "pulumi.com/patchFieldManager": "ours" };
const NAME = "istio";

/** What the program asks of the ConfigMap; changed between runs. */
interface Wanted {
  text: string;
  annotations: Record<string, string>;
  name: string;
  options: CustomResourceOptions;
}

/** Editing one key of somebody else's ConfigMap with `ConfigMapPatch`. */
export function configMapPatchContract(contract: () => Contract): void {
  let wanted: Wanted;

  beforeEach(async () => {
    wanted = { text: OUR_TEXT, annotations: FORCE, name: NAME, options: {} };
    await theirs(contract(), THEIR_TEXT);
  });

  const patch = (): k8s.core.v1.ConfigMapPatch =>
    new k8s.core.v1.ConfigMapPatch(
      "patch",
      {
        metadata: { name: wanted.name, namespace: contract().namespace, annotations: wanted.annotations },
        data: { mesh: wanted.text },
      },
      wanted.options,
    );
  const patched = (): Promise<ProgramStack> =>
    contract().stack(() => {
      patch();
      return Promise.resolve();
    });
  const live = () => contract().live(configMap(NAME));

  it("with force takes the key over and leaves the rest to its owner", async () => {
    const stack = await patched();
    await stack.up();
    const object = await live();
    assert.equal(at(object, "data", "mesh"), OUR_TEXT);
    assert.deepEqual(ownersOf(object, "data", "mesh"), ["ours Apply"]);
    assert.deepEqual(ownersOf(object, "data", "meshNetworks"), ["istio-operator Apply"]);
    assert.equal(at(object, "metadata", "annotations", "pulumi.com/patchForce"), "true");
  });

  it("plans nothing on the second preview and the second up", async () => {
    const stack = await patched();
    await stack.up();
    assert.equal(plannedFor(await stack.preview(), "patch"), "same");
    assert.equal(plannedFor(await stack.up(), "patch"), "same");
  });

  it("does not see that the other manager wrote its text back", async () => {
    const stack = await patched();
    await stack.up();
    await theirs(contract(), THEIR_TEXT);
    assert.equal(plannedFor(await stack.preview(), "patch"), "same");
    assert.equal(plannedFor(await stack.up(), "patch"), "same");
    assert.equal(at(await live(), "data", "mesh"), THEIR_TEXT);
  });

  it("is repaired by the next up when an annotation follows the live text", async () => {
    const stack = await contract().stack(() => {
      const current = k8s.core.v1.ConfigMap.get("current", `${contract().namespace}/${NAME}`);
      const marker = current.metadata.apply(
        ({ annotations, resourceVersion }) => [annotations, resourceVersion] as const,
      );
      const value = current.data
        .apply((data) => data.mesh === OUR_TEXT)
        .apply((isOurs) =>
          marker.apply(([annotations, version]) => (isOurs ? (annotations["ours/seen"] ?? "") : version)),
        );
      new k8s.core.v1.ConfigMapPatch("patch", {
        metadata: {
          name: NAME,
          namespace: contract().namespace,
          annotations: { ...FORCE, "ours/seen": value },
        },
        data: { mesh: OUR_TEXT },
      });
      return Promise.resolve();
    });
    await stack.up();
    await stack.up();
    assert.equal(plannedFor(await stack.preview(), "patch"), "same");
    await theirs(contract(), THEIR_TEXT);
    assert.equal(plannedFor(await stack.preview(), "patch"), "update");
    await stack.up();
    assert.equal(at(await live(), "data", "mesh"), OUR_TEXT);
    assert.equal(plannedFor(await stack.preview(), "patch"), "same");
  });

  it("deletes the key on destroy", async () => {
    const stack = await patched();
    await stack.up();
    await stack.destroy();
    assert.deepEqual(at(await live(), "data"), { meshNetworks: "networks: {}\n" });
  });

  it("leaves everything on destroy with retainOnDelete", async () => {
    wanted.options = { retainOnDelete: true };
    const stack = await patched();
    await stack.up();
    const before = await live();
    await stack.destroy();
    assert.deepEqual(await live(), before);
    assert.equal(at(before, "data", "mesh"), OUR_TEXT);
  });

  it("without force previews a create and then fails with the names of both managers", async () => {
    wanted.annotations = { "pulumi.com/patchFieldManager": "ours" };
    const stack = await patched();
    assert.equal(plannedFor(await stack.preview(), "patch"), "create");
    const text = await failureOf(stack.up());
    assert.match(text, /was not successfully created by the Kubernetes API server/);
    assert.match(
      text,
      /Server-Side Apply field conflict detected\. See https:\S+ for troubleshooting help\./i,
    );
    assert.match(text, /The resource managed by field manager "ours" had an apply conflict/);
    assert.match(text, /conflict with "istio-operator": \.data\.mesh/);
    assert.equal(at(await live(), "data", "mesh"), THEIR_TEXT);
  });

  it("shows the conflict of an update in the preview", async () => {
    const stack = await patched();
    await stack.up();
    await theirs(contract(), THEIR_TEXT);
    wanted.annotations = { "pulumi.com/patchFieldManager": "ours" };
    wanted.text = `${OUR_TEXT}more: true\n`;
    const text = await failureOf(stack.preview());
    assert.match(
      text,
      new RegExp(`"${contract().namespace}/${NAME}" failed to fully initialize or become live`),
    );
    assert.match(text, /conflict with "istio-operator": \.data\.mesh/);
  });

  it("creates the ConfigMap when it is missing", async () => {
    wanted.name = "absent";
    const stack = await patched();
    await stack.up();
    assert.deepEqual(at(await contract().live(configMap("absent")), "data"), { mesh: OUR_TEXT });
  });

  it("fails to update what is missing, in the preview too", async () => {
    const stack = await patched();
    await stack.up();
    await contract().remove(configMap(NAME));
    wanted.text = `${OUR_TEXT}more: true\n`;
    assert.match(await failureOf(stack.preview()), /configmaps "istio" not found/);
    assert.match(await failureOf(stack.up()), /configmaps "istio" not found/);
  });

  it("drops the patch from the state when a refresh misses the object, and creates it again", async () => {
    const stack = await patched();
    await stack.up();
    await contract().remove(configMap(NAME));
    await stack.refresh();
    assert.equal(await isInState(stack, "patch"), false);
    assert.equal(plannedFor(await stack.up(), "patch"), "create");
    assert.deepEqual(at(await live(), "data"), { mesh: OUR_TEXT });
  });

  it("sees an outside change after a refresh", async () => {
    const stack = await patched();
    await stack.up();
    await theirs(contract(), THEIR_TEXT);
    await stack.refresh();
    const preview = await stack.preview();
    assert.equal(plannedFor(preview, "patch"), "update");
    assert.deepEqual(detailsFor(preview, "patch"), { "data.mesh": "update" });
  });

  it("is updated in place when its text changes", async () => {
    const stack = await patched();
    await stack.up();
    wanted.text = `${OUR_TEXT}more: true\n`;
    assert.deepEqual(operations(await stack.up(), "patch"), ["update"]);
    assert.equal(at(await live(), "data", "mesh"), wanted.text);
  });

  it("is replaced when it points at another object, the new one first", async () => {
    const stack = await patched();
    await stack.up();
    wanted.name = "other";
    const report = await stack.up();
    assert.deepEqual(operations(report, "patch"), ["create-replacement", "delete-replaced"]);
    assert.deepEqual(at(await contract().live(configMap("other")), "data"), { mesh: OUR_TEXT });
    assert.deepEqual(at(await live(), "data"), { meshNetworks: "networks: {}\n" });
  });

  const withoutName = /patch resources require the `\.metadata\.name` field to be set/;

  it("refuses a patch without a name", async () => {
    const stack = await contract().stack(() => {
      new k8s.core.v1.ConfigMapPatch("patch", { data: { mesh: OUR_TEXT } });
      return Promise.resolve();
    });
    assert.match(await failureOf(stack.preview()), withoutName);
  });

  it("refuses to preview a patch whose name is not known yet", async () => {
    const stack = await contract().stack(() => {
      const name = new random.RandomId("later", { byteLength: 4 }).hex;
      const metadata = { name, namespace: contract().namespace };
      new k8s.core.v1.ConfigMapPatch("patch", { metadata, data: { mesh: OUR_TEXT } });
      return Promise.resolve();
    });
    assert.match(await failureOf(stack.preview()), withoutName);
  });

  it("previews a patch whose namespace is not known yet, and one of what the program makes itself", async () => {
    const namespace = `${contract().namespace}-later`;
    const stack = await contract().stack(() => {
      const later = new random.RandomId("later", { byteLength: 4 }).hex.apply(() => namespace);
      new k8s.core.v1.ConfigMapPatch("patch", {
        metadata: { name: NAME, namespace: later },
        data: { mesh: OUR_TEXT },
      });
      const made = new k8s.core.v1.Namespace("made", { metadata: { name: namespace } });
      new k8s.core.v1.ConfigMapPatch(
        "other",
        { metadata: { name: "other", namespace }, data: { mesh: OUR_TEXT } },
        { dependsOn: made },
      );
      return Promise.resolve();
    });
    const preview = await stack.preview();
    assert.equal(plannedFor(preview, "patch"), "create");
    assert.equal(plannedFor(preview, "other"), "create");
  });

  it("keeps a random field manager in the state until an annotation names one", async () => {
    wanted.annotations = { "pulumi.com/patchForce": "true" };
    const stack = await patched();
    await stack.up();
    const [owner = ""] = ownersOf(await live(), "data", "mesh");
    assert.match(owner, /^pulumi-kubernetes-[0-9a-f]{8} Apply$/);
    assert.equal(at(await stateOf(stack, "patch"), "outputs", "__fieldManager"), owner.replace(" Apply", ""));

    wanted.text = `${OUR_TEXT}more: true\n`;
    await stack.up();
    assert.deepEqual(ownersOf(await live(), "data", "mesh"), [owner]);

    wanted.annotations = FORCE;
    await stack.up();
    assert.deepEqual(ownersOf(await live(), "data", "mesh"), ["ours Apply"]);
    assert.equal(at(await stateOf(stack, "patch"), "outputs", "__fieldManager"), "ours");
  });

  it("stores the whole live object in the state", async () => {
    const stack = await patched();
    await stack.up();
    const state = await stateOf(stack, "patch");
    assert.deepEqual(at(state, "outputs", "data"), { mesh: OUR_TEXT, meshNetworks: "networks: {}\n" });
    assert.deepEqual(at(state, "inputs", "data"), { mesh: OUR_TEXT });
    assert.deepEqual(at(state, "outputs", "__inputs"), at(state, "inputs"));
    assert.equal(at(state, "id"), `${contract().namespace}/${NAME}`);
    assert.equal(at(state, "outputs", "__initialApiVersion"), "v1");
  });
}

function theirs(contract: Contract, text: string): Promise<void> {
  return contract.applyAs("istio-operator", {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: NAME, namespace: contract.namespace },
    data: { mesh: text, meshNetworks: "networks: {}\n" },
  });
}
