import assert from "node:assert/strict";
import { objectsIn } from "../../src/render/clusterObjects";
import { findPodSources } from "../../src/render/podSources";

const template = (labels: object): object => ({
  metadata: { labels },
  spec: { containers: [{ name: "c" }] },
});

function object(apiVersion: string, kind: string, name: string, spec: object, owner?: string): object {
  const [ownerVersion, ownerKind, ownerName] = owner?.split(" ") ?? [];
  const ownerReferences =
    owner === undefined ? [] : [{ apiVersion: ownerVersion, kind: ownerKind, name: ownerName }];
  return { apiVersion, kind, metadata: { name, namespace: "shop", ownerReferences }, spec };
}

function running(apiVersion: string, kind: string, name: string, owner?: string): object {
  return object(apiVersion, kind, name, { template: template({ app: name }) }, owner);
}

/** `Kind name label=value …` of each source, then `Kind name: reason` of what is left out. */
function found(...objects: object[]): string[] {
  const { sources, leftOut } = findPodSources(objectsIn(objects, "apps.yaml"), "default");
  return [
    ...sources.map(({ kind, name, labels }) =>
      [kind, name, ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)].join(" "),
    ),
    ...leftOut.map(({ namespace, kind, name, reason }) => `${namespace}: ${kind} ${name}: ${reason}`),
  ];
}

