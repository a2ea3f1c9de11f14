import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { clusterObjects, compareObjects } from "../lifecycle/objects";
import { applyMesh, applyWorkloads, startWorld, type World } from "../lifecycle/world";
import { commandLine, type CommandLine } from "../pulumi/commandLine";
import { succeeded } from "../pulumi/printed";
import { createTemporaryFolder, type TemporaryFolder } from "../stack/temporaryFolder";
import { installedPlugin } from "./installedPlugin";
import { installPythonSdk } from "./pythonSdk";

const workloads = resolve(__dirname, "../../../examples/quickstart/cluster/workloads.yaml");
const program = join(__dirname, "inlineProgram.py");
const secrets = {
  ACCESS_KEY_ID: "ACCESS-KEY-of-the-test",
  SECRET_ACCESS_KEY: "SECRET-KEY-of-the-test",
  SALT: "SALT-of-the-test",
  OPTION: "OPTION-of-the-test",
};

describe("an inline program in Python, with the generated SDK", function () {
  this.timeout(600_000);
  let folder: TemporaryFolder;
  let world: World;
  let pulumi: CommandLine;
  let pythonPath: string;

  const objects = (): ReturnType<typeof clusterObjects> => clusterObjects(world.cluster.kubeconfig);
  /** Runs an operation and gives the counts of what it does to resources. */
  const run = async (operation: string, more = {}): Promise<Record<string, number>> => {
    const variables = Object.entries({ ...secrets, PYTHONPATH: pythonPath });
    const environment = variables.map((variable) => variable.join("=")).join(" ");
    const command = `env ${environment} python3 ${program} ${operation} '${JSON.stringify(more)}'`;
    return JSON.parse(succeeded(await pulumi.run(folder.path, command))) as Record<string, number>;
  };

  before(async () => {
    folder = createTemporaryFolder("python");
    pythonPath = await installPythonSdk(folder.path);
    world = await startWorld();
    await applyMesh(world.cluster);
    await applyWorkloads(world.cluster, workloads);
    pulumi = await commandLine(world.cluster.kubeconfig);
    const packages = { "sigsci-istio": await installedPlugin() };
    const project = { name: "inline", runtime: "python", packages };
    // JSON is YAML too.
    writeFileSync(join(folder.path, "Pulumi.yaml"), JSON.stringify(project));
    succeeded(await pulumi.run(folder.path, "pulumi stack init dev"));
  });
  after(async () => {
    pulumi.dispose();
    await world.stop();
    folder.remove();
  });

  it("preview: names every resource, and creates nothing", async () => {
    const before = await objects();
    assert.deepEqual(await run("preview"), { create: 11 });
    assert.deepEqual(compareObjects(before, await objects()), { added: [], removed: [], changed: [] });
  });

  it("up: creates what the preview named, and the next preview finds nothing to do", async () => {
    assert.deepEqual(await run("up"), { create: 11 });
    const found = await objects();
    for (const key of ["Deployment sigsci/waf-agent", "AuthorizationPolicy shop/waf-storefront"]) {
      assert.ok(found.has(key), key);
    }
    assert.deepEqual(await run("preview"), { same: 11 });
  });

  it("no secret of the arguments stands in the state or in what was printed, marked as one or not", async () => {
    const stored = pulumi.everythingStored();
    const { stdout } = await pulumi.run(folder.path, "pulumi stack export --show-secrets");
    const { deployment } = JSON.parse(stdout) as { deployment: { resources: StoredResource[] } };
    const component = deployment.resources.find(({ type }) => type.startsWith("sigsci-istio:"));
    for (const [name, value] of Object.entries(secrets)) {
      // A search for what the state does not hold at all would find nothing ever.
      assert.ok(JSON.stringify(component?.inputs).includes(value), name);
      for (const form of [value, Buffer.from(value).toString("base64")]) {
        assert.ok(!stored.some((text) => text.includes(form)), `${name} in plain text`);
      }
    }
  });

  it("a change is applied, and the next preview finds nothing to do", async () => {
    const change = { inspection: { timeout: "300ms" } };
    assert.deepEqual(await run("up", change), { same: 9, update: 2 });
    assert.deepEqual(await run("preview", change), { same: 11 });
  });

  it("teardown and destroy leave the mesh as it was", async () => {
    await run("up", { teardown: true });
    await run("destroy");
    const left = [...(await objects()).keys()].filter((key) => /waf|sigsci/.test(key));
    assert.deepEqual(left, []);
  });
});

interface StoredResource {
  type: string;
  inputs?: object;
}
