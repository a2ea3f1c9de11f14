import assert from "node:assert/strict";
import { resolve } from "node:path";
import { clusterObjects, compareObjects } from "../lifecycle/objects";
import { applyMesh, applyWorkloads, startWorld, type World } from "../lifecycle/world";
import { cloneOfRepository, documentedCommands } from "./clone";
import { commandLine, type CommandLine } from "./commandLine";
import { assertReadableFailure, diagnosticsOf, succeeded } from "./printed";

const workloads = resolve(__dirname, "../../../examples/quickstart/cluster/workloads.yaml");

describe("the stack of a clone by the command line, as docs/clone-as-stack.md says", function () {
  this.timeout(300_000);
  let world: World;
  let pulumi: CommandLine;
  let folder: string;
  let earlier: Awaited<ReturnType<typeof clusterObjects>>;

  const run = async (command: string): Promise<string> => succeeded(await pulumi.run(folder, command));
  const objects = (): ReturnType<typeof clusterObjects> => clusterObjects(world.cluster.kubeconfig);
  const setUp = documentedCommands().slice(0, -1);

  before(async () => {
    world = await startWorld();
    await applyMesh(world.cluster);
    await applyWorkloads(world.cluster, workloads);
    folder = cloneOfRepository();
    pulumi = await commandLine(world.cluster.kubeconfig);
  });
  after(async () => {
    pulumi.dispose();
    await world.stop();
  });

  it("takes the documented commands", async () => {
    assert.equal(documentedCommands().at(-1), "pulumi up");
    assert.equal(setUp.length, 7);
    for (const command of setUp) {
      await run(command);
    }
  });

  it("refuses keys of the configuration by path, before anything is created", async () => {
    earlier = await objects();
    await run("pulumi config set --path inspection.failOpn false");
    await run("pulumi config set --path 'targets[0].matchLabels.track' 1");
    for (const command of ["pulumi preview", "pulumi up --yes"]) {
      const end = await pulumi.run(folder, command);
      assertReadableFailure(end);
      const said = diagnosticsOf(end.output);
      assert.deepEqual([...said.keys()], ["waf"]);
      assert.match(said.get("waf") ?? "", /^error: .* 2 arguments are refused, nothing was changed\.$/m);
      assert.match(
        said.get("waf") ?? "",
        /^ +- targets\[0\]\.matchLabels\["track"\] = 1: it must be a string$/m,
      );
      assert.match(said.get("waf") ?? "", /^ +- inspection\.failOpn: .*\n +Did you mean failOpen\?$/m);
    }
    assert.deepEqual(compareObjects(earlier, await objects()), { added: [], removed: [], changed: [] });
    await run("pulumi config rm --path inspection.failOpn");
    await run("pulumi config set --path --type string 'targets[0].matchLabels.track' 1");
    await run("pulumi preview");
    await run("pulumi config rm --path 'targets[0].matchLabels.track'");
  });

  it("refuses a key of the configuration that it does not know", async () => {
    await run("pulumi config set enforcment EnvoyFilter");
    const end = await pulumi.run(folder, "pulumi preview");
    assertReadableFailure(end);
    assert.match(
      end.output,
      /^ +- enforcment: no configuration key of this stack\. Did you mean enforcement\?$/m,
    );
    await run("pulumi config rm enforcment");
  });

  it("takes a Secret that exists already in place of the keys", async () => {
    for (const key of ["site", "accessKeyId", "secretAccessKey"]) {
      await run(`pulumi config rm ${key}`);
    }
    await run("pulumi config set --path existingSecret.name waf-keys");
    const preview = await run("pulumi preview");
    assert.doesNotMatch(preview, /kubernetes:core\/v1:Secret/);
    assert.match(preview, /kubernetes:apps\/v1:Deployment/);
    await run("pulumi config rm existingSecret");
    for (const command of setUp.filter((one) =>
      /config set .*(site|accessKeyId|secretAccessKey) /.test(one),
    )) {
      await run(command);
    }
  });

  it("previews, creates, and finds nothing to do the next time", async () => {
    earlier = await objects();
    assert.match(await run("pulumi preview"), /^ {4}\+ 11 to create$/m);
    assert.match(await run("pulumi up --yes"), /^ {4}\+ 11 created$/m);
    assert.ok((await objects()).has("AuthorizationPolicy shop/waf-storefront"));
    const again = await run("pulumi preview --expect-no-changes");
    assert.match(again, /^ {4}11 unchanged$/m);
    assert.doesNotMatch(again, /will not show as a stack output/);
  });

  it("tells its outputs, which are no secrets", async () => {
    const outputs: unknown = JSON.parse(await run("pulumi stack output --json"));
    assert.ok(typeof outputs === "object" && outputs !== null);
    const told = new Map(Object.entries(outputs));
    assert.equal(told.get("serviceHost"), "waf-agent.sigsci.svc.cluster.local");
    assert.deepEqual(told.get("authorizationPolicies"), ["shop/waf-storefront"]);
    assert.deepEqual(
      [...told.keys()].filter((key) => told.get(key) === "[secret]"),
      [],
    );
  });

  it("destroys what it made, but for the entries of the mesh", async () => {
    assert.match(await run("pulumi destroy --yes"), /^ {4}- 11 deleted$/m);
    const left = compareObjects(earlier, await objects());
    assert.deepEqual(left, { added: [], removed: [], changed: ["ConfigMap istio-system/istio"] });
  });

  it("showed and stored the secret key nowhere", () => {
    const key = /--secret secretAccessKey (\S+)$/m.exec(setUp.join("\n"))?.[1] ?? "";
    assert.ok(key.length > 30, "docs/clone-as-stack.md sets no key");
    for (const form of [key, Buffer.from(key).toString("base64")]) {
      assert.deepEqual(
        pulumi.everythingStored().filter((text) => text.includes(form)),
        [],
      );
    }
  });
});
