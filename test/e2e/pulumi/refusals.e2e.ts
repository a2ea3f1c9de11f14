import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { KubeConfig, KubernetesObjectApi } from "@kubernetes/client-node";
import { clusterObjects, compareObjects } from "../lifecycle/objects";
import { applyMesh, chartText, startWorld, type World } from "../lifecycle/world";
import { documented, without } from "../mesh/documentedRoles";
import { freshMesh } from "../mesh/meshConfigMap";
import { applyObjects, ensureNamespace, type PlainObject } from "../stack/apply";
import { packedProject } from "../stack/packed";
import { commandLine, type CommandEnd, type CommandLine } from "./commandLine";
import { assertReadableFailure, diagnosticsOf, succeeded } from "./printed";

const example = resolve(__dirname, "../../../examples/quickstart");
const user = "deployer";
const operations = ["pulumi preview", "pulumi up --yes --skip-preview"];

const foreignEntry = `${chartText}
extensionProviders:
- name: waf-ext-authz
  envoyExtAuthzGrpc: {service: other.default.svc.cluster.local, port: 9000}
`;

const secondAuthorizer: PlainObject = {
  apiVersion: "security.istio.io/v1",
  kind: "AuthorizationPolicy",
  metadata: { name: "oauth", namespace: "shop" },
  spec: {
    selector: { matchLabels: { app: "web" } },
    action: "CUSTOM",
    provider: { name: "oauth2-proxy" },
    rules: [{}],
  },
};

const workload: PlainObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web-0", namespace: "shop", labels: { app: "web" } },
  spec: { containers: [{ name: "web", image: "web" }] },
};

