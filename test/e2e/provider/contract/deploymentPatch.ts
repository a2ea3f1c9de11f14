import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import type { input } from "@pulumi/kubernetes/types";
import { at } from "../paths";
import type { Json } from "../values";
import { failureOf, plannedFor, type Contract, type Target } from "./contract";

const NAME = "web";
const TARGET: Target = { apiVersion: "apps/v1", kind: "Deployment", name: NAME };
const AGENT = { name: "agent", image: "agent:1", volumeMounts: [{ name: "waf", mountPath: "/waf" }] };
const OUR_VOLUME = { name: "waf", emptyDir: {} };

/** One way of adding a container to somebody else's Deployment. */
interface Variant {
  readonly title: string;
  readonly spec: input.core.v1.PodSpecPatch;
  /** What the second preview plans. */
  readonly again: "same" | "update";
}

const VARIANTS: readonly Variant[] = [
  {
    title: "only our container and volume",
    spec: { containers: [AGENT], volumes: [OUR_VOLUME] },
    again: "update",
  },
  {
    title: "names of the existing ones listed first",
    spec: { containers: [{ name: "web" }, AGENT], volumes: [{ name: "cache" }, OUR_VOLUME] },
    again: "same",
  },
  {
    title: "a native sidecar, existing volumes listed first",
    spec: {
      initContainers: [{ ...AGENT, restartPolicy: "Always" }],
      volumes: [{ name: "cache" }, OUR_VOLUME],
    },
    again: "same",
  },
  {
    title: "a native sidecar, our volume alone",
    spec: { initContainers: [{ ...AGENT, restartPolicy: "Always" }], volumes: [OUR_VOLUME] },
    again: "update",
  },
];

/** Adding a container to somebody else's Deployment with `DeploymentPatch`. */
export function deploymentPatchContract(contract: () => Contract): void {
  beforeEach(() => applyApp(contract(), "web:1"));

  const patched = (spec: input.core.v1.PodSpecPatch) =>
    contract().stack(() => {
      new k8s.apps.v1.DeploymentPatch("patch", {
        metadata: {
          name: NAME,
          namespace: contract().namespace,
          annotations: { "pulumi.com/patchForce": "true", "pulumi.com/skipAwait": "true" },
        },
        spec: { template: { spec } },
      });
      return Promise.resolve();
    });
  const podSpec = async (): Promise<Json | undefined> =>
    at(await contract().live(TARGET), "spec", "template", "spec");

  for (const variant of VARIANTS) {
    it(`${variant.title}: ${variant.again} on the second preview, and the app as before after destroy`, async () => {
      const before = await podSpec();
      const stack = await patched(variant.spec);
      await stack.up();
      assert.match(JSON.stringify(await podSpec()), /agent:1/);
      assert.equal(plannedFor(await stack.preview(), "patch"), variant.again);
      await stack.destroy();
      assert.deepEqual(await podSpec(), before);
    });
  }

  it("updates on every run, for ever, when positions do not line up", async () => {
    const stack = await patched({ containers: [AGENT], volumes: [OUR_VOLUME] });
    await stack.up();
    const plans = [plannedFor(await stack.up(), "patch"), plannedFor(await stack.up(), "patch")];
    assert.deepEqual(plans, ["update", "update"]);
  });

  it("stays the same after the app's image changed", async () => {
    const stack = await patched({
      initContainers: [{ ...AGENT, restartPolicy: "Always" }],
      volumes: [{ name: "cache" }, OUR_VOLUME],
    });
    await stack.up();
    await applyApp(contract(), "web:2");
    assert.equal(plannedFor(await stack.preview(), "patch"), "same");
    assert.match(JSON.stringify(await podSpec()), /web:2.*agent:1|agent:1.*web:2/);
  });

  it("cannot be destroyed while it alone owns a required field", async () => {
    const stack = await patched({ containers: [{ name: "web", image: "web:patched" }] });
    await stack.up();
    const text = await failureOf(stack.destroy());
    assert.match(text, /this Patch resource is currently managing a required field/);
    assert.match(text, /Either set the `retainOnDelete` resource option, or transfer ownership/);
    assert.match(JSON.stringify(await podSpec()), /web:patched/);
  });

  it("leaves the number of replicas to its owner", async () => {
    const stack = await patched({
      containers: [{ name: "web" }, AGENT],
      volumes: [{ name: "cache" }, OUR_VOLUME],
    });
    await stack.up();
    assert.equal(at(await contract().live(TARGET), "spec", "replicas"), 2);
  });
}

function applyApp(contract: Contract, image: string): Promise<void> {
  const labels = { app: "web" };
  return contract.applyAs("app-team", {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: NAME, namespace: contract.namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [{ name: "web", image, volumeMounts: [{ name: "cache", mountPath: "/cache" }] }],
          volumes: [{ name: "cache", emptyDir: {} }],
        },
      },
    },
  });
}
