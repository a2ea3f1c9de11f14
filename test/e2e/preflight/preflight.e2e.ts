import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { readFileSync } from "node:fs";
import { SigsciIstioIntegration } from "../../../src";
import type { SigsciIstioIntegrationArgs } from "../../../src";
import { clusterObjects } from "../lifecycle/objects";
import { applyMesh, chartText } from "../lifecycle/world";
import { applyObjects, ensureNamespace } from "../stack/apply";
import type { PlainObject } from "../stack/apply";
import { startCluster } from "../stack/cluster";
import type { Cluster } from "../stack/cluster";
import { withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { refusalOf } from "./refusal";

const meshText = `${chartText}\naccessLogFile: /dev/stdout\n`;

/** Objects of a shop that fits; a test adds what does not. */
const object = (apiVersion: string, kind: string, id: string, rest: object): PlainObject => {
  const [namespace, name = ""] = id.split("/");
  const { metadata, ...others } = rest as { metadata?: object };
  return { apiVersion, kind, metadata: { namespace, name, ...metadata }, ...others };
};
const pod = (name: string, app: string, { revision = "default", proxy = true } = {}): PlainObject =>
  object("v1", "Pod", `shop/${name}`, {
    metadata: { labels: { app }, annotations: { "istio.io/rev": revision } },
    spec: {
      containers: [
        { name: "web", image: "web" },
        ...(proxy ? [{ name: "istio-proxy", image: "proxy" }] : []),
      ],
    },
  });
const service = (port: object): PlainObject =>
  object("v1", "Service", "shop/web", { spec: { selector: { app: "web" }, ports: [port] } });
const istiod = (name: string, revision: string): PlainObject => {
  const labels = { app: "istiod", "istio.io/rev": revision };
  const containers = [
    { name: "discovery", image: "pilot", args: ["discovery", "--domain", "cluster.local"] },
  ];
  return object("apps/v1", "Deployment", `istio-system/${name}`, {
    metadata: { labels },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  });
};
const opa = object("security.istio.io/v1", "AuthorizationPolicy", "shop/opa", {
  spec: {
    selector: { matchLabels: { app: "web" } },
    action: "CUSTOM",
    provider: { name: "opa" },
    rules: [{}],
  },
});

describe("preflight", function () {
  this.timeout(300_000);
  let cluster: Cluster;
  let stack: ProgramStack;
  let args: Partial<SigsciIstioIntegrationArgs>;

  const apply = (...objects: PlainObject[]): Promise<void> => applyObjects(cluster.kubeconfig, objects);
  const program = (): Promise<Record<string, unknown>> => {
    new SigsciIstioIntegration("waf", {
      credentials: { site: "shop-prod", accessKeyId: "access", secretAccessKey: "secret" },
      targets: [
        { name: "storefront", namespace: "shop", matchLabels: { app: "web" }, notPaths: ["/healthz"] },
      ],
      preflight: { kubeconfig: cluster.kubeconfig },
      ...args,
    });
    return Promise.resolve({});
  };
  /** What preflight said in a preview that went through. */
  const said = async (): Promise<string[]> =>
    (await stack.preview()).diagnostics
      .filter(({ message }) => message.includes("preflight"))
      .map(({ severity, message }) => `${severity}: ${message.trim()}`);

  beforeEach(async () => {
    args = {};
    cluster = await startCluster({
      istioCrds: true,
      users: [{ name: "reader", token: "e2e-reader-token" }],
    });
    await applyMesh(cluster, meshText);
    await ensureNamespace(cluster.kubeconfig, "shop");
    await apply(pod("web-1", "web"), service({ name: "http", port: 80 }), istiod("istiod", "default"));
    stack = await withStack(program, { kubeconfig: cluster.kubeconfig });
  });
  afterEach(async () => {
    stack.dispose();
    await cluster.stop();
  });

  it("has nothing to say of a cluster that fits", async () => {
    assert.deepEqual(await said(), []);
  });

  it("stops the first preview and the first up when another provider is in use, and nothing is created", async () => {
    await apply(opa);
    const before = [...(await clusterObjects(cluster.kubeconfig)).keys()];
    for (const operation of ["preview", "up"] as const) {
      const refusal = await refusalOf(stack, operation);
      assert.match(refusal, /preflight stopped this run, nothing was changed\./);
      assert.match(
        refusal,
        /target storefront: AuthorizationPolicy shop\/opa sends the same workloads to provider opa\./,
      );
      assert.deepEqual([...(await clusterObjects(cluster.kubeconfig)).keys()], before);
    }
  });

  it("goes on when the check is left out by name", async () => {
    await apply(opa);
    args.preflight = { kubeconfig: cluster.kubeconfig, ignore: ["SecondProvider" as never] };
    assert.deepEqual(await said(), []);
  });

  it("stops when a revision that serves a target has no provider", async () => {
    await applyMesh(cluster, chartText, "istio-canary");
    await apply(istiod("istiod-canary", "canary"), pod("web-2", "web", { revision: "canary" }));
    assert.match(
      await refusalOf(stack, "preview"),
      /revision canary of Istio serves it, and its mesh configuration istio-system\/istio-canary has no provider waf-ext-authz\./,
    );
    args.mesh = { revisions: ["default", "canary"] };
    stack.dispose();
    stack = await withStack(program, { kubeconfig: cluster.kubeconfig });
    assert.deepEqual(await said(), []);
  });

  it("stops when the Secret that is said to exist is missing, and reads no Secret's content", async () => {
    args.credentials = { existingSecret: { name: "sigsci-keys" } };
    await ensureNamespace(cluster.kubeconfig, "sigsci");
    args.createNamespace = false;
    assert.match(await refusalOf(stack, "preview"), /there is no Secret sigsci\/sigsci-keys/);
    await apply(
      object("v1", "Secret", "sigsci/sigsci-keys", {
        stringData: { accesskeyid: "a", secretaccesskey: "b" },
      }),
    );
    stack.dispose();
    stack = await withStack(program, { kubeconfig: cluster.kubeconfig });
    assert.deepEqual(await said(), []);
  });

  it("warns of TCP ports, of labels that no pod has and of pods without a proxy", async () => {
    await apply(service({ name: "tcp-cache", port: 6379 }), pod("web-2", "web", { proxy: false }));
    const storefront = {
      name: "storefront",
      namespace: "shop",
      matchLabels: { app: "web" },
      notPaths: ["/healthz"],
    };
    args.targets = [storefront, { name: "typo", namespace: "shop", matchLabels: { app: "wbe" } }];
    const [proxy, typo, tcp, ...more] = await said();
    assert.match(
      proxy ?? "",
      /^warning: preflight: target storefront: 1 of 2 pods is without Istio's proxy \(web-2[;)]/,
    );
    assert.match(
      typo ?? "",
      /^warning: preflight: target typo: no pod has the labels app=wbe in namespace shop/,
    );
    assert.match(tcp ?? "", /port 6379 \(tcp-cache\) of Service shop\/web carries no HTTP for Istio/);
    assert.deepEqual(more, []);
  });

  it("warns once of what it may not read, and the preview goes through", async () => {
    await apply(
      object("rbac.authorization.k8s.io/v1", "Role", "istio-system/mesh-reader", {
        rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }],
      }),
      object("rbac.authorization.k8s.io/v1", "RoleBinding", "istio-system/mesh-reader", {
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "mesh-reader" },
        subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "reader" }],
      }),
    );
    args.preflight = { kubeconfig: readFileSync(cluster.kubeconfigOf("reader"), "utf8") };
    const [warning = "", permissions = "", ...more] = await said();
    assert.match(warning, /^warning: preflight looked at a part only, it may not read all of it\. Grant\n/);
    assert.ok(
      /in a Role in shop:\n +rules:\n +- \{ apiGroups: \[""\], resources: \[.*"pods".*\], verbs: \["list"\] \}\n/.test(
        warning,
      ),
      warning,
    );
    // The user of a kubeconfig that is given to preflight need not be the one of the update.
    assert.match(permissions, /^warning: preflight: permissions: the user of preflight's kubeconfig may not/);
    assert.deepEqual(more, []);
  });

  it("does not fail or hang with a cluster that is not there or does not answer", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    const kubeconfig = readFileSync(cluster.kubeconfig, "utf8");
    const at = (url: string): string => kubeconfig.replaceAll(cluster.server, url);
    args.preflight = { kubeconfig: at("https://127.0.0.1:1") };
    assert.deepEqual(await said(), [
      "warning: preflight did not look at the cluster: 127.0.0.1:1 does not answer (ECONNREFUSED).",
    ]);
    const { port } = silent.address() as AddressInfo;
    args.preflight = { kubeconfig: at(`https://127.0.0.1:${port}`), timeoutSeconds: 1 };
    assert.deepEqual(await said(), [
      `warning: preflight did not look at the cluster: 127.0.0.1:${port} did not answer within 1 s.`,
    ]);
    silent.close();
  });

  it("looks by itself only with the kubeconfig of the stack", async () => {
    await apply(opa);
    args.preflight = undefined;
    assert.deepEqual(await said(), [], "an inline program may have another environment than its engine");
    await stack.stack.setConfig("kubernetes:kubeconfig", { value: cluster.kubeconfig });
    assert.match(await refusalOf(stack, "preview"), /AuthorizationPolicy shop\/opa/);
  });
});
