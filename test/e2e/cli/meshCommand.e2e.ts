import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { CoreV1Api, CustomObjectsApi, KubeConfig } from "@kubernetes/client-node";
import { connect } from "../../../src/cli/mesh/cluster";
import { addToMesh } from "../../../src/cli/mesh/addition";
import { editedAnnotation, ownerAnnotation } from "../../../src/kubernetes/ownership";
import { authorizer } from "../../mesh/contributions";
import { runCommand, type CommandResult } from "../../cli/run";
import { applyObjects, ensureNamespace, parseObjects } from "../stack/apply";
import { startCluster, type Cluster } from "../stack/cluster";

const namespace = "istio-system";
const name = "istio";
const text = "# kept\nrootNamespace: istio-system\ntrustDomain: cluster.local # odd\n";
const edge = ["--name", "edge", "--service", "edge.sigsci.svc.cluster.local"];
const entries = ["edge-ext-authz", "edge-access-log"];
const component = "shop/prod/waf";

/** Verbs on the mesh ConfigMap for a user, and the verb on policies. */
const reader = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: mesh-reader, namespace: istio-system }
rules: [{ apiGroups: [""], resources: [configmaps], resourceNames: [istio], verbs: [get] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: mesh-reader, namespace: istio-system }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: mesh-reader }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: reader }]
`;

const policy = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: inspect, namespace: default }
spec: { action: CUSTOM, provider: { name: edge-ext-authz }, rules: [{}] }
`;

