import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { MeshConfigStrategy, SigsciIstioIntegration } from "../../src";
import { editedAnnotation } from "../../src/kubernetes/ownership";
import { recordProgram, UNKNOWN } from "../../src/offline/recording";
import type { Recording } from "../../src/offline/recording";
import {
  cluster,
  defaultCluster,
  dependencies,
  keys,
  meshText,
  named,
  recordComponent,
  smallest,
} from "./program";

const owner = "project/stack/waf";
const edited = editedAnnotation(owner);
// Derived from the logical name, so the same in every run.
const id = "e6e672425d27afed";
const mark = `${owner}#${id}`;
const force = {
  "pulumi.com/patchForce": "true",
  "pulumi.com/patchFieldManager": `pulumi-sigsci-istio-${id}`,
};
const marks = {
  "owner.pulumi-sigsci-istio/waf-ext-authz": mark,
  "owner.pulumi-sigsci-istio/waf-access-log": mark,
};
const definitions = {
  "entry.pulumi-sigsci-istio/waf-ext-authz":
    '{"name":"waf-ext-authz","envoyExtAuthzGrpc":{"service":"waf-agent.sigsci.svc.cluster.local","port":9999,' +
    '"timeout":"200ms","failOpen":true,' +
    '"includeRequestBodyInCheck":{"maxRequestBytes":100000,"allowPartialMessage":true,"packAsBytes":true}}}',
  "entry.pulumi-sigsci-istio/waf-access-log":
    '{"name":"waf-access-log","envoyHttpAls":{"service":"waf-agent.sigsci.svc.cluster.local","port":9999,' +
    '"additionalRequestHeadersToLog":["x-sigsci-request-id","x-sigsci-waf-response","accept","content-type","content-length"],' +
    '"additionalResponseHeadersToLog":["date","server","content-type","content-length"]}}',
};

interface Patch {
  metadata: { name: string; namespace: string; annotations: Record<string, string> };
  data: { mesh: string };
}
// The stand-in for the provider echoes what the component registers, and the tests assert its fields.
const patchOf = (recording: Recording, name = "waf-mesh-default"): Patch =>
  named(recording, name).inputs as unknown as Patch;
const istio = (options?: pulumi.CustomResourceOptions): random.RandomId =>
  new random.RandomId("istiod", { byteLength: 4 }, options);
/** A component of the program whose child is a component that installs Istio. */
const installation = (): pulumi.ComponentResource => {
  const outer = new pulumi.ComponentResource("test:index:Outer", "outer");
  const inner = new pulumi.ComponentResource("test:index:Inner", "inner", {}, { parent: outer });
  istio({ parent: inner });
  return outer;
};
const infos = (recording: Recording): string[] => recording.logs.map(({ message }) => message);

