import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { RunFailure, withStack, type ProgramStack } from "./engine";
import { changes, diagnosticsText } from "./runReport";

class Group extends pulumi.ComponentResource {
  constructor(name: string, options?: pulumi.ComponentResourceOptions) {
    super("e2e:index:Group", name, {}, options);
    this.registerOutputs({});
  }
}

// The engine wants a promise; nothing in these programs is worth waiting for.
const program = (): Promise<Record<string, unknown>> => {
  const outer = new Group("outer");
  new Group("inner", { parent: outer });
  return Promise.resolve({ key: new pulumi.Config().requireSecret("key") });
};

const config = { "e2e:key": { value: "not-to-be-seen", secret: true } };

describe("the engine", () => {
  let stack: ProgramStack;

  beforeEach(async () => {
    stack = await withStack(program, { config });
  });

  afterEach(() => {
    stack.dispose();
  });

  it("previews, applies, finds nothing to do and destroys an inline program", async () => {
    assert.deepEqual((await stack.preview()).counts, { create: 3 });
    const up = await stack.up();
    assert.deepEqual(
      up.steps.map(({ op, name }) => `${op} ${name}`),
      ["create e2e-test", "create outer", "create inner"],
    );
    assert.deepEqual(up.outputs.key, { value: "not-to-be-seen", secret: true });
    assert.deepEqual(changes(await stack.preview()), []);
    assert.deepEqual((await stack.up()).counts, { same: 3 });
    assert.deepEqual(
      (await stack.destroy()).finished.map(({ op, name }) => `${op} ${name}`),
      ["delete inner", "delete outer", "delete e2e-test"],
    );
  });

  it("runs another program on the same stack", async () => {
    await stack.up();
    stack.setProgram(() => {
      new Group("other");
      return Promise.resolve({});
    });
    const { counts } = await stack.preview();
    assert.deepEqual(counts, { create: 1, delete: 2, same: 1 });
  });

  it("keeps secrets out of its state files", async () => {
    await stack.up();
    const files = readdirSync(stack.backend, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const texts = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"));
    assert.ok(
      texts.some((text) => text.includes("e2e:index:Group")),
      "there is no state",
    );
    assert.deepEqual(
      texts.filter((text) => text.includes("not-to-be-seen")),
      [],
    );
  });

  it("fails with what the program said, and keeps the report", async () => {
    stack.setProgram(() => {
      void pulumi.log.warn("careful");
      return Promise.reject(new Error("the program's own reason"));
    });
    await assert.rejects(
      stack.up(),
      (error: unknown) =>
        error instanceof RunFailure &&
        error.message.includes("the program's own reason") &&
        diagnosticsText(error.report).includes("warning: careful"),
    );
  });

  it("ends with its stack, and leaves no folder, when it is in the middle of something", async () => {
    const begun = new Promise<void>((resolve) => {
      stack.setProgram(() => {
        resolve();
        return new Promise<never>(() => undefined);
      });
    });
    const failure = assert.rejects(stack.up(), RunFailure);
    await begun;
    stack.dispose();
    await failure;
    assert.equal(existsSync(stack.stack.workspace.workDir), false);
  });
});