describe("findPodSources", () => {
  it("judges what is owned by what is not given, or is no workload itself", () => {
    assert.deepEqual(
      found(
        running("apps/v1", "Deployment", "web-primary", "flagger.app/v1beta1 Canary web"),
        running("apps/v1", "StatefulSet", "search", "search.example.com/v1 Search search"),
        object("search.example.com/v1", "Search", "search", {}),
        running("apps/v1", "Deployment", "edge-istio", "gateway.networking.k8s.io/v1 Gateway edge"),
        running("apps/v1", "ReplicaSet", "lost-1", "apps/v1 Deployment lost"),
      ),
      [
        "Deployment web-primary app=web-primary",
        "StatefulSet search app=search",
        "Deployment edge-istio app=edge-istio",
        "ReplicaSet lost-1 app=lost-1",
      ],
    );
  });

  it("leaves what a given workload owns to that one, through every step", () => {
    const pod = object("v1", "Pod", "web-1-a", { containers: [] }, "apps/v1 ReplicaSet web-1");
    const replicaSet = running("apps/v1", "ReplicaSet", "web-1", "apps/v1 Deployment web");
    assert.deepEqual(found(pod, replicaSet, running("apps/v1", "Deployment", "web")), [
      "Deployment web app=web",
    ]);
    const other = running("example.com/v1", "Deployment", "web");
    assert.deepEqual(found(replicaSet, other), ["ReplicaSet web-1 app=web-1", "Deployment web app=web"]);
  });

  it("leaves out what has no pod template to judge, with the reason, and what only patches pods", () => {
    const rollout = object("argoproj.io/v1alpha1", "Rollout", "web", { workloadRef: "x" });
    const workflow = object("argoproj.io/v1alpha1", "Workflow", "ci", {
      templates: [{ name: "main", container: { image: "a" } }],
    });
    const rule = { mutate: { patchStrategicMerge: { spec: { containers: [{ name: "c" }] } } } };
    const policy = object("kyverno.io/v1", "ClusterPolicy", "p", { rules: [rule] });
    assert.deepEqual(found(rollout, workflow, policy), [
      "shop: Rollout web: its workloadRef names no kind and name",
      "shop: Workflow ci: the pods of its steps are not read",
    ]);
  });

  it("judges each object that gets its name on creation", () => {
    const job = (app: string): object => ({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { generateName: "job-", namespace: "shop" },
      spec: { template: template({ app }) },
    });
    assert.deepEqual(found(job("a"), job("b")), ["Job job- app=a", "Job job- app=b"]);
  });

  it("gives each workload its running pods, also where the ReplicaSet between is not given", () => {
    const labels = { "pod-template-hash": "7f9c" };
    const pod = (name: string, phase: string): object => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name,
        namespace: "shop",
        labels,
        ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-7f9c" }],
      },
      status: { phase },
    });
    const deployment = running("apps/v1", "Deployment", "web");
    const replicaSet = running("apps/v1", "ReplicaSet", "web-7f9c", "apps/v1 Deployment web");
    for (const between of [[], [replicaSet]]) {
      const objects = [deployment, ...between, pod("web-1", "Running"), pod("web-2", "Failed")];
      assert.deepEqual(
        findPodSources(objectsIn(objects, "apps.yaml"), "default").sources.map(({ kind, name, pods }) => [
          kind,
          name,
          pods.map((one) => one.name),
        ]),
        [["Deployment", "web", ["web-1"]]],
      );
    }
    assert.deepEqual(found(pod("web-1", "Running")), ["Pod web-1 pod-template-hash=7f9c"]);
  });

  it("finds the templates of a kind that it does not know, and prefers what that one made", () => {
    const cluster = object("ray.io/v1", "RayCluster", "ml", {
      headGroupSpec: { template: template({ role: "head" }) },
      workerGroupSpecs: [{ template: template({ role: "worker" }) }],
    });
    assert.deepEqual(found(cluster), [
      "RayCluster ml (headGroupSpec) role=head",
      "RayCluster ml (workerGroupSpecs.0) role=worker",
    ]);
    const made = running("apps/v1", "StatefulSet", "ml-head", "ray.io/v1 RayCluster ml");
    assert.deepEqual(found(cluster, made), ["StatefulSet ml-head app=ml-head"]);
    assert.deepEqual(
      found(object("example.com/v1", "Page", "p", { template: { spec: { title: "x" } } })),
      [],
    );
  });

  it("knows the Service of Knative from that of Kubernetes, and the Deployment of its revision", () => {
    const knative = running("serving.knative.dev/v1", "Service", "api");
    const own = "serving.knative.dev/v1 Service api";
    const configuration = running("serving.knative.dev/v1", "Configuration", "api", own);
    const revision = object(
      "serving.knative.dev/v1",
      "Revision",
      "api-1",
      {},
      own.replace("Service", "Configuration"),
    );
    const deployment = running(
      "apps/v1",
      "Deployment",
      "api-1-deployment",
      "serving.knative.dev/v1 Revision api-1",
    );
    assert.deepEqual(found(object("v1", "Service", "api", {}), knative), [
      "Service api serving.knative.dev/service=api app=api",
    ]);
    assert.deepEqual(found(knative, configuration, revision, deployment), [
      "Deployment api-1-deployment app=api-1-deployment",
    ]);
  });

  it("gives a Rollout the template of its Deployment, which has no pods then", () => {
    const workloadRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
    const rollout = object("argoproj.io/v1alpha1", "Rollout", "web-rollout", { replicas: 3, workloadRef });
    const deployment = object("apps/v1", "Deployment", "web", {
      replicas: 0,
      template: template({ app: "web" }),
    });
    assert.deepEqual(found(rollout, deployment), [
      "Rollout web-rollout app=web",
      "shop: Deployment web: it has 0 replicas",
    ]);
    const pods = running("apps/v1", "ReplicaSet", "web-1", "argoproj.io/v1alpha1 Rollout web-rollout");
    assert.deepEqual(found(rollout, deployment, pods).slice(0, 1), ["Rollout web-rollout app=web"]);
    assert.deepEqual(found(rollout, pods), [
      "ReplicaSet web-1 app=web-1",
      "shop: Rollout web-rollout: its pod template is that of Deployment web, which is not given",
    ]);
  });

  it("names what has no pods, and Gateways without their proxies", () => {
    const gateway = (name: string, gatewayClassName: string): object =>
      object("gateway.networking.k8s.io/v1", "Gateway", name, { gatewayClassName });
    const labels = { "gateway.networking.k8s.io/gateway-name": "edge" };
    const proxies = object("apps/v1", "Deployment", "edge-istio", { template: template(labels) });
    const ended = { ...object("v1", "Pod", "job", {}), status: { phase: "Succeeded" } };
    assert.deepEqual(
      found(
        gateway("edge", "istio"),
        gateway("w", "istio-waypoint"),
        gateway("other", "nginx"),
        proxies,
        ended,
      ),
      [
        "Deployment edge-istio gateway.networking.k8s.io/gateway-name=edge",
        "shop: Pod job: it has ended",
        "shop: Gateway w: the Deployment that Istio makes for it is not given",
      ],
    );
  });
});
