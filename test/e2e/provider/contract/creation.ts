import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import type { CustomResourceOptions, Resource } from "@pulumi/pulumi";
import type { StackOptions } from "../../stack/engine";
import { at, stringAt } from "../paths";
import type { Json, JsonObject } from "../values";
import {
  configMap,
  failureOf,
  isInState,
  newer,
  ownersOf,
  plannedFor,
  stateOf,
  type Contract,
} from "./contract";

/** Names, ownership and failures of objects that the program owns. */
export function creationContract(contract: () => Contract): void {
  const run = (make: () => Resource, options?: StackOptions) =>
    contract().stack(() => {
      make();
      return Promise.resolve();
    }, options);
  const fixed = (name = "fixed", options?: CustomResourceOptions): k8s.core.v1.ConfigMap =>
    new k8s.core.v1.ConfigMap(
      "object",
      { metadata: { name, namespace: contract().namespace }, data: { key: "value" } },
      options,
    );

  it("names an unnamed object after its logical name, with eight hexadecimal digits, and marks it", async () => {
    const stack = await run(
      () => new k8s.core.v1.ConfigMap("object", { metadata: { namespace: contract().namespace } }),
    );
    await stack.up();
    const id = stringAt(await stateOf(stack, "object"), "id");
    const [namespace, name = ""] = id.split("/");
    assert.equal(namespace, contract().namespace);
    assert.match(name, /^object-[0-9a-f]{8}$/);
    assert.equal(autonamed(await contract().live(configMap(name))), "true");

    assert.equal(plannedFor(await stack.up(), "object"), "same");
    assert.equal(stringAt(await stateOf(stack, "object"), "id"), id);
  });

  it("leaves a given name as it is", async () => {
    const stack = await run(fixed);
    await stack.up();
    const live = await contract().live(configMap("fixed"));
    assert.equal(autonamed(live), undefined);
  });

  it("puts an object without a namespace into the default one, and writes it into the inputs", async () => {
    const name = `default-${contract().namespace}`;
    const stack = await run(() => new k8s.core.v1.ConfigMap("object", { metadata: { name } }));
    await stack.up();
    const state = await stateOf(stack, "object");
    assert.equal(at(state, "id"), `default/${name}`);
    assert.equal(at(state, "inputs", "metadata", "namespace"), "default");
    await stack.destroy();
    assert.equal(await contract().find({ ...configMap(name), namespace: "default" }), undefined);
  });

  it("puts it into the provider's namespace when that is set", async () => {
    const stack = await run(() => new k8s.core.v1.ConfigMap("object", { metadata: { name: "fixed" } }), {
      config: { "kubernetes:namespace": { value: contract().namespace } },
    });
    await stack.up();
    assert.equal(at(await stateOf(stack, "object"), "id"), `${contract().namespace}/fixed`);
    await contract().live(configMap("fixed"));
  });

  it("gives a cluster-scoped object an id without a namespace", async () => {
    const name = `role-${contract().namespace}`;
    const stack = await run(() => new k8s.rbac.v1.ClusterRole("object", { metadata: { name } }));
    await stack.up();
    assert.equal(at(await stateOf(stack, "object"), "id"), name);
    await stack.destroy();
  });

  newer(
    contract,
    "creates as pulumi-kubernetes and takes the fields over with the first update",
    async () => {
      let value = "1";
      const stack = await run(
        () =>
          new k8s.rbac.v1.Role("object", {
            metadata: { name: "fixed", namespace: contract().namespace, labels: { value } },
          }),
      );
      await stack.up();
      const target = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", name: "fixed" };
      const path = ["metadata", "labels", "value"];
      assert.deepEqual(ownersOf(await contract().live(target), ...path), ["pulumi-kubernetes Update"]);
      value = "2";
      assert.equal(plannedFor(await stack.preview(), "object"), "update");
      await stack.up();
      const live = await contract().live(target);
      assert.equal(at(live, ...path), "2");
      const manager = stringAt(await stateOf(stack, "object"), "outputs", "__fieldManager");
      assert.match(manager, /^pulumi-kubernetes-[0-9a-f]{8}$/);
      assert.deepEqual(ownersOf(live, ...path), [`${manager} Apply`]);
    },
  );

  newer(contract, "refuses to create what exists, but not in the preview", async () => {
    await contract().applyAs("somebody", { ...existing(contract()), data: { key: "theirs" } });
    const stack = await run(fixed);
    assert.equal(plannedFor(await stack.preview(), "object"), "create");
    const text = await failureOf(stack.up());
    assert.match(
      text,
      /was not successfully created by the Kubernetes API server: configmaps "fixed" already exists/,
    );
    assert.deepEqual(at(await contract().live(configMap("fixed")), "data"), { key: "theirs" });
    assert.equal(await isInState(stack, "object"), false);
  });

  it("adopts what exists when the provider is told to", async () => {
    await contract().applyAs("somebody", { ...existing(contract()), data: { other: "theirs" } });
    const stack = await run(fixed, { env: { PULUMI_K8S_UPSERT_EXISTING_OBJECTS: "true" } });
    await stack.up();
    assert.deepEqual(at(await contract().live(configMap("fixed")), "data"), {
      key: "value",
      other: "theirs",
    });
  });

  it("fails to destroy where the API server forbids the delete", async () => {
    const stack = await run(
      () => new k8s.core.v1.Namespace("object", { metadata: { name: "default", labels: { ours: "yes" } } }),
      { env: { PULUMI_K8S_UPSERT_EXISTING_OBJECTS: "true" } },
    );
    const target = { apiVersion: "v1", kind: "Namespace", name: "default", namespace: "" };
    await stack.up();
    assert.equal(at(await contract().live(target), "metadata", "labels", "ours"), "yes");
    assert.match(await failureOf(stack.destroy()), /namespaces "default" is forbidden/);
    assert.equal(await isInState(stack, "object"), true);
  });

  it("shows in the preview what the API server would refuse", async () => {
    const stack = await run(
      () =>
        new k8s.core.v1.Service("object", {
          metadata: { name: "fixed", namespace: contract().namespace },
          spec: { ports: [{ port: 70000 }] },
        }),
    );
    assert.match(
      await failureOf(stack.preview()),
      /was not successfully created by the Kubernetes API server: Service "fixed" is invalid: \[?spec\.ports\[0\]\.port/,
    );
  });

  it("previews an object whose namespace is not there yet", async () => {
    const namespace = `${contract().namespace}-later`;
    const stack = await run(() => {
      new k8s.core.v1.Namespace("ns", { metadata: { name: namespace } });
      return new k8s.core.v1.ConfigMap("object", { metadata: { name: "fixed", namespace } });
    });
    const preview = await stack.preview();
    assert.equal(plannedFor(preview, "ns"), "create");
    assert.equal(plannedFor(preview, "object"), "create");
  });

  it("passes the API server's refusal on, and falls back to the inputs in the preview", async () => {
    const stack = await run(fixed, { kubeconfig: contract().cluster.kubeconfigOf("stranger") });
    assert.equal(plannedFor(await stack.preview(), "object"), "create");
    const { namespace, isBuilt } = contract();
    // The version that the suite builds creates by server-side apply; a newer one by a plain create.
    const refused = isBuilt
      ? 'configmaps "fixed" is forbidden: User "stranger" cannot patch'
      : 'configmaps is forbidden: User "stranger" cannot create';
    const text = await failureOf(stack.up());
    assert.ok(
      text.includes(`${refused} resource "configmaps" in API group "" in the namespace "${namespace}"`),
      text,
    );
  });

  it("takes an object that is gone already for deleted", async () => {
    const stack = await run(fixed);
    await stack.up();
    await contract().remove(configMap("fixed"));
    await stack.destroy();
    assert.equal(await isInState(stack, "object"), false);
  });

  it("leaves the object on destroy with retainOnDelete", async () => {
    const stack = await run(() => fixed("fixed", { retainOnDelete: true }));
    await stack.up();
    await stack.destroy();
    await contract().live(configMap("fixed"));
  });

  it("waits for a deletion as long as customTimeouts says, and then keeps the object in the state", async () => {
    const stack = await run(
      () =>
        new k8s.core.v1.ConfigMap(
          "object",
          { metadata: { name: "fixed", namespace: contract().namespace, finalizers: ["example.com/wait"] } },
          { customTimeouts: { delete: "2s" } },
        ),
    );
    await stack.up();
    await failureOf(stack.destroy());
    assert.equal(await isInState(stack, "object"), true);
    assert.notEqual(stringAt(await contract().live(configMap("fixed")), "metadata", "deletionTimestamp"), "");
  });
}

function existing(contract: Contract) {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "fixed", namespace: contract.namespace } };
}

function autonamed(live: JsonObject): Json | undefined {
  return at(live, "metadata", "annotations", "pulumi.com/autonamed");
}
