import assert from "node:assert/strict";
import { daemonSetReadiness } from "./kubernetes/await/daemonSet";
import { deploymentReadiness } from "./kubernetes/await/deployment";
import { ignoresPods, serviceReadiness, Settling, SETTLE_MS } from "./kubernetes/await/service";
import { timeoutMs } from "./kubernetes/await/waiting";
import type { Json, JsonObject } from "./values";

const REVISION = "deployment.kubernetes.io/revision";

function deployment(revision: string, status: JsonObject): JsonObject {
  const annotations: JsonObject = revision === "" ? {} : { [REVISION]: revision };
  return { metadata: { name: "web", uid: "d", generation: 3, annotations }, status };
}

function condition(type: string, status: string, reason: string): JsonObject {
  return { type, status, reason, message: `${type} is ${status}` };
}

function replicaSet(revision: string, readyReplicas?: number, replicas = 2): JsonObject {
  return {
    metadata: { annotations: { [REVISION]: revision }, ownerReferences: [{ uid: "d" }] },
    spec: { replicas },
    status: readyReplicas === undefined ? {} : { readyReplicas },
  };
}

const AVAILABLE = condition("Available", "True", "MinimumReplicasAvailable");
const ROLLED_OUT = condition("Progressing", "True", "NewReplicaSetAvailable");
const good = (conditions: Json[] = [AVAILABLE, ROLLED_OUT]): JsonObject => ({
  observedGeneration: 3,
  conditions,
});

describe("a Deployment is ready", () => {
  const ready = (object: JsonObject, sets: JsonObject[]): boolean => deploymentReadiness(object, sets).ready;

  it("when it is available, rolled out, and its own ReplicaSet has its Pods", () => {
    assert.equal(ready(deployment("2", good()), [replicaSet("1", 2), replicaSet("2", 2)]), true);
  });

  it("at its first revision without a word about progress", () => {
    assert.equal(ready(deployment("1", good([AVAILABLE])), [replicaSet("1", 2)]), true);
    assert.equal(ready(deployment("2", good([AVAILABLE])), [replicaSet("2", 2)]), false);
  });

  it("with no Pods when none are asked for", () => {
    assert.equal(ready(deployment("2", good()), [replicaSet("2", undefined, 0)]), true);
    assert.equal(ready(deployment("2", good()), [replicaSet("2", undefined, 1)]), false);
  });

  it("not before its controller has seen this generation", () => {
    const stale = { ...good(), observedGeneration: 2 };
    assert.equal(ready(deployment("2", stale), [replicaSet("2", 2)]), false);
    assert.equal(ready(deployment("", good()), [replicaSet("", 2)]), false);
    assert.deepEqual(deploymentReadiness(deployment("2", {}), []).problems, [
      "Minimum number of live Pods was not attained",
    ]);
  });

  it("not while the new ReplicaSet lacks Pods, and says so", () => {
    const seen = deploymentReadiness(deployment("2", good()), [replicaSet("1", 2), replicaSet("2", 1)]);
    assert.equal(seen.ready, false);
    assert.deepEqual(seen.problems, [
      "Attempted to roll forward to new ReplicaSet, but minimum number of Pods did not become live",
    ]);
  });

  it("not with another Deployment's ReplicaSet", () => {
    const foreign = { ...replicaSet("2", 2), metadata: { annotations: { [REVISION]: "2" } } };
    assert.equal(ready(deployment("2", good()), [foreign]), false);
  });

  it("not when it is stuck, and passes the reason on", () => {
    const stuck = condition("Progressing", "False", "ProgressDeadlineExceeded");
    const seen = deploymentReadiness(deployment("2", good([AVAILABLE, stuck])), [replicaSet("2", 2)]);
    assert.equal(seen.ready, false);
    assert.equal(seen.problems[0], "[ProgressDeadlineExceeded] Progressing is False");
  });
});

describe("a DaemonSet is ready", () => {
  const daemonSet = (status: JsonObject): JsonObject => ({ metadata: { generation: 2 }, status });
  const counts = (count: number): JsonObject => ({
    observedGeneration: 2,
    desiredNumberScheduled: 2,
    currentNumberScheduled: 2,
    updatedNumberScheduled: 2,
    numberAvailable: 2,
    numberReady: count,
  });

  it("when every node runs a new, available, ready Pod", () => {
    assert.equal(daemonSetReadiness(daemonSet(counts(2))).ready, true);
    assert.deepEqual(daemonSetReadiness(daemonSet(counts(1))).problems, ["Ready: 1/2"]);
  });

  it("not before its controller has seen this generation", () => {
    assert.equal(daemonSetReadiness(daemonSet({ desiredNumberScheduled: 0 })).ready, false);
    assert.equal(daemonSetReadiness(daemonSet({ ...counts(2), observedGeneration: 1 })).ready, false);
  });
});

describe("a Service is ready", () => {
  const service: JsonObject = { spec: { type: "ClusterIP", clusterIP: "10.0.0.1", selector: { app: "x" } } };

  it("when its endpoints are there and none of them is waited for", () => {
    assert.equal(serviceReadiness(service, undefined).ready, false);
    assert.equal(serviceReadiness(service, { subsets: [{ addresses: [{ ip: "1.2.3.4" }] }] }).ready, true);
    assert.equal(serviceReadiness(service, {}).ready, true);
    assert.equal(
      serviceReadiness(service, { subsets: [{ notReadyAddresses: [{ ip: "1.2.3.4" }] }] }).ready,
      false,
    );
  });

  it("whatever its endpoints when it is headless, external or without a selector", () => {
    assert.equal(ignoresPods(service), false);
    const specs: JsonObject[] = [
      { clusterIP: "None", selector: { app: "x" } },
      { type: "ExternalName", selector: { app: "x" } },
      { clusterIP: "10.0.0.1" },
      { clusterIP: "10.0.0.1", selector: {} },
    ];
    for (const spec of specs) {
      assert.equal(ignoresPods({ spec }), true, JSON.stringify(spec));
    }
  });

  it("as a load balancer only with an address", () => {
    const balancer: JsonObject = { spec: { type: "LoadBalancer" } };
    assert.equal(serviceReadiness(balancer, undefined).ready, false);
    const status = { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } };
    assert.equal(serviceReadiness({ ...balancer, status }, undefined).ready, true);
  });

  it("after its endpoints have not changed for a while", () => {
    let now = 1000;
    const settling = new Settling(() => now);
    const endpoints = (resourceVersion: string): JsonObject => ({ metadata: { resourceVersion } });
    assert.equal(settling.settled(undefined), false);
    assert.equal(settling.settled(endpoints("1")), false);
    now += SETTLE_MS - 1;
    assert.equal(settling.settled(endpoints("1")), false);
    now += 1;
    assert.equal(settling.settled(endpoints("1")), true);
    assert.equal(settling.settled(endpoints("2")), false);
  });
});

describe("the time to wait", () => {
  it("is the resource option's, else the annotation's, else the kind's", () => {
    const inputs = { metadata: { annotations: { "pulumi.com/timeoutSeconds": "7" } } };
    assert.equal(timeoutMs(5, inputs, 600), 5000);
    assert.equal(timeoutMs(0, inputs, 600), 7000);
    assert.equal(timeoutMs(0, {}, 600), 600_000);
    const odd = { metadata: { annotations: { "pulumi.com/timeoutSeconds": "soon" } } };
    assert.equal(timeoutMs(0, odd, 600), 600_000);
  });
});
