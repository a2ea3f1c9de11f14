import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ChartRepository } from "../../stack/chartRepository";
import type { ProgramStack } from "../../stack/engine";
import { runHelm } from "../../stack/runHelm";
import { at, stringAt } from "../paths";
import { assertNotOnDisk, assertSecret } from "./assertSecret";
import {
  configMap,
  detailsFor,
  failureOf,
  isInState,
  operations,
  plannedFor,
  stateOf,
  type Contract,
} from "./contract";
import { serveTestChart } from "./releaseChart";

/** What a program says of the release; everything has a default. */
type Said = Partial<k8s.helm.v3.ReleaseArgs>;

/** Helm releases: what a preview knows, what is compared, and what Helm does with the objects. */
export function releaseContract(contract: () => Contract): void {
  let charts: ChartRepository;
  before(async () => {
    charts = await serveTestChart();
  });
  after(() => charts.stop());

  const program = (said: Said, seen: unknown[] = []) => {
    return (): Promise<Record<string, unknown>> => {
      const release = new k8s.helm.v3.Release("object", {
        name: "web",
        namespace: contract().namespace,
        chart: "pages",
        version: "1.0.0",
        repositoryOpts: { repo: charts.url },
        values: { text: "first" },
        ...said,
      });
      release.status.apply((status) => seen.push(status));
      release.resourceNames.apply((names) => seen.push(names));
      return Promise.resolve({
        status: release.status,
        resourceNames: release.resourceNames,
        id: release.id,
      });
    };
  };
  const run = (said: Said = {}, seen?: unknown[]): Promise<ProgramStack> =>
    contract().stack(program(said, seen));
  const text = async (name = "web-text"): Promise<unknown> =>
    at(await contract().live(configMap(name)), "data", "text");
  const helm = (...args: string[]): Promise<string> =>
    runHelm(contract().cluster.kubeconfig, [...args, `--namespace=${contract().namespace}`]);
  const upgradeOutside = (): Promise<string> =>
    helm("upgrade", "web", "pages", `--repo=${charts.url}`, "--version=1.0.0", "--set=text=outside");

  it("is installed, and tells of itself", async () => {
    const stack = await run();
    const { outputs } = await stack.up();
    const { namespace } = contract();
    assert.deepEqual(outputs.status?.value, {
      name: "web",
      namespace,
      revision: 1,
      status: "deployed",
      chart: "pages",
      version: "1.0.0",
      appVersion: "1.0.0",
    });
    assert.deepEqual(outputs.resourceNames?.value, { "ConfigMap/v1": ["web-text"] });
    assert.equal(outputs.id?.value, `${namespace}/web`);
    assert.equal(await text(), "first");
    assert.equal(plannedFor(await stack.preview(), "object"), "same");
    assert.equal(plannedFor(await stack.up(), "object"), "same");
  });

  it("leaves what Helm would report unknown in the preview of an installation", async () => {
    const seen: unknown[] = [];
    const stack = await run({}, seen);
    assert.equal(plannedFor(await stack.preview(), "object"), "create");
    assert.deepEqual(seen, []);
  });

  it("leaves what Helm would report unknown in the preview of an upgrade, too", async () => {
    const stack = await run();
    await stack.up();
    const seen: unknown[] = [];
    stack.setProgram(program({ values: { text: "second" } }, seen));
    assert.deepEqual(detailsFor(await stack.preview(), "object"), { "values.text": "update" });
    assert.deepEqual(seen, []);
    await stack.up();
    assert.equal(at(await stateOf(stack, "object"), "outputs", "status", "revision"), 2);
    assert.equal(await text(), "second");
  });

  it("knows what Helm reported when nothing changes", async () => {
    const seen: unknown[] = [];
    const stack = await run({}, seen);
    await stack.up();
    seen.length = 0;
    await stack.preview();
    assert.equal(seen.length, 2);
  });

  it("turns a range into the version that it gives", async () => {
    const stack = await run({ version: "1.x" });
    await stack.up();
    assert.equal(at(await stateOf(stack, "object"), "inputs", "version"), "1.1.0");
    assert.equal(at(await contract().live(configMap("web-text")), "data", "version"), "1.1.0");
    stack.setProgram(program({ version: "1.0.0" }));
    assert.deepEqual(detailsFor(await stack.preview(), "object"), { version: "update" });
  });

  it("names a release that the program does not name, and keeps that name", async () => {
    const stack = await run({ name: undefined });
    await stack.up();
    const name = stringAt(await stateOf(stack, "object"), "outputs", "status", "name");
    assert.match(name, /^object-[0-9a-f]{8}$/);
    stack.setProgram(program({ name: undefined, values: { text: "second" } }));
    assert.equal(plannedFor(await stack.up(), "object"), "update");
    assert.equal(await text(`${name}-text`), "second");
  });

  it("makes another release for another name before it takes the old one away", async () => {
    const stack = await run();
    await stack.up();
    stack.setProgram(program({ name: "site" }));
    assert.deepEqual(operations(await stack.up(), "object"), ["create-replacement", "delete-replaced"]);
    assert.equal(await text("site-text"), "first");
    assert.equal(await contract().find(configMap("web-text")), undefined);
  });

  it("does not take over a release of somebody else", async () => {
    await helm("install", "web", "pages", `--repo=${charts.url}`, "--version=1.0.0");
    const stack = await run();
    assert.match(await failureOf(stack.up()), /cannot re-use a name that is still in use/);
    assert.equal(await isInState(stack, "object"), false);
    assert.equal(await text(), "by default");
  });

  it("says in the preview that there is no such chart", async () => {
    const stack = await run({ chart: "paegs" });
    assert.match(
      await failureOf(stack.preview()),
      /paegs.*check the chart name and repository configuration/s,
    );
  });

  it("keeps a release that did not get ready in time, and upgrades it the next time", async () => {
    const values = { text: "first", workload: true };
    const stack = await run({ values, timeout: 1 });
    assert.match(await failureOf(stack.up()), /failed to initialize completely/);
    assert.equal(await isInState(stack, "object"), true);
    stack.setProgram(program({ values, skipAwait: true }));
    assert.equal(plannedFor(await stack.up(), "object"), "update");
    assert.match(await helm("status", "web", "-o=json"), /"status":"deployed"/);
  });

  it("does not see what others did to the release or its objects, before a refresh", async () => {
    const stack = await run();
    await stack.up();
    await upgradeOutside();
    assert.equal(plannedFor(await stack.preview(), "object"), "same");
    await stack.refresh();
    assert.deepEqual(detailsFor(await stack.preview(), "object"), { "values.text": "update" });
    await stack.up();
    assert.equal(await text(), "first");
  });

  it("does not see in a refresh what others made of an object", async () => {
    const stack = await run();
    await stack.up();
    await editText("theirs");
    await stack.refresh();
    assert.equal(plannedFor(await stack.preview(), "object"), "same");
    assert.equal(await text(), "theirs");
  });

  it("writes the chart's text over that of others at any upgrade, even where the chart's own stays", async () => {
    const stack = await run();
    await stack.up();
    await editText("theirs");
    stack.setProgram(program({ values: { text: "first", more: "of no effect" } }));
    await stack.up();
    assert.equal(await text(), "first");
  });

  it("drops from the state a release that is gone, and installs it again", async () => {
    const stack = await run();
    await stack.up();
    await helm("uninstall", "web");
    await stack.refresh();
    assert.equal(await isInState(stack, "object"), false);
    assert.equal(plannedFor(await stack.up(), "object"), "create");
    assert.equal(await text(), "first");
  });

  it("encrypts secret values in inputs and outputs", async () => {
    const stack = await run({ values: { text: pulumi.secret("hunter2-hunter2"), open: "readable" } });
    await stack.up();
    await stack.refresh();
    const state = await stateOf(stack, "object");
    for (const place of ["inputs", "outputs"]) {
      assertSecret(at(state, place, "values", "text"), "hunter2-hunter2");
      assert.equal(stringAt(state, place, "values", "open"), "readable");
    }
    assertNotOnDisk(stack, "hunter2-hunter2");
  });

  it("is uninstalled with all its objects, and with what Helm stores", async () => {
    const stack = await run();
    await stack.up();
    await stack.destroy();
    assert.equal(await contract().find(configMap("web-text")), undefined);
    assert.equal(await helm("list", "--all", "--short"), "");
  });

  const editText = (value: string): Promise<void> =>
    contract().applyAs("somebody", {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "web-text", namespace: contract().namespace },
      data: { text: value },
    });
}
