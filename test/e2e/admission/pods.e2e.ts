import assert from "node:assert/strict";
import { AdmissionFailurePolicy, SidecarInjection, withSigsciAgent } from "../../../src";
import type { SidecarPlacementArgs } from "../../../src";
import { at, listAt } from "../../../src/kubernetes/liveObject";
import { applyObjects, ensureNamespace } from "../stack/apply";
import { startCluster } from "../stack/cluster";
import type { Cluster } from "../stack/cluster";
import { admissionObjects, applyPolicies, createdSpec, createPod, namespaces, secretName } from "./admission";
import type { CreateOptions } from "./admission";

const web = { name: "web", image: "web:1" };
const names = (list: readonly { name: string }[] = []): string[] => list.map(({ name }) => name);

describe("pods that the API server gives the agent", function () {
  this.timeout(120_000);
  let cluster: Cluster;

  const start = async (sidecar: SidecarPlacementArgs = {}): Promise<void> => {
    cluster = await startCluster();
    for (const namespace of Object.values(namespaces)) {
      await ensureNamespace(cluster.kubeconfig, namespace);
    }
    await applyPolicies(cluster.kubeconfig, await admissionObjects(sidecar));
  };
  const created = (spec: object, options?: CreateOptions) => createdSpec(cluster.kubeconfig, spec, options);
  const refusal = async (spec: object, options?: CreateOptions): Promise<string> => {
    const answer = await createPod(cluster.kubeconfig, spec, options);
    return "refusal" in answer ? answer.refusal : assert.fail("the pod was created");
  };

  describe("by default", () => {
    before(() => start());
    after(() => cluster.stop());

    it("carry it in front, with its volume, whether there are init containers and volumes or not", async () => {
      const bare = await created({ containers: [web] });
      assert.deepEqual(names(bare.initContainers), ["sigsci-agent"]);
      assert.deepEqual(bare.volumes, [{ name: "sigsci-tmp", emptyDir: { sizeLimit: "256Mi" } }]);
      const full = await created({
        initContainers: [
          { name: "setup", image: "setup" },
          { name: "mesh", image: "mesh", restartPolicy: "Always" },
        ],
        containers: [web, { name: "log", image: "log" }],
        volumes: [{ name: "data", emptyDir: {} }],
      });
      assert.deepEqual(names(full.initContainers), ["sigsci-agent", "setup", "mesh"]);
      assert.deepEqual(names(full.containers), ["web", "log"]);
      assert.deepEqual(full.volumes, [
        { name: "data", emptyDir: {} },
        { name: "sigsci-tmp", emptyDir: { sizeLimit: "256Mi" } },
      ]);
    });

    it("take the keys from the Secret of their namespace, as with the other ways", async () => {
      const { initContainers = [] } = await created({ containers: [web] });
      const references = listAt(initContainers[0], "env").flatMap(
        (one) => at(one, "valueFrom", "secretKeyRef") ?? [],
      );
      assert.deepEqual(references, [
        { name: secretName, key: "accesskeyid" },
        { name: secretName, key: "secretaccesskey" },
      ]);
    });

    it("are those of Jobs too, which end when their own containers do", async () => {
      for (const restartPolicy of ["Never", "OnFailure"]) {
        const spec = await created(
          { containers: [web], restartPolicy },
          { labels: { "batch.kubernetes.io/job-name": "once" } },
        );
        const [agent] = spec.initContainers ?? [];
        assert.equal(at(agent, "restartPolicy"), "Always", restartPolicy);
      }
    });

    it("keep the agent that they have, whoever put it there", async () => {
      const own = withSigsciAgent({ containers: [web] }, { secret: { name: "own" } });
      assert.deepEqual(names((await created(own)).initContainers), ["sigsci-agent"]);
      const byHand = { containers: [web, { name: "sigsci-agent", image: "by-hand" }] };
      const kept = await created(byHand);
      assert.deepEqual([kept.initContainers, names(kept.containers)], [undefined, ["web", "sigsci-agent"]]);
    });

    it("are refused with the reason when it does not fit", async () => {
      const reasons: readonly (readonly [object, RegExp])[] = [
        [{ containers: [web], hostNetwork: true }, /it uses hostNetwork: .*no proxy into such a pod/],
        [
          { containers: [web], initContainers: [{ name: "sigsci-agent", image: "setup" }] },
          /one of its init containers is called sigsci-agent and ends before/,
        ],
        [
          { containers: [{ ...web, ports: [{ containerPort: 9999 }] }] },
          /one of its containers has port 9999/,
        ],
        [
          { containers: [{ ...web, ports: [{ name: "sigsci-grpc", containerPort: 80 }] }] },
          /is called sigsci-grpc/,
        ],
        [
          { containers: [web], volumes: [{ name: "sigsci-tmp", emptyDir: {} }] },
          /one of its volumes is called sigsci-tmp/,
        ],
      ];
      for (const [spec, reason] of reasons) {
        const message = await refusal(spec);
        assert.match(message, reason);
        assert.match(message, /target all of component waf of project\/stack: .*sidecar\.excludedPods\.$/);
      }
      // The port is another one for UDP.
      const udp = { ...web, ports: [{ containerPort: 9999, protocol: "UDP" }] };
      assert.deepEqual(names((await created({ containers: [udp] })).initContainers), ["sigsci-agent"]);
    });

    it("are left alone when they are for Windows, waypoints, or in another namespace", async () => {
      for (const spec of [
        { containers: [{ name: "istio-proxy", image: "proxy", args: ["proxy", "waypoint", "--domain"] }] },
        { containers: [web], nodeSelector: { "kubernetes.io/os": "windows" } },
        { containers: [web], nodeSelector: { "beta.kubernetes.io/os": "windows" } },
        { containers: [web], os: { name: "windows" }, hostNetwork: false },
      ]) {
        assert.equal((await created(spec)).initContainers, undefined, JSON.stringify(spec));
      }
      const gateway = { name: "istio-proxy", image: "proxy", args: ["proxy", "router"] };
      assert.deepEqual(names((await created({ containers: [gateway] })).initContainers), ["sigsci-agent"]);
      const linux = { containers: [web], nodeSelector: { "kubernetes.io/os": "linux" } };
      assert.deepEqual(names((await created(linux)).initContainers), ["sigsci-agent"]);
      const elsewhere = await created({ containers: [web] }, { namespace: namespaces.other });
      assert.equal(elsewhere.initContainers, undefined);
    });

    it("are accepted by the Pod Security profile restricted", async () => {
      const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
      const metadata = { name: namespaces.target, labels };
      await applyObjects(cluster.kubeconfig, [{ apiVersion: "v1", kind: "Namespace", metadata }]);
      const securityContext = {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      };
      try {
        const spec = await created({ containers: [{ ...web, securityContext }] });
        assert.deepEqual(names(spec.initContainers), ["sigsci-agent"]);
        assert.match(await refusal({ containers: [web] }), /violates PodSecurity "restricted:latest"/);
      } finally {
        const without = { name: namespaces.target, labels: {} };
        await applyObjects(cluster.kubeconfig, [{ apiVersion: "v1", kind: "Namespace", metadata: without }]);
      }
    });

    it("all get it when 500 are created at once", async () => {
      const specs = await Promise.all(
        Array.from({ length: 500 }, () => created({ containers: [web] }, { stored: true })),
      );
      assert.equal(specs.length, 500);
      for (const { initContainers } of specs) {
        assert.deepEqual(names(initContainers), ["sigsci-agent"]);
      }
    });
  });

  describe("while somebody has changed the policy, and it cannot be evaluated", () => {
    // Nothing that the component writes fails for a pod: what it reads of one need not be there.
    const broken = '[JSONPatch{op: "add", path: object.metadata.annotations["gone"], value: ""}]';
    const spoil = async (sidecar: SidecarPlacementArgs): Promise<void> => {
      await start(sidecar);
      const policies = (await admissionObjects(sidecar)).filter(
        ({ kind }) => kind === "MutatingAdmissionPolicy",
      );
      const mutations = [{ patchType: "JSONPatch", jsonPatch: { expression: broken } }];
      await applyPolicies(
        cluster.kubeconfig,
        policies.map((policy) => ({ ...policy, spec: { ...(policy.spec as object), mutations } })),
      );
    };
    afterEach(() => cluster.stop());

    it("are refused in the API server's words, which name the policy", async () => {
      await spoil({});
      const message = await refusal({ containers: [web] });
      assert.match(
        message,
        /^policy 'waf-all\.shop\.\w+' with binding 'waf-all\.shop\.\w+' denied request: /,
      );
      assert.match(message, /no such key: annotations/);
    });

    it("are created without it with failurePolicy Ignore", async () => {
      await spoil({ failurePolicy: AdmissionFailurePolicy.Ignore });
      assert.equal((await created({ containers: [web] })).initContainers, undefined);
    });
  });

  describe("under two targets that mean them", () => {
    before(async () => {
      await start();
      const targets = [{ name: "web", namespace: namespaces.target, matchLabels: { app: "web" } }];
      await applyPolicies(cluster.kubeconfig, await admissionObjects({}, { targets }));
    });
    after(() => cluster.stop());

    it("carry one agent", async () => {
      const spec = await created({ containers: [web] }, { labels: { app: "web" } });
      assert.deepEqual(names(spec.initContainers), ["sigsci-agent"]);
    });
  });

  describe("with failurePolicy Ignore", () => {
    before(() => start({ failurePolicy: AdmissionFailurePolicy.Ignore }));
    after(() => cluster.stop());

    it("are created without it where it does not fit, with a warning", async () => {
      const answer = await createPod(cluster.kubeconfig, { containers: [web], hostNetwork: true });
      assert.ok("spec" in answer);
      assert.equal(answer.spec.initContainers, undefined);
      assert.match(answer.warning, /the agent does not fit into this pod, as it uses hostNetwork/);
    });
  });

  describe("with excluded pods and requireAgent", () => {
    // More than an API server takes conditions.
    const others = Array.from({ length: 70 }, (_, index) => ({ matchLabels: { app: `a${index}` } }));
    const excludedPods = [{ matchLabels: { waf: "off", tier: "jobs" } }, ...others];
    before(() => start({ excludedPods, requireAgent: true }));
    after(() => cluster.stop());

    it("get it unless all labels of an exclusion are theirs", async () => {
      const [labels = {}] = excludedPods.map(({ matchLabels }) => matchLabels);
      assert.equal((await created({ containers: [web] }, { labels })).initContainers, undefined);
      const one = await created({ containers: [web] }, { labels: { waf: "off" } });
      assert.deepEqual(names(one.initContainers), ["sigsci-agent"]);
    });
  });

  describe("with requireAgent and another way of injection", () => {
    before(() => start({ injection: SidecarInjection.Template, requireAgent: true }));
    after(() => cluster.stop());

    it("are refused without it, with the component and the way out", async () => {
      const message = await refusal({ containers: [web] });
      assert.match(
        message,
        /target all of component waf of project\/stack: this pod has no container sigsci-agent, and sidecar\.requireAgent asks for one\. Add it to the pod template with withSigsciAgent, sigsciAgentTransform or targets\[\]\.workload, or leave its labels out by sidecar\.excludedPods\.$/,
      );
      const own = withSigsciAgent({ containers: [web] }, { secret: { name: "own" } });
      assert.deepEqual(names((await created(own)).initContainers), ["sigsci-agent"]);
    });
  });
});
