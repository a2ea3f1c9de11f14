import assert from "node:assert/strict";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { applyObjects, ensureNamespace, objectPath, type PlainObject } from "../../stack/apply";
import { isBuiltProvider } from "../../stack/plugins";
import { startCluster, type Cluster } from "../../stack/cluster";
import { askUrl } from "../../stack/http";
import { readKubeconfig } from "../../stack/kubeconfig";
import { RunFailure, withStack, type ProgramStack, type StackOptions } from "../../stack/engine";
import { diagnosticsText, type RunReport } from "../../stack/runReport";
import { at, stringAt } from "../paths";
import { isObject, type Json, type JsonObject } from "../values";

/** Names an object in the cluster; the namespace is that of the running test unless given ("" for none). */
export interface Target {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** A request to the API server. */
export interface ApiRequest {
  readonly method: "GET" | "PATCH" | "DELETE";
  readonly path: string;
  readonly contentType?: string;
  readonly body?: JsonObject;
}

/** What a contract test works with: a cluster for all of them, a namespace and stacks for each. */
export class Contract {
  private readonly stacks: ProgramStack[] = [];
  private count = 0;
  private current = "";

  private constructor(
    readonly cluster: Cluster,
    /** Whether the Kubernetes provider is the one that the suite builds. */
    readonly isBuilt: boolean,
  ) {}

  /** Starts the cluster. Nothing in it collects garbage, so that a foreground delete ends at once. */
  static async start(): Promise<Contract> {
    const cluster = await startCluster({
      apiServerArgs: ["--enable-garbage-collector=false"],
      users: [{ name: "stranger", token: "stranger-token" }],
    });
    return new Contract(cluster, await isBuiltProvider());
  }

  /** A namespace of the running test's own. */
  get namespace(): string {
    return this.current;
  }

  async beginTest(): Promise<void> {
    this.current = `contract-${++this.count}`;
    await ensureNamespace(this.cluster.kubeconfig, this.current);
  }

  /** Drops the stacks of the test. What they left in the cluster goes with the cluster. */
  endTest(): void {
    for (const stack of this.stacks.splice(0)) {
      stack.dispose();
    }
  }

  async stop(): Promise<void> {
    this.endTest();
    await this.cluster.stop();
  }

  /** A stack of the running test with an inline program. */
  async stack(program: PulumiFn, options: StackOptions = {}): Promise<ProgramStack> {
    const stack = await withStack(program, { kubeconfig: this.cluster.kubeconfig, ...options });
    this.stacks.push(stack);
    return stack;
  }

  /** Writes an object by server-side apply as another manager than the provider, with force. */
  async applyAs(fieldManager: string, object: PlainObject): Promise<void> {
    await applyObjects(this.cluster.kubeconfig, [object], { fieldManager });
  }

  /** The live object, or undefined. */
  async find(target: Target): Promise<JsonObject | undefined> {
    const { status, object } = await this.ask({ method: "GET", path: await this.pathOf(target) });
    if (status === 404) {
      return undefined;
    }
    assert.equal(status, 200, JSON.stringify(object));
    return object;
  }

  /** The live object; the test fails when it does not exist. */
  async live(target: Target): Promise<JsonObject> {
    const found = await this.find(target);
    assert.ok(found, `${target.kind} ${target.name} does not exist`);
    return found;
  }

  /** Deletes an object behind the provider's back. */
  async remove(target: Target): Promise<void> {
    await this.send({ method: "DELETE", path: `${await this.pathOf(target)}?propagationPolicy=Background` });
  }

  /** Any other request to the API server, as its administrator. */
  async send(request: ApiRequest): Promise<JsonObject> {
    const { status, object } = await this.ask(request);
    assert.ok(status < 300, JSON.stringify(object));
    return object;
  }

  private pathOf({ apiVersion, kind, name, namespace = this.namespace }: Target): Promise<string> {
    const { server, credentials } = readKubeconfig(this.cluster.kubeconfig);
    return objectPath(server, credentials, { apiVersion, kind, metadata: { name, namespace } });
  }

