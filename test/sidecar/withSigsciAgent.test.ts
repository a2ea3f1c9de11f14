import assert from "node:assert/strict";
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { SidecarForm } from "../../src/args/sidecar";
import type { SidecarAgentArgs } from "../../src/args/sidecar";
import { SidecarRefusal } from "../../src/sidecar/refusal";
import { withSigsciAgent } from "../../src/sidecar/withSigsciAgent";
import { resolved } from "../agent/resolved";
import { agentInPod, agentVolume, nativeAgent } from "./expected";

type PodSpec = k8s.types.input.core.v1.PodSpec;

const agent: SidecarAgentArgs = { secret: { name: "sigsci.shop" } };
const container: SidecarAgentArgs = { ...agent, form: SidecarForm.Container };
const web = {
  name: "web",
  image: "web:1",
  ports: [{ name: "http", containerPort: 8080 }],
  volumeMounts: [{ name: "cache", mountPath: "/cache" }],
};
const migrate = { name: "migrate", image: "web:1", args: ["migrate"] };
const pod: PodSpec = {
  serviceAccountName: "web",
  initContainers: [migrate],
  containers: [web],
  volumes: [{ name: "cache", emptyDir: {} }],
};

function problemsOf(spec: PodSpec, given: SidecarAgentArgs = agent): string[] {
  try {
    withSigsciAgent(spec, given);
  } catch (error) {
    assert.ok(error instanceof SidecarRefusal, String(error));
    return error.problems.map(({ path, reason }) => `${path}: ${reason}`);
  }
  return [];
}

/** The message of an Output that fails; the SDK offers no other way to see it. */
async function failureOf(output: unknown): Promise<string> {
  const { promise } = pulumi.output(output) as unknown as { promise: () => Promise<unknown> };
  return promise.call(output).then(
    () => "no failure",
    (error: unknown) => String(error),
  );
}

