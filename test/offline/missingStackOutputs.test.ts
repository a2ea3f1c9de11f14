import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { recordProgram } from "../../src/offline/recording";

const reads = (): object => ({ name: "acme/keys/prod", outputs: { there: "given" }, secretOutputNames: [] });

function program(): object {
  const keys = new pulumi.StackReference("keys", { name: "acme/keys/prod" });
  return { there: keys.getOutput("there"), one: keys.getOutput("one"), two: keys.requireOutput("two") };
}

describe("outputs of other stacks", () => {
  it("get placeholders where they are missing, and are named", async () => {
    const { outputs, notes } = await recordProgram(program, { reads, placeholders: [] });
    assert.deepEqual(outputs, { there: "given", one: "placeholder-one", two: "placeholder-two" });
    assert.deepEqual(notes, [
      "outputs of other stacks cannot be read here: placeholders are used for acme/keys/prod: one, acme/keys/prod: two",
    ]);
  });

  it("are required as always without the option, and after a run with it", async () => {
    await assert.rejects(recordProgram(program, { reads }), /Required output 'two' does not exist on stack/);
  });
});
