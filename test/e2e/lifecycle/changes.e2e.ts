import assert from "node:assert/strict";
import { ensureNamespace } from "../stack/apply";
import { withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import type { PackedProject } from "../stack/packed";
import type { RunReport } from "../stack/runReport";
import { watchAdmission } from "./admissionWatch";
import { exampleProgram } from "./exampleProgram";
import type { ExampleProgram } from "./exampleProgram";
import { watchMesh } from "./meshWatch";
import type { MeshWatch } from "./meshWatch";
import { clusterObjects, compareObjects } from "./objects";
import { applyMesh, chartText, startWorld } from "./world";
import type { World } from "./world";

const done = (report: RunReport): string[] =>
  report.finished.filter(({ op }) => op !== "same" && op !== "read").map(({ op, name }) => `${op} ${name}`);

/** Asserts that one finished step came before another. */
function assertOrder(report: RunReport, ...steps: string[]): void {
  const places = steps.map((step) => done(report).indexOf(step));
  assert.ok(
    places.every((place, index) => place >= 0 && (index === 0 || place > (places[index - 1] ?? 0))),
    `${steps.join(" < ")} is not the order of:\n${done(report).join("\n")}`,
  );
}

describe("changes of a running integration", function () {
  this.timeout(300_000);
  let project: PackedProject;
  let world: World;
  let program: ExampleProgram;
  let stack: ProgramStack;
  let mesh: MeshWatch;

  before(async () => {
    project = await packedProject();
  });
  beforeEach(async () => {
    world = await startWorld();
    await applyMesh(world.cluster);
    await ensureNamespace(world.cluster.kubeconfig, "shop");
    mesh = await watchMesh(world.cluster.kubeconfig);
    program = exampleProgram(project, "quickstart");
    stack = await withStack(program.run, {
      kubeconfig: world.cluster.kubeconfig,
      automation: project.automation,
      config: { accessKeyId: { value: "first" }, secretAccessKey: { value: "first-key", secret: true } },
    });
    await stack.up();
  });
  afterEach(async () => {
    const texts = await mesh.seen();
    mesh.stop();
    stack.dispose();
    await world.stop();
    // Whatever happened: at no moment was the mesh without its configuration.
    assert.deepEqual(
      texts.filter((text) => !text?.includes("trustDomain: cluster.local")),
      [],
    );
  });

  it("a first up creates agent, provider and policy in that order", async () => {
    program.edit('"waf"', '"second"');
    program.edit('"storefront"', '"again"');
    program.edit("targets: [", 'namespace: "other", targets: [');
    const report = await stack.up();
    assertOrder(
      report,
      "create second-namespace",
      "create second-service",
      "create second-deployment",
      "create second-mesh-default",
      "create second-again-policy",
    );
  });

  it("rotated keys roll the pods, and no starting pod misses its Secret", async () => {
    await stack.stack.setConfig("secretAccessKey", { value: "second-key", secret: true });
    const report = await stack.up();
    assertOrder(
      report,
      "create-replacement waf-secret",
      "update waf-deployment",
      "delete-replaced waf-secret",
    );
    assert.equal(world.pods.starts.length, 2);
    assert.deepEqual(
      world.pods.starts.flatMap(({ missing }) => missing),
      [],
    );
    assert.notDeepEqual(world.pods.starts[0]?.secrets, world.pods.starts[1]?.secrets);
  });

  it("another image changes the Deployment and nothing in the mesh", async () => {
    const texts = (await mesh.seen()).length;
    program.edit("  targets: [", '  agent: { image: { version: "4.83.0" } },\n  targets: [');
    const report = await stack.up();
    assert.deepEqual(done(report).sort(), ["update waf", "update waf-deployment"]);
    assert.equal(world.pods.starts.at(-1)?.image, "signalsciences/sigsci-agent:4.83.0");
    assert.equal((await mesh.seen()).length, texts);
  });

  it("another port leaves each agent pod reachable through the NetworkPolicy while it rolls out", async () => {
    program.edit("  targets: [", "  agent: { networkPolicy: {} },\n  targets: [");
    await stack.up();
    const admission = watchAdmission(world.cluster.kubeconfig, { namespace: "sigsci", name: "waf-agent" });
    try {
      program.edit("networkPolicy: {}", "networkPolicy: {}, port: 9998");
      await stack.up();
    } finally {
      await admission.stop();
    }
    assert.deepEqual(admission.ports, [9999, 9998]);
    assert.deepEqual(admission.refused, []);
  });

  it("a renamed target has its new policy before it loses the old one", async () => {
    program.edit('name: "storefront"', 'name: "shopfront"');
    const report = await stack.up();
    assertOrder(report, "create waf-shopfront-policy", "delete waf-storefront-policy");
    assertOrder(report, "create waf-shopfront-telemetry", "delete waf-storefront-telemetry");
  });

  it("another namespace has a running agent before the mesh points to it, and the old one goes last", async () => {
    program.edit("  targets: [", '  namespace: "waf-system",\n  targets: [');
    const report = await stack.up();
    assertOrder(
      report,
      "create-replacement waf-namespace",
      "create-replacement waf-deployment",
      "update waf-mesh-default",
      "delete-replaced waf-deployment",
    );
    assert.ok((await mesh.seen()).at(-1)?.includes("waf-agent.waf-system.svc.cluster.local"));
  });

  it("another provider name leaves the old entry, which a policy may still need", async () => {
    program.edit("  targets: [", '  mesh: { providerNames: { extAuthz: "edge" } },\n  targets: [');
    const report = await stack.up();
    assertOrder(report, "update waf-mesh-default", "update waf-storefront-policy");
    assert.ok((await mesh.seen()).at(-1)?.includes("- name: edge\n"));
    assert.ok((await mesh.seen()).at(-1)?.includes("- name: waf-ext-authz\n"));
    assert.deepEqual(done(await stack.preview()), []);
  });

  it("a teardown takes the policies out first and restores the mesh text byte for byte", async () => {
    program.edit("  targets: [", "  teardown: true,\n  targets: [");
    const report = await stack.up();
    assertOrder(
      report,
      "update waf-storefront-policy",
      "update waf-mesh-default",
      "delete waf-storefront-telemetry",
    );
    assert.equal((await mesh.seen()).at(-1), chartText);
    assert.deepEqual(done(await stack.preview()), [], "the preview after a teardown must be the same");
    const objects = await clusterObjects(world.cluster.kubeconfig);
    const policy = objects.get("AuthorizationPolicy shop/waf-storefront");
    assert.deepEqual(policy?.spec, { selector: { matchLabels: { app: "web" } }, action: "AUDIT" });
    await stack.destroy();
    const left = compareObjects(objects, await clusterObjects(world.cluster.kubeconfig));
    assert.ok(left.removed.includes("AuthorizationPolicy shop/waf-storefront"));
    assert.equal((await mesh.seen()).at(-1), chartText);
  });

  for (const owner of ["server-side apply", "client-side apply", "replacement"] as const) {
    it(`a chart upgrade by ${owner} shows in the next preview and is healed by the next up`, async () => {
      await mesh.restoreBy(owner, chartText);
      const preview = await stack.preview();
      assert.deepEqual(done(preview), ["update waf-mesh-default"]);
      await stack.up();
      assert.ok((await mesh.seen()).at(-1)?.includes("- name: waf-ext-authz\n"));
      assert.deepEqual(done(await stack.preview()), []);
    });
  }
});