  private async ask({ path, body, ...sending }: ApiRequest): Promise<{ status: number; object: JsonObject }> {
    const { server, credentials } = readKubeconfig(this.cluster.kubeconfig);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answer = await askUrl(`${server}${path}`, { ...sending, body: text, credentials });
    const object: unknown = JSON.parse(answer.body);
    return { status: answer.status, object: isObject(object) ? object : {} };
  }
}

/** A behaviour that the version which the suite builds does not have yet; it was seen with 4.32. */
export function newer(contract: () => Contract, title: string, test: () => Promise<void>): void {
  it(`${title} (4.32; not yet in 4.25)`, async function () {
    if (contract().isBuilt) {
      this.skip();
    }
    await test();
  });
}

/** A ConfigMap of the test, by name. */
export function configMap(name: string): Target {
  return { apiVersion: "v1", kind: "ConfigMap", name };
}

/** Managers that own a field, given by a path of keys, sorted. */
export function ownersOf(live: JsonObject, ...path: string[]): string[] {
  const entries = at(live, "metadata", "managedFields");
  assert.ok(Array.isArray(entries), "the object has no managedFields");
  const fields = path.map((key) => `f:${key}`);
  return entries
    .filter((entry) => at(entry, "fieldsV1", ...fields) !== undefined)
    .map((entry) => `${stringAt(entry, "manager")} ${stringAt(entry, "operation")}`)
    .sort();
}

/**
 * Operations on one resource in the order in which they ended, e.g. `["create-replacement", "delete-replaced"]`.
 * The engine's own bracket around the two (`replace`) is left out: it does nothing.
 */
export function operations(report: RunReport, name: string): string[] {
  return report.finished.filter((step) => step.name === name && step.op !== "replace").map(({ op }) => op);
}

/** The changed properties that a preview or an update names for a resource, with the kind of each change. */
export function detailsFor(report: RunReport, name: string): Readonly<Record<string, string>> {
  // The delete of a replacement has no details, and comes first when the name is fixed.
  const steps = report.steps.filter((step) => step.name === name && !step.op.startsWith("delete"));
  return steps[0]?.detailedDiff ?? {};
}

/** The one operation that a preview or an update plans for a resource. */
export function plannedFor(report: RunReport, name: string): string {
  const ops = report.steps.filter((step) => step.name === name).map(({ op }) => op);
  assert.equal(ops.length, 1, `${name}: ${ops.join(", ")}`);
  return ops[0] ?? "";
}

/** Runs something that must fail in the engine, and returns its diagnostics. */
export async function failureOf(run: Promise<unknown>): Promise<string> {
  let failure: unknown;
  await run.catch((error: unknown) => {
    failure = error;
  });
  assert.ok(failure instanceof RunFailure, `expected a failed run, got ${String(failure)}`);
  // Long lines are not broken, but the engine indents what follows a line break.
  return diagnosticsText(failure.report).replaceAll(/\n\s+/g, "\n");
}

/** One resource of the exported state, by its logical name. */
export async function stateOf(stack: ProgramStack, name: string): Promise<JsonObject> {
  const exported = await stack.stack.exportStack();
  const deployment: unknown = exported.deployment;
  const resources = isObject(deployment) ? deployment.resources : undefined;
  const found = resourcesNamed(resources, name);
  assert.equal(found.length, 1, `${name} is ${found.length} times in the state`);
  return found[0] ?? {};
}

/** True when the exported state has a resource of this logical name. */
export async function isInState(stack: ProgramStack, name: string): Promise<boolean> {
  const exported = await stack.stack.exportStack();
  const deployment: unknown = exported.deployment;
  return resourcesNamed(isObject(deployment) ? deployment.resources : undefined, name).length > 0;
}

function resourcesNamed(resources: Json | undefined, name: string): JsonObject[] {
  if (!Array.isArray(resources)) {
    return [];
  }
  return resources
    .filter((item) => isObject(item))
    .filter((item) => stringAt(item, "urn").endsWith(`::${name}`));
}
