import assert from "node:assert/strict";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import type { ChartRepository } from "../stack/chartRepository";
import { withStack, type ProgramStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import { partNamed } from "../stack/parts";
import { runHelm } from "../stack/runHelm";
import type { RunReport } from "../stack/runReport";
import { exampleProgram, type ExampleProgram } from "./exampleProgram";
import { serveIstioCharts } from "./istioCharts";
import { compareObjects } from "./objects";
import { servedObjects } from "./servedObjects";
import { startWorld, type World } from "./world";

const installed = partNamed("istio-charts").version;
/** The same charts under another number, which they write into each of their objects. */
const next = `${installed}-next`;

describe("the example istio-in-stack with Istio's own charts", function () {
  this.timeout(300_000);
  let charts: ChartRepository;
  let world: World;
  let stack: ProgramStack;
  let program: ExampleProgram;

  before(async () => {
    charts = await serveIstioCharts([installed, next]);
  });
  beforeEach(async () => {
    const project = await packedProject();
    // Istio's definitions are objects of its chart.
    world = await startWorld({ istioCrds: false });
    program = exampleProgram(project, "istio-in-stack");
    stack = await withStack(program.run, {
      kubeconfig: world.cluster.kubeconfig,
      automation: project.automation,
      config: {
        istioCharts: { value: charts.url },
        istioVersion: { value: installed },
        accessKeyId: { value: "0aa1f7f5-access" },
        secretAccessKey: { value: "S3CRET-of-the-test", secret: true },
      },
    });
  });
  afterEach(async () => {
    stack.dispose();
    await world.stop();
  });
  after(() => charts.stop());

  const meshText = async (): Promise<string> => {
    const config = new KubeConfig();
    config.loadFromFile(world.cluster.kubeconfig);
    const read = { name: "istio", namespace: "istio-system" };
    return (await config.makeApiClient(CoreV1Api).readNamespacedConfigMap(read)).data?.mesh ?? "";
  };
  const assertMesh = async (accessLogFile: string): Promise<void> => {
    const text = await meshText();
    assert.match(text, new RegExp(`^accessLogFile: ${accessLogFile}$`, "m"));
    assert.match(text, /^- name: waf-ext-authz$/m);
    assert.match(text, /^- name: waf-access-log$/m);
  };
  const assertNothingToDo = async (): Promise<void> => {
    assert.deepEqual(steps(await stack.preview()), []);
    assert.deepEqual(steps(await stack.up()), []);
  };

  it("is previewed in an empty cluster, installed, changed, and leaves only Istio's definitions", async () => {
    const before = await servedObjects(world.cluster.kubeconfig);
    const preview = await stack.preview();
    assert.ok(preview.steps.every(({ op }) => op === "create" || op === "read"));
    assert.ok(steps(preview).includes("create waf-mesh-default"));
    await stack.up();
    await assertMesh("/dev/stdout");
    await assertNothingToDo();

    program.edit('matchLabels: { app: "web" } }', 'matchLabels: { app: "web" }, notPaths: ["/healthz"] }');
    const change = ["update waf", "update waf-storefront-policy"];
    assert.deepEqual(steps(await stack.preview()).sort(), change);
    await stack.up();
    await stack.refresh();
    assert.deepEqual(steps(await stack.preview()), []);

    await stack.destroy();
    const left = compareObjects(before, await servedObjects(world.cluster.kubeconfig));
    // The chart has Helm keep them (helm.sh/resource-policy), as their removal would remove everybody's objects.
    const definitions = /^(CustomResourceDefinition|APIService)\.\S+ \/\S+\.istio\.io$/;
    assert.ok(left.added.length > 0);
    assert.deepEqual(
      left.added.filter((name) => !definitions.test(name)),
      [],
    );
    assert.deepEqual({ ...left, added: [] }, { added: [], removed: [], changed: [] });
  });

  it("has its entries back in the same update when the chart's values or its version change", async () => {
    await stack.up();
    program.edit("/dev/stdout", "/dev/stderr");
    const values = await stack.preview();
    // The mesh config is whole as long as Helm has not written its own.
    assert.deepEqual(steps(values), ["update istiod"]);
    assert.deepEqual(steps(await stack.up()), ["update istiod", "update waf-mesh-default"]);
    await assertMesh("/dev/stderr");
    await assertNothingToDo();

    await stack.stack.setConfig("istioVersion", { value: next });
    const releases = ["update istio-base", "update istiod"];
    const version = await stack.preview();
    assert.deepEqual(steps(version), releases);
    // The text that is written is the one of before, but Helm wrote its own in between.
    assert.deepEqual(steps(await stack.up()), [...releases, "update waf-mesh-default"]);
    await assertMesh("/dev/stderr");
    await assertNothingToDo();
  });

  it("shows in the next preview what an upgrade beside the stack took away, and puts it back", async () => {
    await stack.up();
    const chart = ["upgrade", "istiod", "istiod", `--repo=${charts.url}`, `--version=${installed}`];
    const values = ["--namespace=istio-system", "--set=meshConfig.accessLogFile=/dev/stderr"];
    await runHelm(world.cluster.kubeconfig, [...chart, ...values]);
    assert.doesNotMatch(await meshText(), /waf-ext-authz/);
    assert.deepEqual(steps(await stack.preview()), ["update waf-mesh-default"]);
    assert.deepEqual(steps(await stack.up()), ["update waf-mesh-default"]);
    await assertMesh("/dev/stderr");
    await assertNothingToDo();
  });
});

/** What a run changes, by operation and name, in the order in which it began. */
function steps(report: RunReport): string[] {
  return report.steps
    .filter(({ op }) => op !== "same" && op !== "read")
    .map(({ op, name }) => `${op} ${name}`);
}
