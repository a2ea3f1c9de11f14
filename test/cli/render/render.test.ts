import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inFolder } from "../../render/temporaryFolder";
import type { RenderReport } from "../../../src/render/report";
import { fixture, runCommand, type CommandResult } from "../run";

const MESH = `apiVersion: v1
kind: ConfigMap
metadata:
  name: istio
  namespace: istio-system
data:
  mesh: |-
    # kept
    rootNamespace: istio-system
    trustDomain: cluster.local
`;

const APPS = `apiVersion: apps/v1
kind: Deployment
metadata: { name: productpage }
spec: { template: { metadata: { labels: { app: productpage } } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: reviews }
spec: { template: { metadata: { labels: { app: reviews } } } }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: ratings }
spec: { template: { metadata: { labels: { app: ratings } } } }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: node-agent, namespace: kube-system }
spec: { template: { spec: { hostNetwork: true } } }
`;

const REPORT = `shop-waf, stack dev: offline render, nothing was created

Resources: 14 in order of creation
   1 SigsciIstioIntegration  waf
   2 ├─ Namespace            sigsci
   3 ├─ RandomId             waf-id
   4 ├─ Secret               sigsci/sigsci.shop-prod
   5 ├─ Service              sigsci/sigsci-agent
   6 ├─ Deployment           sigsci/sigsci-agent
   7 ├─ ConfigMap            istio-system/istio  read
   8 ├─ ConfigMap            istio-system/istio  patch, kept on delete
   9 ├─ AuthorizationPolicy  default/sigsci-storefront
  10 ├─ Telemetry            default/sigsci-storefront
  11 ├─ AuthorizationPolicy  default/sigsci-reviews
  12 ├─ Telemetry            default/sigsci-reviews
  13 ├─ AuthorizationPolicy  default/sigsci-httpbin
  14 └─ Telemetry            default/sigsci-httpbin
  read: there already and not created; looked at again right before a write

Mesh config
  ConfigMap istio-system/istio (read from mesh.yaml): changed
    @@ -1,3 +1,10 @@
     # kept
     rootNamespace: istio-system
    -trustDomain: cluster.local
    \\ No newline at end of file
    +trustDomain: cluster.local
    +extensionProviders:
    +- name: sigsci-waf-ext-authz
    +  envoyExtAuthzGrpc:
    +    service: sigsci-agent.sigsci.svc.cluster.local
    +    port: 9999
    +    timeout: 200ms
    +    failOpen: true
    annotations:
      pulumi.com/patchFieldManager: sigsci-e6e67242
      pulumi.com/patchForce: true
      sigsci-istio/marker: 1

Coverage: 2 of 4 workloads protected, 1 not protected, 1 not in the mesh
  default/productpage     Deployment   sigsci-storefront: only /api/*
  default/reviews         Deployment   sigsci-reviews: except /healthz
  default/ratings         StatefulSet  NOT protected
  kube-system/node-agent  DaemonSet    not in the mesh: hostNetwork

Warnings and notes
  ! 1 workload is not protected: default/ratings
  ! 1 policy selects none of the given workloads: default/sigsci-httpbin
  - no value for accessKeyId, secretAccessKey: placeholders are used (set one
    with --config key=value)
  - the labels of namespace default are not known: pods there count as having a
    sidecar. Add the Namespace manifests to --workloads
`;

/** Runs the command with the working directory in a folder that holds the mesh config and the workloads. */
function inCluster(use: (folder: string) => Promise<void>): Promise<void> {
  return inFolder({ "mesh.yaml": MESH, "apps.yaml": APPS }, async (folder) => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      await use(folder);
    } finally {
      process.chdir(before);
    }
  });
}

function render(...args: string[]): Promise<CommandResult> {
  return runCommand(["render", fixture("waf"), ...args]);
}

const CLUSTER = ["--mesh", "mesh.yaml", "--workloads", "apps.yaml"];

/** The warnings about the command line in a report. */
function warningsOf(json: string): string[] {
  const { warnings } = JSON.parse(json) as Pick<RenderReport, "warnings">;
  return warnings.map(({ message }) => message).filter((message) => message.startsWith("--config"));
}

