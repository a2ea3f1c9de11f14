import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import type { Resource } from "@pulumi/pulumi";
import type { ProgramStack } from "../../stack/engine";
import { at, stringAt } from "../paths";
import type { JsonObject } from "../values";
import { failureOf, isInState, plannedFor, type Contract, type Target } from "./contract";

const SHORT = { "pulumi.com/timeoutSeconds": "3" };
const LABELS = { app: "web" };
const DEPLOYMENT: Target = { apiVersion: "apps/v1", kind: "Deployment", name: "fixed" };

/** What is waited for after a write. Nothing in the cluster rolls anything out, except what a test writes itself. */
export function awaitingContract(contract: () => Contract): void {
  let image: string;
  beforeEach(() => {
    image = "web:1";
  });
  const run = (make: () => Resource): Promise<ProgramStack> =>
    contract().stack(() => {
      make();
      return Promise.resolve();
    });
  const metadata = (annotations: Record<string, string>) => ({
    name: "fixed",
    namespace: contract().namespace,
    annotations,
  });
  const template = () => ({
    metadata: { labels: LABELS },
    spec: { containers: [{ name: "web", image }] },
  });
  const deployment = (annotations: Record<string, string>): Resource =>
    new k8s.apps.v1.Deployment("object", {
      metadata: metadata(annotations),
      spec: { selector: { matchLabels: LABELS }, template: template() },
    });
  const endpoints = (addresses: JsonObject): Promise<void> =>
    contract().applyAs("somebody", {
      apiVersion: "v1",
      kind: "Endpoints",
      metadata: { name: "fixed", namespace: contract().namespace },
      subsets: [{ ...addresses, ports: [{ port: 80 }] }],
    });
  const service = (spec: k8s.types.input.core.v1.ServiceSpec): Resource =>
    new k8s.core.v1.Service("object", { metadata: metadata(SHORT), spec });

  it("fails when a Deployment does not roll out in time, and keeps it in the state", async () => {
    const stack = await run(() => deployment(SHORT));
    const text = await failureOf(stack.up());
    assert.match(text, /was successfully created, but the Kubernetes API server reported/);
    assert.match(text, /'fixed' timed out waiting to be Ready/);
    assert.match(text, /Minimum number of live Pods was not attained/);
    assert.equal(await isInState(stack, "object"), true);
    await contract().live(DEPLOYMENT);
    assert.equal(plannedFor(await stack.preview(), "object"), "update");
  });

  it("does not wait with skipAwait", async () => {
    const stack = await run(() => deployment({ "pulumi.com/skipAwait": "true" }));
    await stack.up();
    assert.equal(plannedFor(await stack.up(), "object"), "same");
  });

  it("waits until the new ReplicaSet of a Deployment is ready, at a create and at an update", async () => {
    const stack = await run(() => deployment({ "pulumi.com/timeoutSeconds": "60" }));
    await Promise.all([stack.up(), rollOut(contract(), "1")]);
    assert.equal(plannedFor(await stack.preview(), "object"), "same");

    image = "web:2";
    const update = stack.up();
    await rollOut(contract(), "2");
    assert.equal(plannedFor(await update, "object"), "update");
  });

  it("fails when the update of a Deployment is not seen by its controller", async () => {
    const stack = await run(() => deployment({ "pulumi.com/timeoutSeconds": "20" }));
    await Promise.all([stack.up(), rollOut(contract(), "1")]);
    image = "web:2";
    const text = await failureOf(stack.up());
    assert.match(text, /"contract-\d+\/fixed" failed to fully initialize or become live: 'fixed' timed out/);
  });

  it("waits for a DaemonSet until its controller has seen it", async () => {
    const stack = await run(
      () =>
        new k8s.apps.v1.DaemonSet("object", {
          metadata: metadata(SHORT),
          spec: { selector: { matchLabels: LABELS }, template: template() },
        }),
    );
    await failureOf(stack.up());
    assert.equal(await isInState(stack, "object"), true);
  });

  it("is content with a Service whose selector has met no pod when time is up", async () => {
    const stack = await run(() => service({ selector: LABELS, ports: [{ port: 80 }] }));
    await stack.up();
  });

  it("fails when the pods of a Service do not get ready in time", async () => {
    await endpoints({ notReadyAddresses: [{ ip: "10.1.2.3" }] });
    const stack = await run(() => service({ selector: LABELS, ports: [{ port: 80 }] }));
    const text = await failureOf(stack.up());
    assert.match(text, /Service does not target any Pods\. Selected Pods may not be ready/);
  });

  it("waits for the endpoints of a Service with a selector", async () => {
    await endpoints({ addresses: [{ ip: "10.1.2.3" }] });
    const stack = await run(() => service({ selector: LABELS, ports: [{ port: 80 }] }));
    await stack.up();
    assert.equal(plannedFor(await stack.up(), "object"), "same");
  });

  it("does not wait for endpoints of a headless Service, an external name, or one without a selector", async () => {
    const specs: k8s.types.input.core.v1.ServiceSpec[] = [
      { clusterIP: "None", selector: LABELS, ports: [{ port: 80 }] },
      { type: "ExternalName", externalName: "example.com", selector: LABELS },
      { ports: [{ port: 80 }] },
    ];
    const stack = await contract().stack(() => {
      for (const [index, spec] of specs.entries()) {
        const name = `fixed-${index}`;
        new k8s.core.v1.Service(name, { metadata: { ...metadata(SHORT), name }, spec });
      }
      return Promise.resolve();
    });
    assert.equal((await stack.up()).counts.create, specs.length + 1);
  });
}