describe("the patch of the mesh ConfigMap", () => {
  it("writes the edited text, the marks and the live version", async () => {
    const recording = await recordComponent();
    const { outputs } = named(recording, "waf");
    assert.deepEqual(patchOf(recording), {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "istio",
        namespace: "istio-system",
        annotations: { ...force, ...marks, ...definitions, [edited]: "7" },
      },
      data: {
        mesh: [
          "rootNamespace: istio-system",
          "extensionProviders: # list added by sigsci-istio",
          "- name: waf-ext-authz",
          "  envoyExtAuthzGrpc:",
          "    service: waf-agent.sigsci.svc.cluster.local",
          "    port: 9999",
          "    timeout: 200ms",
          "    failOpen: true",
          "    includeRequestBodyInCheck:",
          "      maxRequestBytes: 100000",
          "      allowPartialMessage: true",
          "      packAsBytes: true",
          "- name: waf-access-log",
          "  envoyHttpAls:",
          "    service: waf-agent.sigsci.svc.cluster.local",
          "    port: 9999",
          "    additionalRequestHeadersToLog:",
          "    - x-sigsci-request-id",
          "    - x-sigsci-waf-response",
          "    - accept",
          "    - content-type",
          "    - content-length",
          "    additionalResponseHeadersToLog:",
          "    - date",
          "    - server",
          "    - content-type",
          "    - content-length",
          "",
        ].join("\n"),
      },
    });
    assert.equal(outputs.extAuthzProviderName, "waf-ext-authz");
  });

  it("can be read, although all that is read of the ConfigMap is secret to the engine", async () => {
    const external = { strategy: MeshConfigStrategy.External };
    const shared = { strategy: MeshConfigStrategy.Shared, createSharedConfigMap: false, checkIstiod: false };
    for (const mesh of [{}, external, shared]) {
      const reads = cluster({
        "istio-system/istio": { text: patchOf(await recordComponent()).data.mesh },
        "istio-system/sigsci-mesh-config": { text: meshText },
      });
      const { resources, secrets } = await recordComponent({ mesh }, { reads });
      const live = resources.filter(({ type, isRead }) => isRead && type === "kubernetes:core/v1:ConfigMap");
      assert.ok(live.length > 0);
      for (const { name, options } of live) {
        assert.deepEqual(options.additionalSecretOutputs, ["data", "metadata"], name);
      }
      const hidden = [...secrets].filter((secret) => !Object.values(keys).includes(secret));
      assert.deepEqual(hidden, [], JSON.stringify(mesh));
    }
  });

  it("is announced with one line for each provider", async () => {
    const recording = await recordComponent();
    assert.deepEqual(recording.logs, [
      {
        severity: "info",
        message:
          "istio-system/istio: waf-ext-authz added: checks by waf-agent.sigsci.svc.cluster.local:9999, " +
          "100000 bytes of body, fails open after 200ms",
        urn: named(recording, "waf").urn,
      },
      {
        severity: "info",
        message:
          "istio-system/istio: waf-access-log added: access log to waf-agent.sigsci.svc.cluster.local:9999",
        urn: named(recording, "waf").urn,
      },
    ]);
  });

  describe("in the next run", () => {
    const after = async (change: {
      text?: string;
      annotations?: Record<string, string>;
    }): Promise<Recording> => {
      const { data, metadata } = patchOf(await recordComponent());
      const { annotations } = metadata;
      const mesh = { text: data.mesh, annotations, resourceVersion: "9", ...change };
      return recordComponent({}, { reads: cluster({ "istio-system/istio": mesh }) });
    };

    it("is the same when nothing changed in the cluster, and nothing is said", async () => {
      const first = await recordComponent();
      const next = await after({});
      assert.deepEqual(named(next, "waf-mesh-default").inputs, named(first, "waf-mesh-default").inputs);
      assert.deepEqual(infos(next), []);
    });

    it("differs when somebody restored the text, and says so", async () => {
      const first = await recordComponent();
      const next = await after({ text: meshText });
      assert.equal(patchOf(next).data.mesh, patchOf(first).data.mesh);
      assert.deepEqual(patchOf(next).metadata.annotations, {
        ...force,
        ...marks,
        ...definitions,
        [edited]: "9",
      });
      assert.match(
        infos(next)[0] ?? "",
        /^istio-system\/istio: waf-ext-authz restored, somebody removed it: /,
      );
    });

    it("differs when somebody changed an entry, and names the field", async () => {
      const { data } = patchOf(await recordComponent());
      const next = await after({ text: data.mesh.replace("failOpen: true", "failOpen: false") });
      assert.equal(patchOf(next).data.mesh, data.mesh);
      assert.equal(patchOf(next).metadata.annotations[edited], "9");
      assert.equal(
        infos(next)[0],
        "istio-system/istio: waf-ext-authz changed: envoyExtAuthzGrpc.failOpen: false -> true",
      );
    });

    it("keeps what somebody else changed", async () => {
      const { data } = patchOf(await recordComponent());
      const text = `accessLogFile: /dev/stdout\n${data.mesh}`;
      const next = await after({ text });
      assert.equal(patchOf(next).data.mesh, text);
      assert.equal(patchOf(next).metadata.annotations[edited], "7");
    });

    it("takes the live version when the marker was removed", async () => {
      const { annotations } = patchOf(await recordComponent()).metadata;
      const left = Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== edited));
      assert.equal(patchOf(await after({ annotations: left })).metadata.annotations[edited], "9");
    });
  });

  for (const [what, key, mesh] of [
    ["a definition was removed", "entry.pulumi-sigsci-istio/waf-ext-authz", {}],
    [
      "a mark was removed and the entry is adopted",
      "owner.pulumi-sigsci-istio/waf-ext-authz",
      { adopt: true },
    ],
  ] as const) {
    it(`differs when ${what}, so that it is written again`, async () => {
      const { data, metadata } = patchOf(await recordComponent());
      const left = Object.fromEntries(Object.entries(metadata.annotations).filter(([one]) => one !== key));
      const reads = cluster({
        "istio-system/istio": { text: data.mesh, annotations: left, resourceVersion: "9" },
      });
      const next = await recordComponent({ mesh }, { reads });
      assert.equal(patchOf(next).data.mesh, data.mesh);
      assert.deepEqual(patchOf(next).metadata.annotations, {
        ...force,
        ...marks,
        ...definitions,
        [edited]: "9",
      });
      if ("adopt" in mesh) {
        assert.equal(infos(next)[0], "istio-system/istio: waf-ext-authz adopted: same content");
      }
    });
  }

  it("takes over the mark of an earlier component of its name with a value of its own", async () => {
    const { data, metadata } = patchOf(await recordComponent());
    const earlier = Object.fromEntries(
      Object.entries(metadata.annotations).map(([key, value]) => [
        key,
        key.startsWith("owner.") ? value.replace(/#.*/, "#0123456789abcdef") : value,
      ]),
    );
    const reads = cluster({
      "istio-system/istio": { text: data.mesh, annotations: earlier, resourceVersion: "9" },
    });
    const next = await recordComponent({ mesh: { adopt: true } }, { reads });
    assert.deepEqual(patchOf(next).metadata.annotations, {
      ...force,
      ...marks,
      ...definitions,
      [edited]: "9",
    });
  });

  it("keeps what somebody else writes while the agent rolls out", async () => {
    const before = cluster({ "istio-system/istio": { text: meshText } });
    const meanwhile = cluster({
      "istio-system/istio": { text: `accessLogFile: /dev/stdout\n${meshText}`, resourceVersion: "8" },
    });
    let reads = 0;
    const recording = await recordComponent(
      {},
      { reads: (type, id) => (reads++ === 0 ? before : meanwhile)(type, id) },
    );
    assert.equal(reads, 2);
    assert.match(
      patchOf(recording).data.mesh,
      /^accessLogFile: \/dev\/stdout\nrootNamespace: istio-system\n/,
    );
    assert.equal(patchOf(recording).metadata.annotations[edited], "8");
  });

  it("takes the entries and the marks out in teardown", async () => {
    const { data, metadata } = patchOf(await recordComponent());
    const mesh = { text: data.mesh, annotations: metadata.annotations, resourceVersion: "9" };
    const reads = cluster({ "istio-system/istio": mesh });
    const recording = await recordComponent({ teardown: true }, { reads });
    assert.deepEqual(patchOf(recording).metadata.annotations, force);
    assert.equal(patchOf(recording).data.mesh, meshText);
    assert.deepEqual(infos(recording), [
      "istio-system/istio: waf-access-log removed. `pulumi destroy` may follow.",
      "istio-system/istio: waf-ext-authz removed. `pulumi destroy` may follow.",
    ]);
  });
});

