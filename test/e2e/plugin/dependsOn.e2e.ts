import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { clusterObjects } from "../lifecycle/objects";
import { applyMesh, applyWorkloads, startWorld, type World } from "../lifecycle/world";
import { commandLine, type CommandLine } from "../pulumi/commandLine";
import { diagnosticsOf, succeeded } from "../pulumi/printed";
import { change, exampleInYaml } from "./installedPlugin";

const workloads = resolve(__dirname, "../../../examples/quickstart/cluster/workloads.yaml");

describe("a component in YAML that depends on another one", function () {
  this.timeout(600_000);
  let world: World;
  let pulumi: CommandLine;
  let folder: string;

  const run = async (command: string): Promise<string> => succeeded(await pulumi.run(folder, command));
  const waf = async (): Promise<string[]> =>
    [...(await clusterObjects(world.cluster.kubeconfig)).keys()].filter((key) => key.includes("waf"));

  before(async () => {
    world = await startWorld();
    await applyMesh(world.cluster);
    await applyWorkloads(world.cluster, workloads);
    pulumi = await commandLine(world.cluster.kubeconfig);
    folder = await exampleInYaml("yaml/two-components");
    const options = '    options: { dependsOn: ["${shop-waf}"] }\n';
    change(join(folder, "Pulumi.yaml"), /(?<=payments-waf:\n +type: .*\n)/, options);
    await run("pulumi stack init dev");
    for (const of of ["shop", "payments"]) {
      await run(`pulumi config set ${of}AccessKeyId 0aa1f7f5-access`);
      await run(`pulumi config set --secret ${of}SecretAccessKey S3CRET-of-the-test`);
    }
  });
  after(async () => {
    pulumi.dispose();
    await world.stop();
  });

  it("preview: says of each component what it does, and of no entry that it is another one's", async () => {
    const output = await run("pulumi preview");
    assert.match(output, /^ {4}\+ 21 to create$/m);
    const said = diagnosticsOf(output);
    for (const [own, other] of [
      ["shop-waf", "payments-waf"],
      ["payments-waf", "shop-waf"],
    ] as const) {
      assert.match(said.get(own) ?? "", new RegExp(`^istio-system/istio: ${own}-ext-authz added: `, "m"));
      assert.doesNotMatch(said.get(own) ?? "", new RegExp(`istio-system/istio: ${other}`));
    }
  });

  it("up: begins with it when all of the other is there", async () => {
    const lines = (await run("pulumi up --yes --skip-preview")).split("\n");
    const last = lines.findLastIndex((line) => / shop-waf-\S+ created /.test(line));
    const first = lines.findIndex((line) => / payments-waf-\S+ creating /.test(line));
    assert.ok(0 < last && last < first, lines.join("\n"));
    assert.match(lines.join("\n"), /^ {4}\+ 21 created$/m);
  });

  it("the other one learns of its entries by the next up, and then there is nothing to do", async () => {
    const output = await run("pulumi up --yes --skip-preview");
    assert.match(output, / shop-waf-mesh-default updated /);
    assert.match(output, /^ {4}~ 1 updated\n {4}20 unchanged$/m);
    assert.match(await run("pulumi preview"), /^ {4}21 unchanged$/m);
  });

  it("destroy: takes it away before the other one", async () => {
    const lines = (await run("pulumi destroy --yes --skip-preview")).split("\n");
    const last = lines.findLastIndex((line) => / payments-waf-\S+ deleted /.test(line));
    const first = lines.findIndex((line) => / shop-waf-\S+ deleting /.test(line));
    assert.ok(0 < last && last < first, lines.join("\n"));
    assert.deepEqual(await waf(), []);
  });
});
