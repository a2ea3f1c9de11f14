import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { recordProgram } from "../../src/offline/recording";

async function reads(program: () => void): Promise<string[]> {
  const configReads = new Set<string>();
  await recordProgram(program, { project: "shop", config: { unread: "1", all: "2" }, configReads });
  return [...configReads];
}

describe("the configuration that a program reads", () => {
  it("is what it asks for in any way, whether it is there or not", async () => {
    const found = await reads(() => {
      const config = new pulumi.Config();
      config.get("text");
      config.getObject("object");
      config.getSecretNumber("number");
      new pulumi.Config("aws").getBoolean("flag");
    });
    assert.deepEqual(found, ["shop:text", "shop:object", "shop:number", "aws:flag"]);
  });

  it("is all there is when it asks for all, and nothing of another run", async () => {
    const found = await reads(() => {
      pulumi.runtime.allConfig();
    });
    assert.deepEqual(found, ["shop:unread", "shop:all"]);
    assert.deepEqual(await reads(() => undefined), []);
  });
});