describe("the mesh ConfigMaps that are edited", () => {
  it("are those of all revisions, each with its own text", async () => {
    const reads = cluster({
      "istio-system/istio": { text: "a: 1\n" },
      "istio-system/istio-1-31": { text: "b: 2\n", resourceVersion: "12" },
    });
    const recording = await recordComponent({ mesh: { revisions: ["default", "1-31"] } }, { reads });
    const one = patchOf(recording, "waf-mesh-default");
    const other = patchOf(recording, "waf-mesh-1-31");
    assert.ok(one.data.mesh.startsWith("a: 1\nextensionProviders:"));
    assert.ok(other.data.mesh.startsWith("b: 2\nextensionProviders:"));
    assert.equal(one.metadata.name, "istio");
    assert.equal(other.metadata.name, "istio-1-31");
    assert.equal(other.metadata.annotations[edited], "12");
    const { meshConfigMaps } = named(recording, "waf").outputs;
    assert.deepEqual(meshConfigMaps, ["istio-system/istio", "istio-system/istio-1-31"]);
  });

  it("are the one that is named, in a namespace that may be an Output", async () => {
    const reads = cluster({ "mesh/custom": { text: "a: 1\n" } });
    const mesh = { istioNamespace: pulumi.output("mesh"), configMapName: "custom" };
    const recording = await recordComponent({ mesh }, { reads });
    assert.deepEqual(named(recording, "waf").outputs.meshConfigMaps, ["mesh/custom"]);
    assert.equal(patchOf(recording).metadata.namespace, "mesh");
    assert.equal(patchOf(recording).metadata.name, "custom");
    assert.equal(named(recording, "waf-mesh-default-live").id, "mesh/custom");
  });
});