describe("withSigsciAgent", () => {
  const template = { metadata: { labels: { app: "web" } }, spec: pod };
  const holders: [unknown, string][] = [
    [template, "podSpec.spec"],
    [{ replicas: 1, template }, "podSpec.template.spec"],
    [{ metadata: {}, spec: { template } }, "podSpec.spec.template.spec"],
    [{ jobTemplate: { spec: { template } } }, "podSpec.jobTemplate.spec.template.spec"],
  ];
  for (const [holder, inside] of holders) {
    it(`refuses what holds the pod spec, and says where: ${inside}`, () => {
      assert.throws(() => withSigsciAgent(holder as PodSpec, agent), {
        constructor: SidecarRefusal,
        message:
          "withSigsciAgent: 1 argument is refused, nothing was changed.\n  - podSpec: it is no pod spec, but holds one\n" +
          `    Give ${inside}, and put what comes out in its place.`,
      });
    });
  }

  it("refuses what is no pod spec at all", () => {
    const reason = "a pod spec has containers, and there are none";
    const nothing: unknown = undefined;
    assert.deepEqual(problemsOf(nothing as PodSpec), [`podSpec: ${reason}`]);
    const empty: unknown = { spec: {} };
    assert.deepEqual(problemsOf(empty as PodSpec), [`podSpec.containers: ${reason}`]);
    const later: unknown = pulumi.output(pod);
    assert.deepEqual(problemsOf(later as PodSpec), ["podSpec: it is an Output, and must be an object"]);
  });

  it("adds a native sidecar after the init containers that are there", () => {
    const before = structuredClone(pod);
    const after = withSigsciAgent(pod, agent);
    assert.deepEqual(after, {
      serviceAccountName: "web",
      initContainers: [migrate, nativeAgent],
      containers: [web],
      volumes: [{ name: "cache", emptyDir: {} }, agentVolume],
    });
    assert.deepEqual(pod, before);
    assert.notEqual(after, pod);
  });

  it("adds an ordinary container when told so", () => {
    assert.deepEqual(withSigsciAgent({ containers: [web] }, container), {
      containers: [web, agentInPod],
      volumes: [agentVolume],
    });
  });

  it("takes the agent's arguments as they are", () => {
    const after = withSigsciAgent(
      { containers: [web] },
      {
        secret: { name: "keys", accessKeyIdKey: "id", secretAccessKeyKey: "key" },
        form: SidecarForm.Container,
        securityContext: { runAsUser: 1000 },
        agent: {
          port: 9998,
          image: { version: "4.83.0" },
          startupProbe: { enabled: false },
          temporaryVolume: { mountPath: "/work", sizeLimit: "1Gi" },
          shutdown: { preStopSleepSeconds: 20 },
          resources: {},
        },
      },
    );
    assert.deepEqual(after.containers, [
      web,
      {
        ...Object.fromEntries(Object.entries(agentInPod).filter(([key]) => key !== "startupProbe")),
        image: "signalsciences/sigsci-agent:4.83.0",
        env: [
          { name: "SIGSCI_ACCESSKEYID", valueFrom: { secretKeyRef: { name: "keys", key: "id" } } },
          { name: "SIGSCI_SECRETACCESSKEY", valueFrom: { secretKeyRef: { name: "keys", key: "key" } } },
          { name: "SIGSCI_ENVOY_GRPC_ADDRESS", value: "127.0.0.1:9998" },
          { name: "SIGSCI_ENVOY_EXPECT_RESPONSE_DATA", value: "1" },
          { name: "SIGSCI_RPC_ADDRESS", value: "/work/sigsci.sock" },
          { name: "SIGSCI_SHARED_CACHE_DIR", value: "/work/cache" },
        ],
        ports: [{ name: "sigsci-grpc", containerPort: 9998, protocol: "TCP" }],
        resources: {},
        lifecycle: { preStop: { exec: { command: ["sleep", "20"] } } },
        securityContext: { ...agentInPod.securityContext, runAsUser: 1000 },
        volumeMounts: [{ name: "sigsci-tmp", mountPath: "/work" }],
      },
    ]);
    assert.deepEqual(after.volumes, [{ name: "sigsci-tmp", emptyDir: { sizeLimit: "1Gi" } }]);
  });

  for (const [form, given] of Object.entries({ native: agent, ordinary: container })) {
    it(`changes nothing the second time (${form})`, () => {
      const once = withSigsciAgent(pod, given);
      assert.deepEqual(withSigsciAgent(once, structuredClone(given)), once);
      assert.deepEqual(withSigsciAgent(structuredClone(once), given), once);
    });
  }

  it("changes nothing the second time when Outputs stand inside", async () => {
    const secret = { name: pulumi.output("sigsci.shop") };
    const image = { version: pulumi.output("4.84.0") };
    const resources = pulumi.output(agentInPod.resources);
    const given = { secret, agent: { image, resources } };
    const once = withSigsciAgent(pod, given);
    const twice = withSigsciAgent(once, { secret, agent: { image, resources } });
    assert.ok(Array.isArray(once.initContainers) && Array.isArray(twice.initContainers));
    assert.equal(twice.initContainers.length, 2);
    assert.equal(twice.initContainers[1], once.initContainers[1]);
    // Equal values of other Outputs are seen as equal once they are known.
    const thrice = withSigsciAgent(once, agent);
    assert.deepEqual(await resolved(thrice), await resolved(once));
  });

  it("leaves plain what is plain, and waits for a list that is known only later", async () => {
    const later: PodSpec = { containers: [web], initContainers: pulumi.output([migrate]) };
    const after = withSigsciAgent(later, agent);
    assert.deepEqual(after.containers, [web]);
    assert.deepEqual(after.volumes, [agentVolume]);
    assert.ok(pulumi.Output.isInstance(after.initContainers));
    assert.deepEqual(await resolved(after.initContainers), [migrate, nativeAgent]);
    const again = withSigsciAgent(after, agent);
    assert.deepEqual(await resolved(again.initContainers), [migrate, nativeAgent]);
  });

  it("does not wait for what decides nothing", () => {
    const image = pulumi.output("web:1");
    const after = withSigsciAgent({ containers: [{ ...web, image }], initContainers: [migrate] }, agent);
    assert.deepEqual(after.initContainers, [migrate, nativeAgent]);
  });

  it("refuses later what is known to be wrong only later", async () => {
    const specs: PodSpec[] = [
      { containers: [web], hostNetwork: pulumi.output(true) },
      { containers: pulumi.output([{ ...web, ports: [{ containerPort: 9999 }] }]) },
      { containers: [{ ...web, ports: [{ containerPort: pulumi.output(9999) }] }] },
      { containers: [{ ...web, name: pulumi.output("sigsci-agent") }] },
    ];
    for (const spec of specs) {
      const { initContainers } = withSigsciAgent(spec, agent);
      assert.ok(Array.isArray(initContainers));
      assert.match(await failureOf(initContainers[0]), /withSigsciAgent: 1 argument is refused/);
    }
    const inList: PodSpec = {
      containers: [web],
      initContainers: [{ ...migrate, name: pulumi.output("sigsci-agent") }],
    };
    assert.match(
      await failureOf(withSigsciAgent(inList, agent).initContainers),
      /another container has the agent's name/,
    );
  });

  it("is idempotent and leaves foreign items alone for any pod", () => {
    const name = fc.stringMatching(/^[a-z]{1,6}$/);
    const unique = { selector: (item: { name: string }) => item.name };
    const items = fc.uniqueArray(fc.record({ name, image: fc.string() }), unique);
    const volumes = fc.uniqueArray(fc.record({ name, emptyDir: fc.constant({}) }), unique);
    const pods = fc.record({ containers: items, initContainers: items, volumes });
    fc.assert(
      fc.property(pods, fc.constantFrom(...Object.values(SidecarForm)), (given, form) => {
        const spec: PodSpec = given;
        const once = withSigsciAgent(spec, { ...agent, form });
        assert.deepEqual(withSigsciAgent(once, { ...agent, form }), once);
        const foreign = (list: unknown): unknown =>
          (list as { name: string }[]).filter((item) => !item.name.startsWith("sigsci-"));
        assert.deepEqual(foreign(once.containers), given.containers);
        assert.deepEqual(foreign(once.initContainers), given.initContainers);
        assert.deepEqual(foreign(once.volumes), given.volumes);
      }),
    );
  });
});

