import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { withSigsciAgent } from "../../../src";
import type { AgentArgs } from "../../../src";
import { ensureNamespace } from "../stack/apply";
import { startCluster } from "../stack/cluster";
import type { Cluster } from "../stack/cluster";
import { admissionObjects, applyPolicies, createdSpec, createPod, namespaces, secretName } from "./admission";
import type { StoredSpec } from "./admission";

/** Texts as they may stand in a value, those that a program or a language gives a meaning among them. */
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 20 }).filter((value) => !value.includes("\0")),
  fc.constantFrom("$(A)", '"', "\\", "\\n", "'''", "${x}", "{{ x }}", "\u2028", "\ud83d\ude00", "a\nb\tc\r"),
);
const label = fc
  .stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/)
  .filter((name) => name !== "sigsci-agent");
const variables = fc.uniqueArray(fc.record({ name: fc.stringMatching(/^[A-Z_]{1,8}$/), value: text }), {
  selector: ({ name }) => name,
  maxLength: 4,
});

/** The agent of a component, with texts of any kind in it. */
const agents: fc.Arbitrary<AgentArgs> = fc.record(
  {
    port: fc.integer({ min: 20_000, max: 30_000 }),
    env: variables.map((list) => list.map(({ name, value }) => ({ name: `X_${name}`, value }))),
    resources: fc.constantFrom<NonNullable<AgentArgs["resources"]>>(
      { requests: { cpu: "500m" }, limits: { cpu: "2", memory: "1Gi", "example.com/gpu": "1" } },
      { limits: { memory: "1Gi" } },
    ),
    temporaryVolume: fc.record({ mountPath: label.map((name) => `/${name}`) }, { requiredKeys: [] }),
    startupProbe: fc.record({ enabled: fc.boolean() }),
    options: fc.record({ clientIpHeader: label }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

const container = fc.record(
  {
    name: label,
    image: fc.constantFrom("web:1", "registry.example/a/b@sha256:" + "0".repeat(64)),
    command: fc.array(text, { maxLength: 3 }),
    env: variables,
    ports: fc.uniqueArray(
      fc.record(
        {
          containerPort: fc.integer({ min: 1, max: 65_535 }),
          protocol: fc.constantFrom("TCP", "UDP"),
        },
        { requiredKeys: ["containerPort"] },
      ),
      { selector: ({ containerPort }) => containerPort, maxLength: 3 },
    ),
    resources: fc.constantFrom({}, { limits: { cpu: "1" }, requests: { cpu: "1" } }),
    securityContext: fc.constantFrom({ runAsUser: 1 }, { readOnlyRootFilesystem: true }),
  },
  { requiredKeys: ["name", "image"] },
);
const native = fc.tuple(container, fc.boolean()).map(([one, isNative]) => ({
  ...one,
  ...(isNative && { restartPolicy: "Always" }),
}));

/** Specs of pods, of which those that the API server refuses anyway do not count. */
const specs = fc
  .record(
    {
      containers: fc.array(container, { minLength: 1, maxLength: 3 }),
      initContainers: fc.array(native, { maxLength: 3 }),
      volumes: fc.uniqueArray(fc.record({ name: label, emptyDir: fc.constant({}) }), {
        selector: ({ name }) => name,
        maxLength: 3,
      }),
      restartPolicy: fc.constantFrom("Always", "OnFailure", "Never"),
      terminationGracePeriodSeconds: fc.integer({ min: 0, max: 90 }),
      nodeSelector: fc.dictionary(label, label, { maxKeys: 2 }),
      hostNetwork: fc.constant(false),
      securityContext: fc.constantFrom({ runAsNonRoot: true }, { fsGroup: 3 }),
      tolerations: fc.constantFrom([], [{ operator: "Exists" }]),
    },
    { requiredKeys: ["containers"] },
  )
  .filter(({ containers, initContainers = [] }) => {
    const all = [...containers, ...initContainers].map(({ name }) => name);
    return new Set(all).size === all.length;
  });

describe("random pods that the API server gives random agents", function () {
  this.timeout(600_000);
  let cluster: Cluster;

  before(async () => {
    cluster = await startCluster();
    for (const namespace of Object.values(namespaces)) {
      await ensureNamespace(cluster.kubeconfig, namespace);
    }
  });
  after(() => cluster.stop());

  /** The agent in front, where the policy puts it; nothing else is moved. */
  const inFront = ({ initContainers = [], ...spec }: StoredSpec): StoredSpec => ({
    ...spec,
    initContainers: [
      ...initContainers.filter(({ name }) => name === "sigsci-agent"),
      ...initContainers.filter(({ name }) => name !== "sigsci-agent"),
    ],
  });

  it("are field by field what withSigsciAgent makes of them, but for the place of the agent", async () => {
    let compared = 0;
    for (const agent of fc.sample(agents, { numRuns: 15, seed: 17 })) {
      await applyPolicies(cluster.kubeconfig, await admissionObjects({}, { agent }));
      const property = fc.asyncProperty(specs, async (spec) => {
        const added: object = await known(
          withSigsciAgent(spec as never, { secret: { name: secretName }, agent }),
        );
        const other = await createPod(cluster.kubeconfig, added, { namespace: namespaces.other });
        // What is refused in every way, such as a command that is no text, is none of ours.
        fc.pre("spec" in other);
        const ours = await createdSpec(cluster.kubeconfig, spec);
        assert.deepEqual(ours, inFront(other.spec));
        compared += 1;
      });
      await fc.assert(property, { numRuns: 20 });
    }
    assert.ok(compared >= 300, `${compared} pods were compared`);
  });
});

/** The value of what may be an Output. */
function known<T>(value: T): Promise<pulumi.Unwrap<T>> {
  return new Promise((resolve) => pulumi.output(value).apply(resolve));
}
