import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as k8s from "@pulumi/kubernetes";
import type { ProgramStack } from "../../stack/engine";
import { at, stringAt } from "../paths";
import { configMap, newer, operations, plannedFor, stateOf, type Contract } from "./contract";

/** Providers that the program makes itself. */
export function explicitProviderContract(contract: () => Contract): void {
  let args: k8s.ProviderArgs;
  beforeEach(() => {
    args = {
      kubeconfig: readFileSync(contract().cluster.kubeconfig, "utf8"),
      namespace: contract().namespace,
    };
  });
  // Only the explicit provider knows the cluster: the environment names none.
  const run = (): Promise<ProgramStack> =>
    contract().stack(
      () => {
        const provider = new k8s.Provider("provider", args);
        new k8s.core.v1.ConfigMap(
          "object",
          { metadata: { name: "fixed" }, data: { key: "v" } },
          { provider },
        );
        return Promise.resolve();
      },
      { kubeconfig: "/dev/null" },
    );

  it("take the text of a kubeconfig and a default namespace", async () => {
    const stack = await run();
    await stack.up();
    assert.equal(at(await contract().live(configMap("fixed")), "data", "key"), "v");
    assert.equal(stringAt(await stateOf(stack, "object"), "id"), `${contract().namespace}/fixed`);
    assert.equal(plannedFor(await stack.up(), "object"), "same");
    await stack.destroy();
    assert.equal(await contract().find(configMap("fixed")), undefined);
  });

  it("take the path of a kubeconfig, and are not replaced when only its form changes", async () => {
    const stack = await run();
    await stack.up();
    args = { ...args, kubeconfig: contract().cluster.kubeconfig };
    const report = await stack.up();
    assert.deepEqual(operations(report, "provider"), ["update"]);
    assert.deepEqual(operations(report, "object"), ["same"]);
  });

  it("are replaced with all their objects when the address of the cluster changes", async () => {
    const stack = await run();
    await stack.up();
    const { server } = contract().cluster;
    const text = readFileSync(contract().cluster.kubeconfig, "utf8");
    args = { ...args, kubeconfig: text.replace(server, server.replace("127.0.0.1", "localhost")) };
    const steps = (await stack.preview()).steps.filter(
      ({ name }) => name === "provider" || name === "object",
    );
    const planned = new Set(steps.map(({ name, op }) => `${name} ${op}`));
    assert.ok(planned.has("provider create-replacement"), [...planned].join(", "));
    assert.ok(planned.has("object create-replacement"), [...planned].join(", "));
  });

  it("are not replaced by another address when clusterIdentifier stays", async () => {
    args = { ...args, clusterIdentifier: "shop" };
    const stack = await run();
    await stack.up();
    const { server } = contract().cluster;
    const text = readFileSync(contract().cluster.kubeconfig, "utf8");
    args = { ...args, kubeconfig: text.replace(server, server.replace("127.0.0.1", "localhost")) };
    const preview = await stack.preview();
    assert.equal(plannedFor(preview, "provider"), "update");
    assert.equal(plannedFor(preview, "object"), "same");
  });

  newer(contract, "force all conflicts when told to", async () => {
    args = { ...args, enablePatchForce: true };
    await contract().applyAs("somebody", {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "theirs", namespace: contract().namespace },
      data: { key: "theirs" },
    });
    const stack = await contract().stack(() => {
      const provider = new k8s.Provider("provider", args);
      new k8s.core.v1.ConfigMapPatch(
        "patch",
        { metadata: { name: "theirs" }, data: { key: "ours" } },
        { provider },
      );
      return Promise.resolve();
    });
    await stack.up();
    assert.deepEqual(at(await contract().live(configMap("theirs")), "data"), { key: "ours" });
  });
}
