import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { clusterObjects, compareObjects } from "../lifecycle/objects";
import { applyMesh, applyWorkloads, startWorld, type World } from "../lifecycle/world";
import { commandLine, type CommandEnd, type CommandLine } from "../pulumi/commandLine";
import { assertReadableFailure, diagnosticsOf, succeeded } from "../pulumi/printed";
import { change, exampleInYaml } from "./installedPlugin";

const secretKey = "S3CRET-of-the-test";
const workloads = resolve(__dirname, "../../../examples/quickstart/cluster/workloads.yaml");

describe("programs in YAML, by the command line", function () {
  this.timeout(600_000);
  let world: World;
  let pulumi: CommandLine;

  let stacks = 0;
  /** A stack of its own for a copy of an example, with keys. */
  const initStack = async (folder: string, ...sites: string[]): Promise<void> => {
    succeeded(await pulumi.run(folder, `pulumi stack init copy-${++stacks}`));
    for (const site of sites) {
      succeeded(await pulumi.run(folder, `pulumi config set ${site}ccessKeyId 0aa1f7f5-access`));
      const secret = site.replace(/[aA]$/, (a) => (a === "a" ? "secretA" : "SecretA"));
      succeeded(await pulumi.run(folder, `pulumi config set --secret ${secret}ccessKey ${secretKey}`));
    }
  };
  const objects = (): ReturnType<typeof clusterObjects> => clusterObjects(world.cluster.kubeconfig);

  before(async () => {
    world = await startWorld();
    await applyMesh(world.cluster);
    await applyWorkloads(world.cluster, workloads);
    pulumi = await commandLine(world.cluster.kubeconfig);
  });
  after(async () => {
    pulumi.dispose();
    await world.stop();
  });

  describe("the quick start", () => {
    let folder: string;
    const run = async (command: string): Promise<string> => succeeded(await pulumi.run(folder, command));
    before(async () => {
      folder = await exampleInYaml("yaml");
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

    it("the secret key stands nowhere in the state, nor in what was printed", () => {
      for (const text of pulumi.everythingStored()) {
        assert.ok(!text.includes(secretKey), text.slice(0, 2000));
      }
    });

    it("a change is shown and applied", async () => {
      change(
        join(folder, "Pulumi.yaml"),
        "      targets:",
        "      inspection: { timeout: 300ms }\n      targets:",
      );
      assert.match(await run("pulumi up --yes"), /^ {4}~ 2 updated$/m);
      assert.match(await run("pulumi preview"), /^ {4}11 unchanged$/m);
    });

    it("teardown and destroy leave the mesh as it was", async () => {
      change(join(folder, "Pulumi.yaml"), "      targets:", "      teardown: true\n      targets:");
      await run("pulumi up --yes");
      await run("pulumi destroy --yes");
      const left = [...(await objects()).keys()].filter((key) => /waf|sigsci/.test(key));
      assert.deepEqual(left, []);
    });
  });

  describe("two components on one mesh", () => {
    let folder: string;
    const run = async (command: string): Promise<string> => succeeded(await pulumi.run(folder, command));
    before(async () => {
      folder = await exampleInYaml("yaml/two-components");
      await run("pulumi stack init dev");
      for (const of of ["shop", "payments"]) {
        await run(`pulumi config set ${of}AccessKeyId 0aa1f7f5-access`);
        await run(`pulumi config set --secret ${of}SecretAccessKey ${secretKey}`);
      }
    });
    const previewWith = async (from: string | RegExp, to: string): Promise<CommandEnd> => {
      const changed = await exampleInYaml("yaml/two-components");
      change(join(changed, "Pulumi.yaml"), from, to);
      await initStack(changed, "shopA", "paymentsA");
      const end = await pulumi.run(changed, "pulumi preview --non-interactive");
      assertReadableFailure(end);
      return end;
    };
    const meshText = async (): Promise<string> => {
      const { data } = (await objects()).get("ConfigMap istio-system/istio") as { data: { mesh: string } };
      return data.mesh;
    };

    it("end with the entries of both, and the next preview says the same", async () => {
      await run("pulumi up --yes");
      const names = [...(await meshText()).matchAll(/name: (\S+-waf-\S+)/g)].map(([, name]) => name).sort();
      assert.deepEqual(names, [
        "payments-waf-access-log",
        "payments-waf-ext-authz",
        "shop-waf-access-log",
        "shop-waf-ext-authz",
      ]);
      assert.match(await run("pulumi preview"), /^ {4}21 unchanged$/m);
    });

    it("refuse to create one namespace, by the preview", async () => {
      const end = await previewWith("namespace: sigsci-payments", "namespace: sigsci-shop");
      assert.match(end.output, /namespace "sigsci-shop" is created by "(shop|payments)-waf" already\./);
    });

    it("refuse to protect the same workloads, by the preview", async () => {
      const other = /namespace: payments\n +matchLabels: \{ app: checkout \}/;
      const end = await previewWith(other, "namespace: shop\n          matchLabels: { app: web }");
      assert.match(
        end.output,
        /may select proxies of target (storefront|checkout) .* Istio uses one external authorizer/,
      );
    });

    it("destroy leaves the text alone, as in TypeScript", async () => {
      await run("pulumi destroy --yes");
      const left = [...(await objects()).keys()].filter((key) => key.includes("waf"));
      assert.deepEqual(left, []);
      for (const name of ["shop-waf-ext-authz", "payments-waf-ext-authz"]) {
        assert.ok((await meshText()).includes(name), name);
      }
    });
  });

  describe("bad input", () => {
    const previewWith = async (from: string | RegExp, to: string): Promise<string> => {
      const folder = await exampleInYaml("yaml");
      change(join(folder, "Pulumi.yaml"), from, to);
      await initStack(folder, "a");
      const { code, output } = await pulumi.run(folder, "pulumi preview --non-interactive");
      assert.notEqual(code, 0, output);
      assert.doesNotMatch(output, /^ *at .*(?::\d+:\d+|node:internal)/m);
      return output.split("\nDiagnostics:\n")[1] ?? "";
    };

    for (const { what, from, to, said } of [
      {
        what: "wrong types",
        from: "      targets:",
        to: '      createNamespace: "true"\n      agent: { replicas: two }\n      targets:',
        said: [
          /replicas: Cannot assign type 'string' to type 'number'/,
          /createNamespace: Cannot assign type 'string' to type 'boolean'/,
        ],
      },
      {
        what: "unknown keys",
        from: "matchLabels:",
        to: "matchLabel:",
        said: [/targets: Cannot assign .*matchLabel: /, /Existing properties are: /],
      },
      {
        what: "what is missing",
        from: /^ {6}targets:[^]*?(?=^outputs)/m,
        to: "",
        said: [/targets: Missing required property 'targets'/],
      },
      {
        what: "what only the component refuses, once, with its path",
        from: "name: storefront",
        to: "name: storefront\n          notPaths: [healthz]",
        said: [/ - targets\[0\]\.notPaths\[0\] = 'healthz': /, /targets\[0\]\.not_paths\[0\] in Python/],
      },
    ]) {
      it(`refuses ${what}`, async () => {
        const output = await previewWith(from, to);
        for (const text of said) {
          assert.equal(output.match(new RegExp(text.source, "g"))?.length, 1, output);
        }
      });
    }

    it("ends an update that the cluster has to refuse, and leaves nothing", async () => {
      const foreign =
        "extensionProviders:\n- name: waf-ext-authz\n  envoyExtAuthzGrpc: { service: other, port: 1 }\n";
      await applyMesh(world.cluster, foreign);
      const before = await objects();
      const folder = await exampleInYaml("yaml");
      await initStack(folder, "a");
      const end = await pulumi.run(folder, "pulumi up --yes --skip-preview --non-interactive");
      assertReadableFailure(end);
      const [, said = ""] = end.output.split("\nDiagnostics:\n");
      assert.equal(said.match(/provider waf-ext-authz \(line 2 of the text\) is not ours/g)?.length, 1, said);
      assert.deepEqual(compareObjects(before, await objects()), { added: [], removed: [], changed: [] });
    });
  });
});