describe("a refused run of the command line", function () {
  this.timeout(300_000);
  let world: World;
  let pulumi: CommandLine;
  let folder: string;
  let original: string;

  const objects = (): ReturnType<typeof clusterObjects> => clusterObjects(world.cluster.kubeconfig);
  const program = (from = "", to = ""): void => {
    assert.ok(original.includes(from), original);
    writeFileSync(join(folder, "index.ts"), original.replace(from, to));
  };
  /** Runs a command that must fail without having made anything, and gives what is said of each resource. */
  const refused = async (command: string): Promise<Map<string, string>> => {
    const before = await objects();
    const end: CommandEnd = await pulumi.run(folder, command);
    assertReadableFailure(end);
    assert.deepEqual(compareObjects(before, await objects()), { added: [], removed: [], changed: [] });
    return diagnosticsOf(end.output);
  };
  const deleteObjects = async (gone: readonly PlainObject[]): Promise<void> => {
    const config = new KubeConfig();
    config.loadFromFile(world.cluster.kubeconfig);
    for (const object of gone) {
      await KubernetesObjectApi.makeApiClient(config).delete(object);
    }
  };
  /** One message says it; the SDK attaches it to the stack if the program itself has come to its end. */
  const assertSaidOnce = (said: Map<string, string>, expected: RegExp): void => {
    const all = [...said.values()].join("\n");
    assert.match(all, expected);
    assert.equal(all.match(/^error: /gm)?.length, 1, all);
  };

  before(async () => {
    world = await startWorld({ users: [{ name: user, token: "e2e-deployer-token" }] });
    await applyMesh(world.cluster);
    await ensureNamespace(world.cluster.kubeconfig, "shop");
    folder = await (await packedProject()).installProgram(example);
    original = readFileSync(join(folder, "index.ts"), "utf8");
  });
  after(async () => {
    await world.stop();
  });
  beforeEach(async () => {
    await freshMesh(world.cluster);
    program();
    pulumi = await commandLine(world.cluster.kubeconfig);
    for (const command of [
      "pulumi stack init dev",
      "pulumi config set accessKeyId 0aa1f7f5-access",
      "pulumi config set --secret secretAccessKey S3CRET-of-the-test",
    ]) {
      succeeded(await pulumi.run(folder, command));
    }
  });
  afterEach(() => {
    pulumi.dispose();
  });

  for (const operation of operations) {
    it(`${operation}: plain arguments, all at once, each with its path and a way out`, async () => {
      program('{ app: "web" } }', '{ app: "web shop" }, ports: [70000] }');
      const said = await refused(operation);
      assertSaidOnce(
        said,
        /^error: SigsciIstioIntegration "waf": 2 arguments are refused, nothing was changed\.$/m,
      );
      assert.match(
        said.get("waf") ?? "",
        /^ +- targets\[0\]\.matchLabels\["app"\] = 'web shop': .*\n +Use /m,
      );
      assert.match(said.get("waf") ?? "", /^ +- targets\[0\]\.ports\[0\] = 70000: .*\n +Use 1 to 65535/m);
    });

    it(`${operation}: mesh configuration with a key that is there twice, with ConfigMap and line`, async () => {
      await freshMesh(world.cluster, `${chartText}\ntrustDomain: other\n`);
      const text =
        /^error: Mesh configuration in ConfigMap istio-system\/istio: .*\(line 9 of the text\)\.\n +Correct the text first\.\n +Nothing was written\.$/m;
      assertSaidOnce(await refused(operation), text);
    });

    it(`${operation}: an entry of somebody else, with the way out`, async () => {
      await freshMesh(world.cluster, foreignEntry);
      const text =
        /^error: Mesh configuration in ConfigMap istio-system\/istio: provider waf-ext-authz \(line 10 of the text\) is not ours\.\n +Set `mesh\.adopt: true` .*\n +Nothing was written\.$/m;
      assertSaidOnce(await refused(operation), text);
    });

    it(`${operation}: an entry of somebody else, where the program exports what depends on it`, async () => {
      await freshMesh(world.cluster, foreignEntry);
      program("waf.serviceHost", "waf.authorizationPolicies");
      assertSaidOnce(await refused(operation), /provider waf-ext-authz \(line 10 of the text\) is not ours/);
    });

    it(`${operation}: a second external authorizer, found by preflight`, async () => {
      await applyObjects(world.cluster.kubeconfig, [secondAuthorizer, workload]);
      const text =
        /^error: SigsciIstioIntegration "waf": preflight stopped this run, nothing was changed\.\n +- target storefront: AuthorizationPolicy shop\/oauth sends the same workloads to provider oauth2-proxy\./m;
      try {
        assertSaidOnce(await refused(operation), text);
      } finally {
        await deleteObjects([secondAuthorizer, workload]);
      }
    });
  }

  describe("of a user with few rights", () => {
    const grant = (role: readonly PlainObject[]): Promise<void> =>
      applyObjects(world.cluster.kubeconfig, role);

    beforeEach(async () => {
      await grant(documented);
      program("  targets:", "  createNamespace: false,\n  targets:");
      pulumi.kubeconfig = world.cluster.kubeconfigOf(user);
    });

    it("without patch on the mesh ConfigMap: the preview warns with the rule to grant, up stops before anything is made", async () => {
      await grant(documented.map((object) => without(object, "configmaps", "patch")));
      const rule =
        /patch configmaps istio in istio-system\n +Grant\n +in a Role in istio-system:\n +rules:\n +- \{ .*verbs: \["patch"\] \}$/m;
      const preview = diagnosticsOf(succeeded(await pulumi.run(folder, "pulumi preview")));
      assert.match(
        preview.get("waf") ?? "",
        /^warning: preflight: permissions: the user of this run may not do/m,
      );
      assert.match(preview.get("waf") ?? "", rule);
      assertSaidOnce(await refused("pulumi up --yes"), rule);
    });

    it("without get on the mesh ConfigMap: says what to grant beside the provider's own words", async () => {
      await grant(documented.map((object) => without(object, "configmaps", "get")));
      for (const operation of operations) {
        const said = await refused(operation);
        assert.match(
          said.get("waf") ?? "",
          /^warning: preflight: the user of this run may not get configmaps istio-system\/istio.*\n.*\n +rules:\n +- \{ .*verbs: \["get"\] \}$/m,
        );
        assert.match(
          said.get("waf-mesh-default-live") ?? "",
          /^error: .*configmaps "istio" is forbidden: User "deployer" cannot get resource "configmaps"/m,
        );
      }
    });
  });
});
