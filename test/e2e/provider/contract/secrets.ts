import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ProgramStack } from "../../stack/engine";
import { at } from "../paths";
import { assertNotOnDisk, assertSecret } from "./assertSecret";
import { stateOf, type Contract } from "./contract";

const VALUE = "hunter2-hunter2";
const ENCODED = Buffer.from(VALUE).toString("base64");

/** What is encrypted in the state, and what is not. */
export function secretsContract(contract: () => Contract): void {
  const run = async (make: () => unknown): Promise<ProgramStack> => {
    const stack = await contract().stack(() => {
      make();
      return Promise.resolve();
    });
    await stack.up();
    return stack;
  };
  const metadata = () => ({
    name: "fixed",
    namespace: contract().namespace,
    annotations: { "pulumi.com/skipAwait": "true" },
  });

  it("encrypts the data of a Secret made from stringData, in inputs and outputs", async () => {
    const stack = await run(
      () => new k8s.core.v1.Secret("object", { metadata: metadata(), stringData: { key: VALUE } }),
    );
    const state = await stateOf(stack, "object");
    for (const place of ["inputs", "outputs"]) {
      assertSecret(at(state, place, "data"), { key: ENCODED });
    }
    assertSecret(at(state, "outputs", "__inputs", "data"), { key: ENCODED });
    assert.equal(at(state, "inputs", "stringData"), undefined);
    assertNotOnDisk(stack, VALUE);
  });

  it("encrypts the data of a Secret that is only read", async () => {
    await contract().applyAs("somebody", {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "theirs", namespace: contract().namespace },
      data: { key: ENCODED },
    });
    const stack = await run(() => k8s.core.v1.Secret.get("object", `${contract().namespace}/theirs`));
    assertSecret(at(await stateOf(stack, "object"), "outputs", "data"), { key: ENCODED });
    assertNotOnDisk(stack, VALUE);
  });

  it("encrypts the data that a SecretPatch sets", async () => {
    const stack = await run(
      () => new k8s.core.v1.SecretPatch("object", { metadata: metadata(), stringData: { key: VALUE } }),
    );
    assertSecret(at(await stateOf(stack, "object"), "outputs", "data"), { key: ENCODED });
    assertNotOnDisk(stack, VALUE);
  });

  it("keeps encrypted after a refresh what was so before", async () => {
    const stack = await run(
      () => new k8s.core.v1.Secret("object", { metadata: metadata(), stringData: { key: VALUE } }),
    );
    await stack.refresh();
    assertSecret(at(await stateOf(stack, "object"), "outputs", "data"), { key: ENCODED });
    assertNotOnDisk(stack, VALUE);
  });

  it("encrypts one secret value in a ConfigMap and leaves the others readable", async () => {
    const stack = await run(
      () =>
        new k8s.core.v1.ConfigMap("object", {
          metadata: metadata(),
          data: { key: pulumi.secret(VALUE), open: "readable" },
        }),
    );
    const state = await stateOf(stack, "object");
    assertSecret(at(state, "outputs", "data", "key"), VALUE);
    assert.equal(at(state, "outputs", "data", "open"), "readable");
    assertNotOnDisk(stack, VALUE);
  });

  it("encrypts a whole list when one item holds a secret", async () => {
    const labels = { app: "web" };
    const stack = await run(
      () =>
        new k8s.apps.v1.Deployment("object", {
          metadata: metadata(),
          spec: {
            selector: { matchLabels: labels },
            template: {
              metadata: { labels },
              spec: {
                containers: [
                  { name: "web", image: "web:1", env: [{ name: "KEY", value: pulumi.secret(VALUE) }] },
                ],
              },
            },
          },
        }),
    );
    const containers = at(
      await stateOf(stack, "object"),
      "outputs",
      "spec",
      "template",
      "spec",
      "containers",
    );
    assert.match(JSON.stringify(containers), /^\{"4dabf18193072939515e22adb298388d"/);
    assertNotOnDisk(stack, VALUE);
  });
}
