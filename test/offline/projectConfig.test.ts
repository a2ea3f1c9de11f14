import assert from "node:assert/strict";
import {
  readProjectSettings,
  type ConfigChoice,
  type ProjectSettings,
} from "../../src/offline/projectConfig";
import { Refusal, UsageProblem } from "../../src/offline/refusal";
import { inFolder } from "../render/temporaryFolder";

const PROJECT = `name: shop
runtime: nodejs
config:
  site: { type: string, default: shop-prod }
  replicas: { type: integer }
  enabled: { type: boolean }
  names: { type: array, items: { type: string }, default: [a, b] }
  accessKeyId: { type: string }
  secretKey: { type: string, secret: true }
  aws:region: { value: eu-west-1 }
  plain: text
`;

function read(files: Record<string, string>, choice?: ConfigChoice): Promise<ProjectSettings> {
  return inFolder(files, (path) => readProjectSettings(path, choice));
}

describe("readProjectSettings", () => {
  it("takes defaults and plain values, and puts placeholders for the rest", async () => {
    const settings = await read({ "Pulumi.yaml": PROJECT });
    assert.deepEqual(settings.config, {
      "shop:site": "shop-prod",
      "shop:replicas": "1",
      "shop:enabled": "true",
      "shop:names": '["a","b"]',
      "shop:accessKeyId": "placeholder-accesskeyid",
      "shop:secretKey": "placeholder-secretkey",
      "aws:region": "eu-west-1",
      "shop:plain": "text",
    });
    assert.deepEqual(settings.secretKeys, ["shop:secretKey"]);
    assert.deepEqual(settings.placeholders, [
      "shop:replicas",
      "shop:enabled",
      "shop:accessKeyId",
      "shop:secretKey",
    ]);
    assert.equal(settings.project, "shop");
    assert.equal(settings.stack, "dev");
    assert.equal(settings.main, undefined);
  });

  it("lets the stack's file win over defaults, and --config over both", async () => {
    const files = {
      "Pulumi.yaml": PROJECT,
      "Pulumi.prod.yaml": "config:\n  shop:site: from-stack\n  shop:replicas: 3\n  shop:accessKeyId: AKID\n",
    };
    const { config, stack } = await read(files, {
      stack: "prod",
      assignments: ["site=from=cli", "aws:region=x"],
    });
    assert.equal(stack, "prod");
    assert.equal(config["shop:site"], "from=cli");
    assert.equal(config["shop:replicas"], "3");
    assert.equal(config["shop:accessKeyId"], "AKID");
    assert.equal(config["aws:region"], "x");
  });

  it("never uses what is encrypted, and marks it as secret, also deep inside", async () => {
    const stackFile =
      "config:\n  shop:site:\n    secure: v1:abc\n  shop:deep:\n    a: 1\n    b:\n      secure: v1:def\n  shop:list: [1, 2]\n";
    const files = { "Pulumi.yaml": PROJECT, "Pulumi.only.yaml": stackFile };
    const { config, secretKeys, notes, placeholders } = await read(files);
    assert.deepEqual(notes, [
      "Pulumi.only.yaml holds site, deep encrypted, which only Pulumi can read: placeholders are used " +
        "(set one with --config key=value)",
    ]);
    assert.ok(!placeholders.includes("shop:site"));
    assert.deepEqual((await read(files, { assignments: ["site=x", "deep={}"] })).notes, []);
    assert.equal(config["shop:site"], "placeholder-site");
    assert.equal(config["shop:deep"], '{"a":1,"b":"<secure>"}');
    assert.equal(config["shop:list"], "[1,2]");
    assert.deepEqual([...secretKeys].sort(), ["shop:deep", "shop:secretKey", "shop:site"]);
  });

  it("uses the only stack there is, or dev, or says that it uses none", async () => {
    const one = await read({ "Pulumi.yaml": PROJECT, "Pulumi.prod.yaml": "config: {}\n" });
    assert.equal(one.stack, "prod");
    const dev = await read({ "Pulumi.yaml": PROJECT, "Pulumi.prod.yaml": "", "Pulumi.dev.yaml": "" });
    assert.equal(dev.stack, "dev");
    const none = await read({ "Pulumi.yaml": PROJECT, "Pulumi.a.yaml": "", "Pulumi.b.yaml": "" });
    assert.match(none.notes.join("\n"), /several stacks are configured \(a, b\); none is used/);
  });

  it("refuses a stack name that is probably a typo", async () => {
    const files = { "Pulumi.yaml": PROJECT, "Pulumi.prod.yaml": "" };
    await assert.rejects(read(files, { stack: "prd" }), (error: unknown) => {
      assert.ok(error instanceof UsageProblem);
      assert.match(error.message, /there is no Pulumi\.prd\.yaml; stacks here: prod/);
      return true;
    });
  });

  it("says of a stack without a file that only its name is used", async () => {
    const { stack, notes } = await read({ "Pulumi.yaml": PROJECT }, { stack: "new" });
    assert.equal(stack, "new");
    assert.deepEqual(notes, ["--stack new: there is no Pulumi.new.yaml, so only the name is used"]);
    assert.deepEqual((await read({ "Pulumi.yaml": PROJECT })).notes, []);
    const file = { "Pulumi.yaml": PROJECT, "Pulumi.new.yaml": "" };
    assert.deepEqual((await read(file, { stack: "new" })).notes, []);
  });

  const refused: Record<string, { files: Record<string, string>; assignments?: string[]; message: RegExp }> =
    {
      "a folder without Pulumi.yaml": { files: { "index.js": "" }, message: /holds no Pulumi\.yaml/ },
      "another runtime": {
        files: { "Pulumi.yaml": "name: x\nruntime: python\n" },
        message: /runtime is "python"; only nodejs programs can be rendered\. `pulumi preview --diff` shows/,
      },
      "broken YAML": {
        files: { "Pulumi.yaml": "name: [\n" },
        message: /Pulumi\.yaml, line \d+: not valid YAML/,
      },
      "a list": { files: { "Pulumi.yaml": "- a\n" }, message: /one YAML document with a mapping/ },
      "an assignment without =": {
        files: { "Pulumi.yaml": PROJECT },
        assignments: ["site"],
        message: /expected key=value/,
      },
    };
  for (const [what, { files, assignments, message }] of Object.entries(refused)) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(read(files, { assignments: assignments ?? [] }), (error: unknown) => {
        assert.ok(error instanceof Refusal);
        assert.match(error.message, message);
        return true;
      });
    });
  }
});
