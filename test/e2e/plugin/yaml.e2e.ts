import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { clusterObjects, compareObjects } from "../lifecycle/objects";
import { applyMesh, applyWorkloads, startWorld, type World } from "../lifecycle/world";
import { commandLine, type CommandLine } from "../pulumi/commandLine";
import { diagnosticsOf, succeeded } from "../pulumi/printed";
import { change, freshClone } from "./installedPlugin";

const secretKey = "S3CRET-of-the-test";
const workloads = resolve(__dirname, "../../../examples/quickstart/cluster/workloads.yaml");

describe("programs in YAML, by the command line", function () {
  this.timeout(600_000);
  let world: World;
  let pulumi: CommandLine;
  let clone: string;

  const objects = (): ReturnType<typeof clusterObjects> => clusterObjects(world.cluster.kubeconfig);

  before(async () => {
    world = await startWorld();
    await applyMesh(world.cluster);
    await applyWorkloads(world.cluster, workloads);
    clone = freshClone();
    pulumi = await commandLine(world.cluster.kubeconfig);
  });
  after(async () => {
    pulumi.dispose();
    await world.stop();
  });

  describe("the quick start, after nothing but a clone", () => {
    const run = async (command: string): Promise<string> =>
      succeeded(await pulumi.run(join(clone, "examples/yaml"), command));

    it("install: installs and compiles the plugin", async () => {
      await run("pulumi install");
    });

    it("preview: names every resource, and creates nothing", async () => {
      await run("pulumi stack init dev");
      await run("pulumi config set accessKeyId 0aa1f7f5-access");
      await run(`pulumi config set --secret secretAccessKey ${secretKey}`);
      const before = await objects();
      const output = await run("pulumi preview");
      assert.match(output, /^ {4}\+ 11 to create$/m, output);
      assert.match(diagnosticsOf(output).get("waf") ?? "", /istio-system\/istio: waf-ext-authz added/);
      assert.deepEqual(compareObjects(before, await objects()), { added: [], removed: [], changed: [] });
    });

    it("up: creates what the preview named, and the next preview finds nothing to do", async () => {
      assert.match(await run("pulumi up --yes"), /^ {4}\+ 11 created$/m);
      const found = await objects();
      for (const key of ["Deployment sigsci/waf-agent", "AuthorizationPolicy shop/waf-storefront"]) {
        assert.ok(found.has(key), key);
      }
      assert.match(await run("pulumi preview"), /^ {4}11 unchanged$/m);
      assert.equal(await run("pulumi stack output agent"), "waf-agent.sigsci.svc.cluster.local\n");
    });

    it("the keys stand nowhere in the state, nor in what was printed", () => {
      for (const text of pulumi.everythingStored()) {
        assert.ok(!text.includes(secretKey) && !text.includes("0aa1f7f5-access"), text.slice(0, 2000));
      }
    });

    it("a change is shown and applied", async () => {
      change(
        join(clone, "examples/yaml/Pulumi.yaml"),
        "      targets:",
        "      inspection: { timeout: 300ms }\n      targets:",
      );
      assert.match(await run("pulumi up --yes"), /^ {4}~ 2 updated$/m);
      assert.match(await run("pulumi preview"), /^ {4}11 unchanged$/m);
    });

    it("teardown and destroy leave the mesh as it was", async () => {
      change(
        join(clone, "examples/yaml/Pulumi.yaml"),
        "      targets:",
        "      teardown: true\n      targets:",
      );
      await run("pulumi up --yes");
      await run("pulumi destroy --yes");
      const left = [...(await objects()).keys()].filter((key) => /waf|sigsci/.test(key));
      assert.deepEqual(left, []);
    });
  });
});