describe("withSigsciAgent refuses", () => {
  it("a container of the agent's name, in any list", () => {
    const other = { name: "sigsci-agent", image: "x" };
    assert.deepEqual(problemsOf({ containers: [web, other] }), [
      "podSpec.containers[1].name: another container has the agent's name, or the agent is there already in another form",
    ]);
    assert.match(problemsOf({ containers: [web], initContainers: [other] })[0] ?? "", /initContainers\[0\]/);
    assert.match(
      problemsOf({ containers: [web], ephemeralContainers: [other] })[0] ?? "",
      /^podSpec.ephemeral/,
    );
    assert.match(
      problemsOf(withSigsciAgent(pod, agent), container)[0] ?? "",
      /initContainers\[1\].name: another/,
    );
  });

  it("an agent that is there with other arguments", () => {
    const problems = problemsOf(withSigsciAgent(pod, agent), { ...agent, agent: { port: 9000 } });
    assert.match(problems[0] ?? "", /initContainers\[1\].name: another container/);
  });

  it("a volume of the agent's name with another content", () => {
    assert.deepEqual(problemsOf({ containers: [web], volumes: [{ name: "sigsci-tmp", emptyDir: {} }] }), [
      "podSpec.volumes[0].name: another volume has the name of the agent's",
    ]);
  });

  it("a taken port or port name, unless it is another protocol's", () => {
    const ports = (...given: k8s.types.input.core.v1.ContainerPort[]): PodSpec => ({
      containers: [{ ...web, ports: given }],
    });
    assert.deepEqual(problemsOf(ports({ containerPort: 80 }, { containerPort: 9999 })), [
      "podSpec.containers[0].ports[1].containerPort: container web has the port on which the agent listens in the same pod",
    ]);
    assert.deepEqual(problemsOf(ports({ containerPort: 9999, protocol: "UDP" })), []);
    assert.deepEqual(problemsOf(ports({ containerPort: 2024 })), []);
    assert.deepEqual(problemsOf(ports({ containerPort: 7, name: "sigsci-grpc" })), [
      "podSpec.containers[0].ports[0].name: container web has the name of the agent's port",
    ]);
    const inInit: PodSpec = {
      containers: [web],
      initContainers: [{ ...migrate, ports: [{ containerPort: 9999 }] }],
    };
    assert.match(problemsOf(inInit)[0] ?? "", /^podSpec.initContainers\[0\].ports\[0\]/);
  });

  it("a pod on the node's network", () => {
    assert.match(problemsOf({ containers: [web], hostNetwork: true })[0] ?? "", /^podSpec.hostNetwork: /);
    assert.deepEqual(problemsOf({ containers: [web], hostNetwork: false }), []);
  });

  it("an ordinary container in a pod that is to complete", () => {
    for (const restartPolicy of ["Never", "OnFailure"]) {
      assert.match(
        problemsOf({ containers: [web], restartPolicy }, container)[0] ?? "",
        /restartPolicy: the agent never ends/,
      );
      assert.deepEqual(problemsOf({ containers: [web], restartPolicy }), []);
    }
    assert.deepEqual(problemsOf({ containers: [web], restartPolicy: "Always" }, container), []);
  });

  it("a sleep that leaves no time to stop", () => {
    const sleeping = { ...container, agent: { shutdown: { preStopSleepSeconds: 30 } } };
    assert.match(
      problemsOf({ containers: [web] }, sleeping)[0] ?? "",
      /terminationGracePeriodSeconds: .* 30 s/,
    );
    assert.deepEqual(problemsOf({ containers: [web], terminationGracePeriodSeconds: 31 }, sleeping), []);
    assert.equal(problemsOf({ containers: [web], terminationGracePeriodSeconds: 10 }, container).length, 1);
    assert.deepEqual(problemsOf({ containers: [web], terminationGracePeriodSeconds: 11 }, container), []);
    assert.deepEqual(problemsOf({ containers: [web], terminationGracePeriodSeconds: 0 }), []);
  });

  it("everything at once, with the place, the reason and the way out", () => {
    const spec: PodSpec = { containers: [{ ...web, ports: [{ containerPort: 9999 }] }], hostNetwork: true };
    assert.throws(() => withSigsciAgent(spec, agent), {
      name: "SidecarRefusal",
      message: [
        "withSigsciAgent: 2 arguments are refused, nothing was changed.",
        "  - podSpec.hostNetwork = true: the agent's port would be a port of the node, and Istio puts no proxy into such a pod that could ask it",
        "    Take hostNetwork away, or leave this workload out.",
        "  - podSpec.containers[0].ports[0].containerPort = 9999: container web has the port on which the agent listens in the same pod",
        "    Give the agent another port: agent.port, and the same for the proxies.",
      ].join("\n"),
    });
  });
});
