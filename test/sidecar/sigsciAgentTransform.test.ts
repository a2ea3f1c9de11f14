import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { SidecarAgentArgs } from "../../src/args/sidecar";
import { SidecarForm } from "../../src/args/sidecar";
import { SidecarRefusal } from "../../src/sidecar/refusal";
import { sigsciAgentTransform } from "../../src/sidecar/sigsciAgentTransform";
import type { SigsciAgentTransformArgs } from "../../src/sidecar/sigsciAgentTransform";
import { resolved } from "../agent/resolved";
import { agentVolume, nativeAgent } from "./expected";

type Props = Record<string, unknown>;

const agent: SidecarAgentArgs = { secret: { name: "sigsci.shop" } };
const args: SigsciAgentTransformArgs = { matchLabels: { app: "web" }, namespaces: ["shop", "pay"], agent };
const template = (labels: unknown = { app: "web", team: "shop" }): Props => ({
  metadata: { labels },
  spec: { containers: [{ name: "web", image: "web:1" }] },
});
const withAgent = (labels?: unknown): Props => ({
  ...template(labels),
  spec: {
    containers: [{ name: "web", image: "web:1" }],
    initContainers: [nativeAgent],
    volumes: [agentVolume],
  },
});
const deployment = (inner: Props = template(), namespace: unknown = "shop"): Props => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace },
  spec: { replicas: 2, template: inner },
});

/** The properties after the transform; undefined when it leaves the resource alone. */
function run(type: string, props: Props, given = args): unknown {
  const opts = { protect: true };
  const result = sigsciAgentTransform(given)({ custom: true, type, name: "web", props, opts });
  assert.ok(!(result instanceof Promise));
  if (result === undefined) {
    return undefined;
  }
  assert.equal(result.opts, opts);
  return result.props;
}

const deploymentType = "kubernetes:apps/v1:Deployment";