/**
 * Does what the Deployment controller does once the Deployment runs the image of that revision: a ready ReplicaSet,
 * and a status that says so.
 */
async function rollOut(contract: Contract, revision: string): Promise<void> {
  const deployment = await eventually(async () => {
    const found = await contract.find(DEPLOYMENT);
    return JSON.stringify(found ?? null).includes(`"web:${revision}"`) ? found : undefined;
  });
  const folder = `/apis/apps/v1/namespaces/${contract.namespace}`;
  await makeReplicaSet(contract, deployment, revision, folder);
  const annotated = await merge(contract, `${folder}/deployments/fixed`, {
    metadata: { annotations: { "deployment.kubernetes.io/revision": revision } },
  });
  const condition = { status: "True", message: "ready", lastUpdateTime: null, lastTransitionTime: null };
  await merge(contract, `${folder}/deployments/fixed/status`, {
    status: {
      // The API server counts a new annotation on a Deployment as a new generation.
      observedGeneration: at(annotated, "metadata", "generation") ?? null,
      replicas: 1,
      updatedReplicas: 1,
      readyReplicas: 1,
      availableReplicas: 1,
      conditions: [
        { ...condition, type: "Available", reason: "MinimumReplicasAvailable" },
        { ...condition, type: "Progressing", reason: "NewReplicaSetAvailable" },
      ],
    },
  });
}

function merge(contract: Contract, path: string, body: JsonObject): Promise<JsonObject> {
  return contract.send({ method: "PATCH", path, contentType: "application/merge-patch+json", body });
}

async function makeReplicaSet(
  contract: Contract,
  deployment: JsonObject,
  revision: string,
  folder: string,
): Promise<void> {
  const name = `fixed-${revision}`;
  const uid = stringAt(deployment, "metadata", "uid");
  await contract.applyAs("controller", {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name,
      namespace: contract.namespace,
      annotations: { "deployment.kubernetes.io/revision": revision },
      ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "fixed", uid, controller: true }],
    },
    spec: {
      replicas: 1,
      selector: { matchLabels: LABELS },
      template: at(deployment, "spec", "template"),
    },
  });
  await merge(contract, `${folder}/replicasets/${name}/status`, {
    status: { replicas: 1, readyReplicas: 1, availableReplicas: 1 },
  });
}

async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < 150; attempt++) {
    const found = await look();
    if (found !== undefined) {
      return found;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("not seen within 30 s");
}
