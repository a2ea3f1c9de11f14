import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { ProgramError, recordProgram } from "../../src/offline/recording";

/** What a program would export that requires its configuration. */
const record = (program: () => unknown): ReturnType<typeof recordProgram> =>
  recordProgram(program, { project: "shop", config: { there: "given" }, placeholders: ["shop:declared"] });

describe("configuration that only the program asks for", () => {
  it("gets a placeholder of the type that is asked for, and is named", async () => {
    const { outputs, notes } = await record(() => {
      const config = new pulumi.Config();
      return {
        there: config.require("there"),
        text: config.require("text", { pattern: "[a-z]+" }),
        again: config.require("text"),
        number: config.requireNumber("number", { min: 5 }),
        flag: config.requireBoolean("flag"),
        object: config.requireObject("object"),
        allowed: config.require("allowed", { allowedValues: ["blue", "green"] }),
        other: new pulumi.Config("aws").require("region"),
        optional: config.get("optional") ?? "its own",
      };
    });
    assert.deepEqual(outputs, {
      there: "given",
      text: "placeholder-text",
      again: "placeholder-text",
      number: 1,
      flag: true,
      object: {},
      allowed: "blue",
      other: "placeholder-region",
      optional: "its own",
    });
    assert.deepEqual(notes, [
      "no value for declared, text, number, flag, object, allowed, aws:region: placeholders are used " +
        "(set one with --config key=value)",
      "an empty object stands for object, where the program may want a list (--config 'object=[…]')",
    ]);
  });

  it("stays a secret where the program asks for one", async () => {
    const { secrets } = await record(() => ({ key: new pulumi.Config().requireSecret("key") }));
    assert.ok(secrets.has("placeholder-key"));
  });

  it("is named by the error of a program that fails of it", async () => {
    const failing = record(() => new pulumi.Config().requireObject<string[]>("hosts").map((host) => host));
    await assert.rejects(failing, (error: unknown) => {
      assert.ok(error instanceof ProgramError);
      assert.match(error.notes.join("\n"), /^no value for declared, hosts: placeholders are used/);
      return true;
    });
  });

  it("is required as always without the option, and after a run with it", async () => {
    const required = recordProgram(() => new pulumi.Config().require("missing"));
    await assert.rejects(required, /Missing required configuration variable 'project:missing'/);
  });
});
