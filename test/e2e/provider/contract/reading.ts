import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import type { ProgramStack } from "../../stack/engine";
import { at } from "../paths";
import {
  configMap,
  detailsFor,
  failureOf,
  isInState,
  newer,
  plannedFor,
  stateOf,
  type Contract,
} from "./contract";

/** `.get`, refresh, and what is seen of changes that others made. */
export function readingContract(contract: () => Contract): void {
  const theirs = (data: Record<string, string>): Promise<void> =>
    contract().applyAs("somebody", {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "theirs", namespace: contract().namespace },
      data,
    });
  const reader = (): Promise<ProgramStack> =>
    contract().stack(() => {
      const found = k8s.core.v1.ConfigMap.get("found", `${contract().namespace}/theirs`);
      return Promise.resolve({ key: found.data.apply((data) => data.key) });
    });
  const owner = (labels: Record<string, string>): Promise<ProgramStack> =>
    contract().stack(() => {
      new k8s.core.v1.ServiceAccount("object", {
        metadata: { name: "ours", namespace: contract().namespace, labels },
      });
      return Promise.resolve();
    });
  const account = { apiVersion: "v1", kind: "ServiceAccount", name: "ours" };
  const relabel = (value: string): Promise<void> =>
    contract().applyAs("somebody", {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "ours", namespace: contract().namespace, labels: { tier: value } },
    });

  it("reads an object of somebody else, at every run anew", async () => {
    await theirs({ key: "first" });
    const stack = await reader();
    const first = await stack.up();
    assert.equal(first.outputs.key?.value, "first");
    assert.equal(plannedFor(first, "found"), "read");
    await theirs({ key: "second" });
    assert.equal((await stack.up()).outputs.key?.value, "second");
  });

  it("keeps what it reads as external in the state, and does not delete it", async () => {
    await theirs({ key: "first", more: "all of it" });
    const stack = await reader();
    await stack.up();
    const state = await stateOf(stack, "found");
    assert.equal(state.external, true);
    assert.deepEqual(at(state, "outputs", "data"), { key: "first", more: "all of it" });
    await stack.destroy();
    assert.deepEqual(at(await contract().live(configMap("theirs")), "data"), {
      key: "first",
      more: "all of it",
    });
  });

  it("fails to read what does not exist, in the preview too", async () => {
    const stack = await reader();
    const expected = new RegExp(`resource '${contract().namespace}/theirs' does not exist`);
    assert.match(await failureOf(stack.preview()), expected);
    assert.match(await failureOf(stack.up()), expected);
  });

  it("passes on that it may not read", async () => {
    await theirs({ key: "first" });
    const stack = await contract().stack(
      () => {
        k8s.core.v1.ConfigMap.get("found", `${contract().namespace}/theirs`);
        return Promise.resolve();
      },
      { kubeconfig: contract().cluster.kubeconfigOf("stranger") },
    );
    assert.match(
      await failureOf(stack.preview()),
      /configmaps "theirs" is forbidden: User "stranger" cannot get resource "configmaps" in API group ""/,
    );
  });

  newer(
    contract,
    "does not see an outside change without a refresh, and puts it right after one",
    async () => {
      const stack = await owner({ tier: "one" });
      await stack.up();
      await relabel("two");
      assert.equal(plannedFor(await stack.preview(), "object"), "same");

      await stack.refresh();
      const preview = await stack.preview();
      assert.equal(plannedFor(preview, "object"), "update");
      assert.deepEqual(detailsFor(preview, "object"), { "metadata.labels.tier": "update" });
    },
  );

  it("does not mind what others add", async () => {
    const stack = await owner({ tier: "one" });
    await stack.up();
    await contract().applyAs("somebody", {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "ours", namespace: contract().namespace, annotations: { theirs: "yes" } },
    });
    await stack.refresh();
    assert.equal(plannedFor(await stack.up(), "object"), "same");
    assert.equal(at(await contract().live(account), "metadata", "annotations", "theirs"), "yes");
  });

  it("drops from the state what a refresh misses, and creates it again", async () => {
    const stack = await owner({ tier: "one" });
    await stack.up();
    await contract().remove(account);
    assert.equal(plannedFor(await stack.preview(), "object"), "same");
    await stack.refresh();
    assert.equal(await isInState(stack, "object"), false);
    assert.equal(plannedFor(await stack.up(), "object"), "create");
    await contract().live(account);
  });

  it("takes an existing object over with the import option, without a change", async () => {
    await theirs({ key: "first" });
    const stack = await contract().stack(() => {
      new k8s.core.v1.ConfigMap(
        "object",
        { metadata: { name: "theirs", namespace: contract().namespace }, data: { key: "first" } },
        { import: `${contract().namespace}/theirs` },
      );
      return Promise.resolve();
    });
    assert.equal(plannedFor(await stack.up(), "object"), "import");
    assert.equal(plannedFor(await stack.up(), "object"), "same");
  });
}
