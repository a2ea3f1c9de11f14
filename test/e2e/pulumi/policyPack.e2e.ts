import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { applyMesh } from "../lifecycle/world";
import { startCluster, type Cluster } from "../stack/cluster";
import { packedProject } from "../stack/packed";
import { commandLine, type CommandLine } from "./commandLine";
import { succeeded } from "./printed";

const example = resolve(__dirname, "../../../examples/quickstart");

describe("the policies in a preview of the engine", function () {
  this.timeout(300_000);
  let cluster: Cluster;
  let pulumi: CommandLine;
  let program: string;
  let pack: string;

  before(async () => {
    cluster = await startCluster({ istioCrds: true });
    await applyMesh(cluster);
    const project = await packedProject();
    [program, pack] = [
      await project.installProgram(example),
      await project.installProgram(join(__dirname, "policyPack")),
    ];
    // The engine takes no pack without a version.
    const manifest = join(pack, "package.json");
    const given = JSON.parse(readFileSync(manifest, "utf8")) as object;
    writeFileSync(manifest, JSON.stringify({ ...given, version: "1.0.0" }));
    pulumi = await commandLine(cluster.kubeconfig);
    for (const command of [
      "pulumi stack init dev",
      "pulumi config set accessKeyId 0aa1f7f5-access",
      "pulumi config set --secret secretAccessKey S3CRET-of-the-test",
    ]) {
      succeeded(await pulumi.run(program, command));
    }
  });
  after(async () => {
    pulumi.dispose();
    await cluster.stop();
  });

  it("have nothing against the quick start", async () => {
    const { code, output } = await pulumi.run(program, `pulumi preview --policy-pack ${pack}`);
    assert.equal(code, 0, output);
    assert.match(output, /Policies:\n.*sigsci-istio@/, output);
  });

  it("refuse what their configuration makes mandatory, with the message that says what happens to traffic", async () => {
    const config = join(pack, "config.json");
    const facing = { "sigsci-failing-open-is-explained": { internetFacing: ["waf/storefront"] } };
    writeFileSync(config, JSON.stringify(facing));
    const line = `pulumi preview --policy-pack ${pack} --policy-pack-config ${config}`;
    const { code, output } = await pulumi.run(program, line);
    assert.notEqual(code, 0, output);
    assert.match(output, /\[mandatory\]\s+sigsci-failing-open-is-explained/, output);
    assert.match(output, /target waf\/storefront fails open: while the agent does not answer/, output);
  });

  it("say what in their configuration is wrong, without a stack", async () => {
    const config = join(pack, "config.json");
    const wrong = { "sigsci-observing-ends": { today: "soon" }, "sigsci-production-is-on": { stacks: "(" } };
    writeFileSync(config, JSON.stringify(wrong));
    const line = `pulumi preview --policy-pack ${pack} --policy-pack-config ${config}`;
    const { code, output } = await pulumi.run(program, line);
    assert.notEqual(code, 0, output);
    assert.match(output, /sigsci-observing-ends.*today.*date/, output);
    assert.match(output, /sigsci-production-is-on.*stacks.*regex/, output);
    assert.doesNotMatch(output, /^\s+at .*:\d+:\d+\)?$/m, output);
  });
});