describe("sigsciAgentTransform", () => {
  it("adds the agent to a workload with the labels, and changes nothing else", () => {
    const given = deployment();
    const before = structuredClone(given);
    assert.deepEqual(run(deploymentType, given), { ...deployment(withAgent()) });
    assert.deepEqual(given, before);
  });

  for (const type of [
    "kubernetes:apps/v1:StatefulSet",
    "kubernetes:apps/v1:DaemonSet",
    "kubernetes:apps/v1:ReplicaSet",
    "kubernetes:batch/v1:Job",
    "kubernetes:core/v1:ReplicationController",
    "kubernetes:argoproj.io/v1alpha1:Rollout",
    "kubernetes:apps.openshift.io/v1:DeploymentConfig",
    "kubernetes:apps.kruise.io/v1alpha1:CloneSet",
  ]) {
    it(`knows the template of ${type}`, () => {
      assert.deepEqual(run(type, deployment()), deployment(withAgent()));
    });
  }

  it("knows the templates of a CronJob and of a Pod", () => {
    const metadata = { namespace: "pay" };
    const cronJob = (inner: Props): Props => ({
      metadata,
      spec: { jobTemplate: { spec: { template: inner } } },
    });
    assert.deepEqual(run("kubernetes:batch/v1:CronJob", cronJob(template())), cronJob(withAgent()));
    const pod = (inner: Props): Props => ({ ...inner, metadata: { ...metadata, labels: { app: "web" } } });
    assert.deepEqual(run("kubernetes:core/v1:Pod", pod(template())), pod(withAgent()));
  });

  it("leaves other resources alone, and patches of workloads", () => {
    const types = [
      "kubernetes:core/v1:Service",
      "kubernetes:apps/v1:DeploymentPatch",
      "kubernetes:apps/v1:DeploymentList",
      "kubernetes:example.com/v1:Deployment",
      "kubernetes:apps/v1:constructor",
      "sigsci-istio:index:SigsciIstioIntegration",
      "pulumi:pulumi:Stack",
    ];
    for (const type of types) {
      assert.equal(run(type, deployment()), undefined, type);
    }
  });

  it("leaves workloads with other labels alone, wherever they are", () => {
    for (const labels of [{ app: "shop" }, {}, undefined, { team: "web" }]) {
      assert.equal(run(deploymentType, deployment(template(labels ?? {}), "elsewhere")), undefined);
    }
    // The labels of the workload itself are not those of its pods.
    const onWorkload = {
      ...deployment(template({})),
      metadata: { namespace: "shop", labels: { app: "web" } },
    };
    assert.equal(run(deploymentType, onWorkload), undefined);
    assert.equal(
      run("kubernetes:argoproj.io/v1alpha1:Rollout", { spec: { workloadRef: { name: "web" } } }),
      undefined,
    );
  });

  it("wants all of the labels", () => {
    const two = { ...args, matchLabels: { app: "web", team: "pay" } };
    assert.equal(run(deploymentType, deployment(), two), undefined);
    assert.notEqual(
      run(deploymentType, deployment(), { ...two, matchLabels: { app: "web", team: "shop" } }),
      undefined,
    );
  });

  it("changes nothing where the agent is already", () => {
    const once = deployment(withAgent());
    assert.deepEqual(run(deploymentType, once), once);
  });

  it("refuses a workload with the labels in another namespace", () => {
    assert.throws(() => run(deploymentType, deployment(template(), "other")), {
      name: "SidecarRefusal",
      message: [
        'sigsciAgentTransform: Deployment "web": 1 argument is refused, nothing was changed.',
        "  - metadata.namespace = 'other': its pods have the labels, and the Secret with the keys is in shop, pay only",
        "    Create the Secret there and add the namespace, or choose labels that leave it out.",
      ].join("\n"),
    });
    const none = { ...deployment(), metadata: { name: "web" } };
    assert.throws(
      () => run(deploymentType, none),
      /Write the namespace: that of a provider is not seen here/,
    );
  });

  it("refuses a pod that cannot take the agent", () => {
    const taken = {
      ...template(),
      spec: { containers: [{ name: "web", ports: [{ containerPort: 9999 }] }] },
    };
    assert.throws(
      () => run(deploymentType, deployment(taken)),
      /Deployment "web": 1 .*\n {2}- spec\.template\.spec\.containers\[0\]\.ports\[0\]\.containerPort = 9999/,
    );
    const job = { ...template(), spec: { containers: [], restartPolicy: "Never" } };
    const ordinary = { ...args, agent: { ...agent, form: SidecarForm.Container } };
    assert.throws(() => run("kubernetes:batch/v1:Job", deployment(job), ordinary), /restartPolicy = 'Never'/);
  });

  it("takes what is known only later", async () => {
    const cases: [Props, SigsciAgentTransformArgs?][] = [
      [deployment(template(), pulumi.output("shop"))],
      [deployment(), { ...args, namespaces: [pulumi.output("shop")] }],
      [{ ...deployment(), metadata: pulumi.output({ name: "web", namespace: "shop" }) }],
      [deployment(template(pulumi.output({ app: "web", team: "shop" })))],
      [{ ...deployment(), spec: pulumi.output({ replicas: 2, template: template() }) }],
      [deployment({ ...template(), spec: pulumi.output({ containers: [{ name: "web", image: "web:1" }] }) })],
    ];
    for (const [props, given] of cases) {
      const result = await resolved(run(deploymentType, props, given));
      assert.deepEqual(result, deployment(withAgent()));
    }
    const others = deployment(template(pulumi.output({ app: "shop" })));
    assert.deepEqual(await resolved(run(deploymentType, others)), deployment(template({ app: "shop" })));
  });

  it("keeps secret what the engine hands on as a secret", async () => {
    const mark = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
    const result = run(deploymentType, { ...deployment(), spec: { ...mark, value: deployment().spec } }) as {
      spec: pulumi.Output<unknown>;
    };
    assert.ok(await pulumi.isSecret(result.spec));
    assert.deepEqual(await resolved(result.spec), deployment(withAgent()).spec);
  });

  it("leaves open in a preview what the engine does not know yet", async () => {
    const result = run(deploymentType, deployment(template(), pulumi.unknown)) as Props;
    const { spec } = (result.spec as { template: { spec: { initContainers: unknown[]; volumes: unknown } } })
      .template;
    const [container] = spec.initContainers;
    assert.ok(pulumi.Output.isInstance(container));
    // The SDK declares the promise on the implementation only.
    assert.equal(await (container as unknown as { isKnown: Promise<boolean> }).isKnown, false);
    assert.deepEqual(spec.volumes, [agentVolume]);
  });

  it("refuses arguments that would add the agent everywhere or nowhere", () => {
    const problems = (given: SigsciAgentTransformArgs): string[] => {
      try {
        sigsciAgentTransform(given);
      } catch (error) {
        assert.ok(error instanceof SidecarRefusal, String(error));
        return error.problems.map(({ path, reason }) => `${path}: ${reason}`);
      }
      return [];
    };
    // A program without type checks may leave anything out.
    const partial = (given: unknown): string[] => problems(given as SigsciAgentTransformArgs);
    assert.deepEqual(partial(undefined), ["(arguments): it must be an object"]);
    assert.deepEqual(partial({ ...args, namespaces: undefined }), [
      "namespaces: it is missing, and has no default",
    ]);
    assert.deepEqual(partial({ ...args, matchLabels: undefined }), [
      "matchLabels: it is missing, and has no default",
    ]);
    assert.deepEqual(problems({ ...args, matchLabels: {}, namespaces: [] }), [
      "matchLabels: without labels every workload would get the agent",
      "namespaces: no namespace has the Secret",
    ]);
    assert.deepEqual(partial({ ...args, matchLabels: {}, namespaces: "shop" }), [
      "matchLabels: without labels every workload would get the agent",
      "namespaces: it must be a list",
    ]);
    assert.deepEqual(
      problems({
        matchLabels: { "a b": "-" },
        namespaces: ["Shop"],
        agent: { secret: { name: "sigsci.shop" }, agent: { replicas: 2 } },
      }).map((text) => text.split(": ")[0]),
      ['matchLabels["a b"]', 'matchLabels["a b"]', "namespaces[0]", "agent.agent.replicas"],
    );
  });
});
