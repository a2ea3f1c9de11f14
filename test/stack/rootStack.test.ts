import assert from "node:assert/strict";
import { join } from "node:path";
import { runCommand, type CommandResult } from "../cli/run";

const root = join(__dirname, "..", "..");
const targets = 'targets=[{"name":"web","namespace":"shop","matchLabels":{"app":"web"}}]';

const renderWith = (...config: string[]): Promise<CommandResult> =>
  runCommand(["render", root, ...[targets, ...config].flatMap((one) => ["-c", one])]);

describe("the root stack", function () {
  this.timeout(60_000);

  it("takes the keys of the site, and says which are missing", async () => {
    const { exitCode, out, err } = await renderWith("site=shop-prod", "accessKeyId=AKID-4711");
    assert.equal(err, "");
    assert.equal(exitCode, 0);
    assert.match(out, /Secret +sigsci\/sigsci\.shop-prod-/);
    assert.match(out, /- no value for secretAccessKey: placeholders are used/);
  });

  it("takes a Secret that exists already, and makes none", async () => {
    const { out, err } = await renderWith('existingSecret={"name":"waf-keys"}');
    assert.equal(err, "");
    assert.doesNotMatch(out, /^ *\d+ [├└]─ Secret/m);
    assert.doesNotMatch(out, /no value for/);
  });

  it("has the component refuse both", async () => {
    const { exitCode, err } = await renderWith('existingSecret={"name":"waf-keys"}', "accessKeyId=AKID-4711");
    assert.equal(exitCode, 1);
    assert.match(err, /credentials/);
  });

  for (const [key, meant] of Object.entries({
    enforcment: "enforcement",
    failOpn: undefined,
    existingSecrets: "existingSecret",
    Site: "site",
    credentials: "existingSecret",
  })) {
    it(`refuses the key ${key}`, async () => {
      const { exitCode, err } = await renderWith(`${key}=x`);
      assert.equal(exitCode, 1);
      assert.match(err, new RegExp(`- ${key}: no configuration key of this stack\\.`));
      assert.match(err, meant === undefined ? /Known are:/ : new RegExp(`Did you\\s+mean\\s+${meant}\\?`));
    });
  }

  it("leaves keys of other namespaces alone", async () => {
    const { exitCode } = await renderWith('existingSecret={"name":"waf-keys"}', "kubernetes:context=shop");
    assert.equal(exitCode, 0);
  });
});
