import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { clusterObjects, compareObjects } from "../lifecycle/objects";
import { applyMesh, applyWorkloads, startWorld, type World } from "../lifecycle/world";
import { packedProject } from "../stack/packed";
import { commandLine, type CommandLine } from "./commandLine";
import { diagnosticsOf, succeeded } from "./printed";

const example = resolve(__dirname, "../../../examples/quickstart");
const secretKey = "S3CRET-of-the-test";

/** Everything of the quick start, by operation and logical name. */
const created = [
  "create sigsci-istio-quickstart-dev",
  "create waf",
  "create waf-deployment",
  "create waf-id",
  "create waf-mesh-default",
  "create waf-namespace",
  "create waf-secret",
  "create waf-service",
  "create waf-service-account",
  "create waf-storefront-policy",
  "create waf-storefront-telemetry",
];

const entries = [
  "waf-ext-authz OP: checks by waf-agent.sigsci.svc.cluster.local:9999, 100000 bytes of body, fails open after 200ms",
  "waf-access-log OP: access log to waf-agent.sigsci.svc.cluster.local:9999",
];

describe("the quick start by the command line", function () {
  this.timeout(300_000);
  let world: World;
  let pulumi: CommandLine;
  let folder: string;

  const run = async (command: string): Promise<string> => succeeded(await pulumi.run(folder, command));
  const objects = (): ReturnType<typeof clusterObjects> => clusterObjects(world.cluster.kubeconfig);
  const steps = async (): Promise<string[]> => stepsOf(await run("pulumi preview --json"));
  const assertMeshNotes = (output: string, op: string): void => {
    const said = diagnosticsOf(output).get("waf") ?? "";
    for (const entry of entries) {
      assert.ok(said.includes(`istio-system/istio: ${entry.replace("OP", op)}\n`), output);
    }
  };

  before(async () => {
    world = await startWorld();
    await applyMesh(world.cluster);
    await applyWorkloads(world.cluster, join(example, "cluster/workloads.yaml"));
    folder = await (await packedProject()).installProgram(example);
    pulumi = await commandLine(world.cluster.kubeconfig);
  });
  after(async () => {
    pulumi.dispose();
    await world.stop();
  });

  it("takes its configuration, and keeps the secret key to itself", async () => {
    await run("pulumi stack init dev");
    await run("pulumi config set accessKeyId 0aa1f7f5-access");
    await run(`pulumi config set --secret secretAccessKey ${secretKey}`);
    assert.match(await run("pulumi config"), /^secretAccessKey +\[secret\]$/m);
  });

  it("preview: names every resource and each entry of the mesh, looks at the cluster by itself, and creates nothing", async () => {
    const before = await objects();
    const output = await run("pulumi preview");
    assert.match(output, /^ {4}\+ 11 to create$/m);
    assertMeshNotes(output, "added");
    // With the kubeconfig of the environment: nobody gave preflight another one.
    const said = diagnosticsOf(output).get("waf") ?? "";
    assert.match(
      said,
      /^warning: preflight: target storefront: 4 of 5 pods are without Istio's proxy .*\n +Injection is on, but was not .*\(check Injection\)$/m,
    );
    assert.match(
      said,
      /^warning: preflight: target storefront: 1 of 5 pods is without .*; reason: sidecar injection is off\).*\n +Switch injection on .*\(check Injection\)$/m,
    );
    assert.deepEqual([...diagnosticsOf(output).keys()], ["waf"]);
    assert.deepEqual((await steps()).filter((step) => !step.startsWith("read ")).sort(), created);
    assert.deepEqual(compareObjects(before, await objects()), { added: [], removed: [], changed: [] });
  });

  it("preview --diff: shows the mesh text with both entries, and no key", async () => {
    const output = await run("pulumi preview --diff");
    const patch =
      output.split("+ kubernetes:core/v1:ConfigMapPatch: (create)")[1]?.split("        + ")[0] ?? "";
    assert.match(patch, /extensionProviders +: \[/);
    for (const name of ["waf-ext-authz", "waf-access-log"]) {
      assert.match(patch, new RegExp(`name +: "${name}"`));
    }
    assert.match(output, /^ +accessKeyId +: \[secret\]\n +secretAccessKey: \[secret\]$/m);
    assert.match(output, /^ +stringData: \[secret\]$/m);
  });

  it("up: creates what the preview named, and finds nothing to do the next time", async () => {
    const output = await run("pulumi up --yes");
    assert.match(output, /^ {4}\+ 11 created$/m);
    assertMeshNotes(output, "added");
    const found = await objects();
    for (const key of [
      "Deployment sigsci/waf-agent",
      "AuthorizationPolicy shop/waf-storefront",
      "Telemetry shop/waf-storefront",
    ]) {
      assert.ok(found.has(key), key);
    }
    assert.deepEqual(changing(await steps()), []);
    const again = await run("pulumi up --yes");
    assert.match(again, /^ {4}11 unchanged$/m);
    assert.doesNotMatch(again, /istio-system\/istio: waf-/);
    assert.deepEqual(compareObjects(found, await objects()), { added: [], removed: [], changed: [] });
  });

  it("stack output: gives the agent's host", async () => {
    const output: unknown = JSON.parse(await run("pulumi stack output --json"));
    assert.deepEqual(output, { agent: "waf-agent.sigsci.svc.cluster.local" });
  });

  it("an upgrade of Istio that takes the entries out is named by the next preview, and mended by up", async () => {
    await applyMesh(world.cluster);
    const output = await run("pulumi preview");
    assertMeshNotes(output, "restored, somebody removed it");
    assert.deepEqual(changing(await steps()), ["update waf-mesh-default"]);
    // A reviewer reads all of it: some lines of notes, and the one annotation that changes.
    const diff = await run("pulumi preview --diff");
    assert.match(diff, /edited\.pulumi-sigsci-istio\/[0-9a-f]+: "\d+" => "\d+"$/m);
    assert.doesNotMatch(diff, /managedFields|creationTimestamp/);
    assert.ok(diff.split("\n").length < 50, diff);
    assert.match(await run("pulumi up --yes"), /^ {4}~ 1 updated$/m);
    assert.deepEqual(changing(await steps()), []);
  });

  it("the state holds what was read of the mesh ConfigMap encrypted only", async () => {
    const state = JSON.parse(await run("pulumi stack export")) as {
      deployment: { resources: { urn: string; outputs?: Record<string, unknown> }[] };
    };
    const reads = state.deployment.resources.filter(({ urn }) =>
      /-mesh-default-(live|latest|look)$/.test(urn),
    );
    assert.equal(reads.length, 3);
    for (const { urn, outputs = {} } of reads) {
      for (const field of ["data", "metadata"]) {
        assert.match(JSON.stringify(outputs[field]), /"ciphertext":/, `${urn} ${field}`);
      }
    }
  });

  it("destroy: removes what it made, but for the entries of the mesh", async () => {
    const before = await objects();
    assert.match(await run("pulumi destroy --yes"), /^ {4}- 11 deleted$/m);
    const { added, removed, changed } = compareObjects(before, await objects());
    assert.deepEqual([added, changed], [[], []]);
    for (const key of ["Namespace /sigsci", "Deployment sigsci/waf-agent", "Telemetry shop/waf-storefront"]) {
      assert.ok(removed.includes(key), removed.join("\n"));
    }
    assert.ok(
      removed.every((key) => key.includes("sigsci") || key.includes(" shop/waf-")),
      removed.join("\n"),
    );
  });

  it("showed and stored the secret key nowhere", () => {
    const everything = pulumi.everythingStored();
    assert.ok(
      everything.some((text) => text.includes("waf-storefront-policy") && text.includes('"ciphertext"')),
      "there is no state",
    );
    for (const form of [secretKey, Buffer.from(secretKey).toString("base64")]) {
      assert.deepEqual(
        everything.filter((text) => text.includes(form)),
        [],
      );
    }
  });
});

/** Operation and logical name of each step that `--json` lists. */
function stepsOf(json: string): string[] {
  // What the engine documents of its own output.
  const { steps } = JSON.parse(json) as { steps: { op: string; urn: string }[] };
  return steps.map(({ op, urn }) => `${op} ${urn.split("::").at(-1) ?? ""}`);
}

function changing(steps: readonly string[]): string[] {
  return steps.filter((step) => !/^(same|read|refresh) /.test(step));
}