describe("pulumi-sigsci-istio mesh on a cluster", function () {
  this.timeout(240_000);
  let cluster: Cluster;
  let api: CoreV1Api;
  let custom: CustomObjectsApi;

  before(async () => {
    const users = ["reader", "stranger"].map((user) => ({ name: user, token: `e2e-${user}` }));
    cluster = await startCluster({ istioCrds: true, users });
    const config = new KubeConfig();
    config.loadFromFile(cluster.kubeconfig);
    api = config.makeApiClient(CoreV1Api);
    custom = config.makeApiClient(CustomObjectsApi);
    await ensureNamespace(cluster.kubeconfig, namespace);
    await applyObjects(cluster.kubeconfig, parseObjects(reader));
  });

  after(async () => {
    await cluster.stop();
  });

  beforeEach(async () => {
    await api.deleteNamespacedConfigMap({ namespace, name }).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === 404)) {
        throw error;
      }
    });
    await write({ mesh: text, meshNetworks: "networks: {}" });
  });

  /** Writes the ConfigMap as istioctl does. */
  function write(data: Record<string, string>, annotations: Record<string, string> = {}): Promise<void> {
    const metadata = { name, namespace, annotations };
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata, data };
    return applyObjects(cluster.kubeconfig, [object], { fieldManager: "istio-operator" });
  }

  const live = (): ReturnType<CoreV1Api["readNamespacedConfigMap"]> =>
    api.readNamespacedConfigMap({ namespace, name });

  function mesh(...args: string[]): Promise<CommandResult> {
    return runCommand(["mesh", ...args, "--kubeconfig", cluster.kubeconfig]);
  }

  it("adds with --yes only, as its own field manager, and removes without a trace in the data", async () => {
    const before = await live();
    const shown = await mesh("add", ...edge);
    assert.equal(shown.exitCode, 1, shown.err);
    assert.match(shown.err, /Nothing was written\. Add --yes to write\.\n$/);
    assert.equal((await mesh("diff", "add", ...edge)).out, shown.out);
    assert.equal((await live()).metadata?.resourceVersion, before.metadata?.resourceVersion);

    const added = await mesh("add", ...edge, "--yes");
    assert.equal(added.exitCode, 0, added.err);
    assert.equal(added.out, `${shown.out}ConfigMap istio-system/istio written\n`);
    const after = await live();
    assert.ok(after.data?.mesh?.startsWith(text));
    assert.equal(after.data?.meshNetworks, "networks: {}");
    const managers = after.metadata?.managedFields?.map(({ manager, operation, fieldsV1 }) => {
      const fields = JSON.stringify(fieldsV1);
      return [manager, operation, fields.includes('f:mesh"'), fields.includes("f:meshNetworks")];
    });
    assert.deepEqual(managers?.sort(), [
      ["istio-operator", "Apply", false, true],
      ["sigsci-istio-cli", "Apply", true, false],
    ]);
    const same = await mesh("diff", "add", ...edge);
    assert.deepEqual([same.exitCode, same.out], [0, ""]);
    assert.match(
      (await mesh("show")).out,
      /^edge-ext-authz +envoyExtAuthzGrpc +edge\.sigsci\.svc\.cluster\.local:/m,
    );

    const removed = await mesh("remove", ...entries, "--yes");
    assert.equal(removed.exitCode, 0, removed.err);
    assert.deepEqual((await live()).data, { mesh: text, meshNetworks: "networks: {}" });
  });

  it("is overwritten by the next write of the one who installed Istio, without a conflict", async () => {
    assert.equal((await mesh("add", ...edge, "--yes")).exitCode, 0);
    await write({ mesh: text, meshNetworks: "networks: {}" });
    assert.equal((await live()).data?.mesh, text);
    assert.equal((await mesh("add", ...edge, "--yes")).exitCode, 0);
    await assert.rejects(
      applyObjects(
        cluster.kubeconfig,
        [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data: { mesh: text } }],
        { fieldManager: "helm", force: false },
      ),
      /409.*conflict with "sigsci-istio-cli": \.data\.mesh/,
    );
  });

  it("takes a lost component's entries and marks away, and keeps those of others", async () => {
    assert.equal((await mesh("add", ...edge, "--yes")).exitCode, 0);
    const full = (await live()).data?.mesh ?? "";
    const marks = {
      [ownerAnnotation("edge-ext-authz")]: `${component}#0a1b`,
      [ownerAnnotation("edge-access-log")]: `${component}#0a1b`,
      [editedAnnotation(component)]: "17",
      [ownerAnnotation("other")]: "shop/prod/other#2c3d",
      [editedAnnotation("shop/prod/other")]: "18",
      "example.com/kept": "yes",
    };
    await write({ mesh: full }, marks);
    const refused = await mesh("remove", ...entries, "--yes");
    assert.equal(refused.exitCode, 1);
    assert.match(refused.err.replaceAll(/\s+/g, " "), /belongs to component shop\/prod\/waf/);
    assert.equal((await live()).data?.mesh, full);
    const removed = await mesh("remove", "--owner", component, "--yes");
    assert.equal(removed.exitCode, 0, removed.err);
    const after = await live();
    assert.equal(after.data?.mesh, text);
    assert.deepEqual(after.metadata?.annotations, {
      [ownerAnnotation("other")]: "shop/prod/other#2c3d",
      [editedAnnotation("shop/prod/other")]: "18",
      "example.com/kept": "yes",
    });
  });

  it("leaves a provider that a policy uses, and names the policy", async () => {
    assert.equal((await mesh("add", ...edge, "--yes")).exitCode, 0);
    await applyObjects(cluster.kubeconfig, parseObjects(policy));
    const full = (await live()).data?.mesh;
    const refused = await mesh("remove", ...entries, "--yes");
    assert.equal(refused.exitCode, 1);
    assert.match(
      refused.err.replaceAll(/\s+/g, " "),
      /AuthorizationPolicy default\/inspect \(edge-ext-authz\) would deny/,
    );
    assert.equal((await live()).data?.mesh, full);
    const forced = await mesh("remove", ...entries, "--yes", "--force");
    assert.equal(forced.exitCode, 0, forced.err);
    assert.match(forced.err, /warning: a policy that still refers to edge-ext-authz/);
    assert.equal((await live()).data?.mesh, text);
    const [group, version, plural] = ["security.istio.io", "v1", "authorizationpolicies"];
    await custom.deleteNamespacedCustomObject({
      group,
      version,
      plural,
      namespace: "default",
      name: "inspect",
    });
  });

  it("writes nothing when somebody else changed the ConfigMap after it was read", async () => {
    const target = { kind: "cluster", kubeconfig: cluster.kubeconfig, namespace, name } as const;
    const mine = await connect(target);
    const read = await mine.read();
    await write({ mesh: `${text}accessLogFile: /dev/stdout\n`, meshNetworks: "networks: {}" });
    const outcome = addToMesh(read, { providers: [authorizer("edge-ext-authz")], adopt: false });
    await assert.rejects(mine.write(read, outcome), { name: "ConcurrentEdit" });
    assert.equal((await live()).data?.mesh, `${text}accessLogFile: /dev/stdout\n`);
  });

  it("keeps every edit of somebody who writes at the same time", async () => {
    const rounds = 12;
    const writer = { finished: false };
    const others = (async (): Promise<void> => {
      for (let round = 0; round < rounds; round += 1) {
        const current = await live();
        current.data = { mesh: `${current.data?.mesh ?? ""}# edit ${round}\n` };
        try {
          await api.replaceNamespacedConfigMap({ namespace, name, body: current });
        } catch (error) {
          if (!(error instanceof Error && "code" in error && error.code === 409)) {
            throw error;
          }
          round -= 1;
        }
        await delay(100);
      }
      writer.finished = true;
    })();
    let edits = 0;
    while (!writer.finished && edits < 200) {
      const added = await mesh("add", ...edge, "--yes");
      assert.equal(added.exitCode, 0, added.err);
      const removed = await mesh("remove", ...entries, "--yes");
      assert.equal(removed.exitCode, 0, removed.err);
      edits += 2;
    }
    await others;
    const lines = (await live()).data?.mesh?.split("\n") ?? [];
    assert.deepEqual(
      lines.filter((line) => line.startsWith("# edit")),
      Array.from({ length: rounds }, (_, round) => `# edit ${round}`),
    );
    assert.ok(edits > 2, `only ${edits} edits met the other writer`);
  });

  it("tells a user without permission the verb, the resource, the namespace and the rule", async () => {
    const as = (user: string, ...args: string[]): Promise<CommandResult> =>
      runCommand(["mesh", ...args, "--kubeconfig", cluster.kubeconfigOf(user)]);
    const cases: [user: string, args: string[], reason: string][] = [
      [
        "stranger",
        ["show"],
        "get configmaps/istio in namespace istio-system. Ask for a Role in namespace istio-system with this rule: " +
          '{ apiGroups: [""], resources: ["configmaps"], resourceNames: ["istio"], verbs: ["get"] }',
      ],
      [
        "reader",
        ["add", ...edge, "--yes"],
        "patch configmaps/istio in namespace istio-system. Ask for a Role in namespace istio-system with this rule: " +
          '{ apiGroups: [""], resources: ["configmaps"], resourceNames: ["istio"], verbs: ["patch"] }',
      ],
    ];
    for (const [user, args, reason] of cases) {
      const { exitCode, out, err } = await as(user, ...args);
      assert.equal(exitCode, 1);
      assert.equal(out, "");
      assert.equal(err.replaceAll(/\s+/g, " ").trim(), `error: no permission: ${reason}`);
    }
    assert.equal((await live()).data?.mesh, text);
    assert.equal((await mesh("add", ...edge, "--yes")).exitCode, 0);
    const { exitCode, err } = await as("reader", "remove", ...entries, "--yes");
    assert.equal(exitCode, 1);
    assert.match(
      err.replaceAll(/\s+/g, " "),
      /no permission: list authorizationpolicies in all namespaces\. Ask for a ClusterRole with this rule: \{ apiGroups: \["security\.istio\.io"\], resources: \["authorizationpolicies"\], verbs: \["list"\] \}/,
    );
  });

  it("explains what is not there in one line each", async () => {
    const cases: [args: string[], reason: RegExp][] = [
      [["--revision", "canary"], /get configmaps\/istio-canary in namespace istio-system: there is none\./],
      [["--context", "other"], /the kubeconfig has no context other\. Choose one with --context: e2e\./],
    ];
    for (const [args, reason] of cases) {
      const { exitCode, err } = await mesh("show", ...args);
      assert.equal(exitCode, 1);
      assert.match(err.replaceAll(/\s+/g, " "), reason);
    }
    const empty = await live();
    empty.data = {};
    await api.replaceNamespacedConfigMap({ namespace, name, body: empty });
    const { exitCode, err } = await mesh("add", ...edge, "--yes");
    assert.equal(exitCode, 1);
    assert.match(err.replaceAll(/\s+/g, " "), /ConfigMap istio-system\/istio has no key mesh/);
  });
});