describe("pulumi-sigsci-istio render", () => {
  it("shows the tree, the mesh diff, the coverage and the warnings", async () => {
    await inCluster(async () => {
      const { exitCode, out, err } = await render(...CLUSTER);
      assert.equal(err, "");
      assert.equal(out, REPORT);
      assert.equal(exitCode, 0);
    });
  });

  it("warns of a key that the program does not read", async () => {
    const warning = "--config revison: the program does not read it. Did you mean revision?";
    const { out } = await render("--json", "-c", "revison=canary", "-c", "kubernetes:context=any");
    assert.deepEqual(warningsOf(out), [warning]);
  });

  it("gives the same result in a second run of the same process, and leaves the process as it was", async () => {
    await inCluster(async (folder) => {
      const resolution: unknown = Reflect.get(await import("node:module"), "_resolveFilename");
      assert.equal((await render(...CLUSTER)).out, (await render(...CLUSTER)).out);
      assert.equal(process.cwd(), folder);
      assert.equal(Reflect.get(await import("node:module"), "_resolveFilename"), resolution);
    });
  });

  it("says that nothing changes when the mesh config already has what is needed", async () => {
    await inCluster(async () => {
      const { out } = await render(...CLUSTER, "--out", "out");
      assert.match(out, /: changed\n/);
      const { out: second } = await render("--mesh", join("out", "configmap-istio-system-istio.yaml"));
      assert.match(second, /ConfigMap istio-system\/istio \(read from\n? *\S+\): no change\n/);
      assert.doesNotMatch(second, /@@/);
    });
  });

  it("lists the program's own workloads, not the agent, and takes them for what is there", async () => {
    const sidecar = join(__dirname, "../../../examples/sidecar");
    const row =
      "\nCoverage: 1 of 1 workloads protected, 0 not protected\n  shop/web  Deployment  waf-storefront: all";
    const alone = await runCommand(["render", sidecar]);
    assert.ok(alone.out.includes(row), alone.out);
    await inFolder({ "apps.yaml": APPS.replaceAll("productpage", "web") }, async (folder) => {
      const files = ["--workloads", join(folder, "apps.yaml"), "--namespace", "shop"];
      const { out } = await runCommand(["render", sidecar, ...files]);
      assert.match(out, /\nCoverage: 1 of 4 workloads protected/);
      assert.equal(out.match(/shop\/web /g)?.length, 1);
    });
  });

  it("names what is left out, and tells files without workloads from none", async () => {
    const idle =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: { replicas: 0, template: {} }\n";
    const files = {
      "idle.yaml": idle,
      "none.yaml": "apiVersion: v1\nkind: Service\nmetadata: { name: web }\n",
    };
    await inFolder(files, async (folder) => {
      const { out } = await render("--workloads", join(folder, "idle.yaml"));
      const summary = "Coverage: 0 of 0 workloads protected, 0 not protected, 1 left out\n";
      assert.ok(out.includes(`${summary}  default/web  Deployment  left out: it has 0 replicas\n`), out);
      const { out: none } = await render("--workloads", join(folder, "none.yaml"));
      assert.match(none, /\n {2}the given manifests hold nothing that runs pods; the policies select:\n/);
    });
    assert.match(
      (await render()).out,
      /\n {2}no workload manifests given \(--workloads FILE\); the policies select:\n/,
    );
  });

  for (const [what, content] of Object.entries({
    "an empty file": "",
    text: "hello world\n",
    "a list": "- a\n",
    "the table of kubectl": "NAME   READY\nweb    1/1\n",
  })) {
    it(`refuses ${what} among the manifests, whatever else is given`, async () => {
      const list = "apiVersion: v1\nkind: List\nitems: []\n";
      await inFolder({ "other.yaml": content, "list.yaml": list }, async (folder) => {
        const [other, empty] = [join(folder, "other.yaml"), join(folder, "list.yaml")];
        const { exitCode, err } = await render("--workloads", empty, other);
        assert.equal(exitCode, 1);
        assert.match(
          err.replace(/\s+/g, " "),
          /other\.yaml holds no Kubernetes object \(apiVersion, kind and/,
        );
        assert.equal((await render("--workloads", empty)).exitCode, 0);
      });
    });
  }

  it("uses the width of the terminal, for reports, errors and help", async () => {
    const widest = (text: string): number => Math.max(...text.split("\n").map((line) => line.length));
    for (const columns of [60, 100, 200]) {
      const { out } = await runCommand(["render", fixture("waf")], false, columns);
      assert.ok(
        widest(out) <= columns && widest(out) > Math.min(columns, 130) - 12,
        `${columns}: ${widest(out)}`,
      );
      const { err } = await runCommand(["render", fixture("failing"), "-c", "how=refused"], false, columns);
      assert.ok(widest(err) <= columns, err);
    }
  });

  it("shows an object that is read again once, and says what a read is", async () => {
    const quickStart = join(__dirname, "../../../examples/quickstart");
    const { out } = await runCommand(["render", quickStart]);
    const { out: json } = await runCommand(["render", quickStart, "--json"]);
    assert.equal(out.match(/ConfigMap +istio-system\/istio +read$/gm)?.length, 1);
    assert.match(out, /^ {2}read: there already and not created; /m);
    const numbers = [...out.matchAll(/^ +(\d+) [A-Z├└│ ]/gm)].map(([, number]) => Number(number));
    assert.deepEqual(
      numbers.sort((a, b) => a - b),
      numbers.map((_, index) => index + 1),
    );
    assert.match(out, new RegExp(`^Resources: ${numbers.length} in order`, "m"));
    assert.equal(json.match(/"name": "waf-mesh-default-(live|latest)"/g)?.length, 2);
  });

  it("stays within 80 columns with long names, and colours do not change the text", async () => {
    await inFolder({}, async (folder) => {
      const long = "a".repeat(60);
      const targets = [
        {
          name: long,
          namespace: long,
          matchLabels: { [long]: long },
          operation: { paths: [`/${long}/${long}`] },
        },
      ];
      const pod = { metadata: { labels: { [long]: long } } };
      const manifest = {
        apiVersion: "apps/v1",
        kind: "StatefulSet",
        metadata: { name: long, namespace: long },
        spec: { template: pod },
      };
      const files = { mesh: join(folder, "mesh.yaml"), apps: join(folder, "apps.json") };
      writeFileSync(files.mesh, `defaultConfig: {}\nlong: ${long}${long}\n`);
      writeFileSync(files.apps, JSON.stringify(manifest));
      const args = [
        "render",
        fixture("waf"),
        "--mesh",
        files.mesh,
        "--workloads",
        files.apps,
        "-c",
        `targets=${JSON.stringify(targets)}`,
      ];
      const { out } = await runCommand(args);
      const widest = out.split("\n").reduce((one, other) => (one.length > other.length ? one : other));
      assert.ok(widest.length <= 80, `${widest.length} columns: ${widest}`);
      assert.match(out, /1 of 1 workloads protected/);
      const { out: coloured } = await runCommand(args, true);
      assert.notEqual(coloured, out);
      // eslint's rule on control characters does not see that this one is the point.
      const plain = coloured.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g"), "");
      assert.equal(plain.replaceAll(/ +$/gm, ""), out);
    });
  });

  it("prints one JSON document with the same content and nothing else", async () => {
    await inCluster(async () => {
      const { exitCode, out, err } = await render(
        ...CLUSTER,
        "--json",
        "-c",
        "secretAccessKey=hunter2hunter2",
      );
      assert.equal(exitCode, 0);
      assert.equal(err, "");
      assert.doesNotMatch(out, /hunter2/);
      const report: unknown = JSON.parse(out);
      assert.ok(typeof report === "object" && report !== null);
      assert.deepEqual(Object.keys(report), [
        "version",
        "program",
        "resources",
        "mesh",
        "coverage",
        "outputs",
        "warnings",
        "notes",
        "written",
        "difference",
      ]);
      assert.match(out, /"counts": \{\s+"protected": 2,\s+"unprotected": 1,\s+"outside": 1\s+\}/);
      assert.match(
        out,
        /"stringData": \{\s+"accesskeyid": "\[secret\]",\s+"secretaccesskey": "\[secret\]"\s+\}/,
      );
      assert.match(out, /"message": "1 workload is not protected: default\/ratings"/);
    });
  });

  it("renders JavaScript programs that export a function, in their own working directory", async () => {
    const { exitCode, out } = await runCommand(["render", fixture("javascript"), "--json"]);
    assert.equal(exitCode, 0);
    assert.match(out, /"note": "read from the program's own folder"/);
  });
});

describe("pulumi-sigsci-istio render, secrets", () => {
  const secret = "hunter2hunter2";

  it("shows no secret, whatever way the program lets it out", async () => {
    await inFolder({}, async (folder) => {
      const out = join(folder, "manifests");
      const args = ["render", fixture("javascript"), "-c", `password=${secret}`, "--out", out];
      for (const extra of [[], ["--json"]]) {
        const result = await runCommand([...args, ...extra]);
        assert.equal(result.exitCode, 0);
        const files = readdirSync(out).map((name) => name + readFileSync(join(out, name), "utf8"));
        const everything = [result.out, result.err, ...files].join("\n");
        assert.ok(!everything.includes(secret));
        assert.ok(!everything.includes(Buffer.from(secret).toString("base64")));
        assert.match(result.out, /the password is \[secret\]/);
        assert.equal(files.length, 2);
      }
    });
  });

  it("shows no secret in an error, with and without its stack", async () => {
    for (const extra of [[], ["--verbose"]]) {
      const { exitCode, out, err } = await runCommand([
        "render",
        fixture("failing"),
        "-c",
        "how=apply",
        ...extra,
      ]);
      assert.equal(exitCode, 1);
      assert.equal(out, "");
      assert.match(err, /^error: refused with \[secret\]\n/);
      assert.ok(!err.includes(secret));
      assert.equal(/\n +at /.test(err), extra.length > 0);
    }
  });
});

describe("pulumi-sigsci-istio render --out", () => {
  it("writes one manifest per object, none for what is read, and marks patches", async () => {
    await inCluster(async (folder) => {
      const { out } = await render(...CLUSTER, "--out", "manifests");
      const written = readdirSync(join(folder, "manifests")).sort();
      assert.deepEqual(written, [
        "authorizationpolicy-default-sigsci-httpbin.yaml",
        "authorizationpolicy-default-sigsci-reviews.yaml",
        "authorizationpolicy-default-sigsci-storefront.yaml",
        "configmap-istio-system-istio.yaml",
        "deployment-sigsci-sigsci-agent.yaml",
        "namespace-sigsci.yaml",
        "secret-sigsci-sigsci.shop-prod.yaml",
        "service-sigsci-sigsci-agent.yaml",
        "telemetry-default-sigsci-httpbin.yaml",
        "telemetry-default-sigsci-reviews.yaml",
        "telemetry-default-sigsci-storefront.yaml",
      ]);
      for (const name of written) {
        assert.ok(out.includes(`\n  ${name}\n`), `${name} is not listed`);
      }
      const read = (name: string): string => readFileSync(join(folder, "manifests", name), "utf8");
      assert.match(
        read("configmap-istio-system-istio.yaml"),
        /^#.*\n# A patch of the existing ConfigMap istio-system\/istio/,
      );
      assert.doesNotMatch(read("deployment-sigsci-sigsci-agent.yaml"), /patch/i);
      assert.equal(
        read("secret-sigsci-sigsci.shop-prod.yaml").split("\n").slice(1).join("\n"),
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: sigsci.shop-prod\n  namespace: sigsci\n" +
          'stringData:\n  accesskeyid: "[secret]"\n  secretaccesskey: "[secret]"\n',
      );
    });
  });

  it("replaces what an earlier render wrote, stale files included", async () => {
    await inCluster(async (folder) => {
      await render("--out", "manifests");
      const { out } = await render("--out", "manifests", "-c", "targets=[]");
      assert.deepEqual(
        readdirSync(join(folder, "manifests")).filter((name) => name.startsWith("authorizationpolicy")),
        [],
      );
      assert.match(out, /5 written to manifests; 6 of an earlier render removed/);
    });
  });

  it("refuses a folder that holds anything else, and changes nothing in it", async () => {
    await inCluster(async (folder) => {
      const { exitCode, err } = await render("--out", folder);
      assert.equal(exitCode, 2);
      assert.match(err, /holds apps\.yaml,\s+which\s+no\s+render\s+wrote/);
      assert.deepEqual(readdirSync(folder).sort(), ["apps.yaml", "mesh.yaml"]);
    });
  });
});