describe("the first preview", () => {
  it("of the engine refuses what the update would: entries of an earlier component of this name", async () => {
    const { data, metadata } = patchOf(await recordComponent());
    const reads = cluster({ "istio-system/istio": { text: data.mesh, annotations: metadata.annotations } });
    const preview = (adopt: boolean): Promise<Recording> =>
      recordProgram(
        () => {
          // What tells the engine's monitor from that of a recording.
          Reflect.set(pulumi.runtime.getMonitor() ?? {}, "getChannel", () => undefined);
          new SigsciIstioIntegration("waf", { ...smallest, mesh: { adopt }, preflight: { enabled: false } });
        },
        { reads, preview: true },
      );
    await assert.rejects(
      preview(false),
      /provider waf-ext-authz \(line 3 of the text\) carries the mark of an earlier/,
    );
    assert.equal(patchOf(await preview(true)).data.mesh, data.mesh);
  });

  it("shows the whole text and every line, although the id is not known yet", async () => {
    const up = await recordComponent();
    const preview = await recordComponent({}, { preview: true });
    assert.deepEqual(patchOf(preview).data, patchOf(up).data);
    assert.deepEqual(infos(preview), infos(up));
    assert.deepEqual(patchOf(preview).metadata.annotations, {
      "pulumi.com/patchForce": "true",
      "pulumi.com/patchFieldManager": UNKNOWN,
      "owner.pulumi-sigsci-istio/waf-ext-authz": UNKNOWN,
      "owner.pulumi-sigsci-istio/waf-access-log": UNKNOWN,
      ...definitions,
      [edited]: "7",
    });
    const { secretName, extensionProviders, authorizationPolicies } = named(preview, "waf").outputs;
    assert.equal(secretName, UNKNOWN);
    assert.deepEqual(authorizationPolicies, UNKNOWN);
    assert.deepEqual(extensionProviders, named(up, "waf").outputs.extensionProviders);
    const { metadata } = named(preview, "waf-secret").inputs as { metadata: { name: unknown } };
    assert.equal(metadata.name, UNKNOWN);
  });

  describe("of a program that installs Istio itself", () => {
    const program = (): void => {
      new SigsciIstioIntegration("waf", smallest, { dependsOn: istio() });
    };

    it("does not read the ConfigMap, says nothing about it, and knows the name of what is patched", async () => {
      const preview = await recordProgram(program, { preview: true, reads: cluster({}) });
      assert.deepEqual(preview.logs, []);
      assert.equal(named(preview, "waf-mesh-default-live").id, undefined);
      const { data, metadata } = patchOf(preview);
      assert.deepEqual(data, { mesh: UNKNOWN });
      assert.deepEqual(metadata, { namespace: "istio-system", name: "istio", annotations: UNKNOWN });
      assert.deepEqual(named(preview, "waf").outputs.meshConfigMaps, ["istio-system/istio"]);
    });

    for (const [title, dependsOn] of [
      ["a list", (): pulumi.Input<pulumi.Resource>[] => [pulumi.output(istio())]],
      ["an Output", (): pulumi.Output<pulumi.Resource[]> => pulumi.output([istio()])],
      ["a component with components in it", (): pulumi.Resource => installation()],
    ] as const) {
      it(`waits for what installs Istio when it is in ${title}`, async () => {
        const inParts = (): void => {
          new SigsciIstioIntegration("waf", smallest, { dependsOn: dependsOn() });
        };
        const preview = await recordProgram(inParts, { preview: true, reads: cluster({}) });
        assert.equal(named(preview, "waf-mesh-default-live").id, undefined);
        const up = await recordProgram(inParts, { reads: defaultCluster });
        assert.equal(named(up, "waf-mesh-default-live").id, "istio-system/istio");
        assert.deepEqual(dependencies(up, "waf"), ["istiod"]);
      });
    }

    it("is followed by an update that reads it once Istio is there", async () => {
      const up = await recordProgram(program, { reads: defaultCluster });
      assert.equal(named(up, "waf-mesh-default-live").id, "istio-system/istio");
      assert.deepEqual(dependencies(up, "waf-service"), ["waf-id", "waf-mesh-default-live", "waf-namespace"]);
      assert.deepEqual(dependencies(up, "waf"), ["istiod"]);
      assert.ok(dependencies(up, "waf-mesh-default").includes("waf-mesh-default-live"));
      assert.deepEqual(patchOf(up).data, patchOf(await recordComponent()).data);
    });
  });
});
