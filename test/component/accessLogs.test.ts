import assert from "node:assert/strict";
import * as random from "@pulumi/random";
import { MeshConfigStrategy, SigsciIstioIntegration } from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { listAt, textAt } from "../../src/kubernetes/liveObject";
import { objectsIn } from "../../src/render/clusterObjects";
import { accessLogWarnings } from "../../src/render/accessLogs";
import { meshFacts } from "../../src/render/meshFacts";
import { recordProgram, UNKNOWN } from "../../src/offline/recording";
import type { Recording } from "../../src/offline/recording";
import { cluster, named, recordComponent, smallest } from "./program";

// As Istio's profile `default` writes it: no access log anywhere.
const silent = `defaultConfig:
  discoveryAddress: istiod.istio-system.svc:15012
defaultProviders:
  metrics:
  - prometheus
rootNamespace: istio-system
`;
const toFile = `accessLogFile: /dev/stdout\n${silent}`;
const toOtel = silent.replace("  metrics:", "  accessLogging:\n  - otel\n  - envoy\n  metrics:");

const recorded = (mesh: string, args: Partial<SigsciIstioIntegrationArgs> = {}): Promise<Recording> =>
  recordComponent(args, {
    reads: cluster({
      "istio-system/istio": { text: mesh },
      "istio-system/istio-canary": { text: toFile },
      "istio-system/sigsci-mesh-config": { text: silent },
    }),
  });

function logsOf(recording: Recording): string[] {
  const [entry, ...more] = listAt(named(recording, "waf-web-telemetry").inputs, "spec", "accessLogging");
  assert.deepEqual(more, []);
  return listAt(entry, "providers").map((provider) => textAt(provider, "name") ?? "");
}

describe("the access logs that a Telemetry keeps", () => {
  it("are those of the mesh config: none by default, the built-in one for accessLogFile, else the default providers", async () => {
    assert.deepEqual(logsOf(await recorded(silent)), ["waf-access-log"]);
    assert.deepEqual(logsOf(await recorded(toFile)), ["waf-access-log", "envoy"]);
    assert.deepEqual(logsOf(await recorded(toOtel)), ["waf-access-log", "otel", "envoy"]);
  });

  it("are those of the mesh config that somebody else writes, too", async () => {
    const mesh = { strategy: MeshConfigStrategy.External };
    const { text } = (await recorded(toOtel)).resources
      .filter(({ name }) => name === "waf-mesh-default")
      .map(({ inputs }) => ({ text: textAt(inputs, "data", "mesh") ?? "" }))[0] ?? { text: "" };
    assert.deepEqual(logsOf(await recorded(text, { mesh })), ["waf-access-log", "otel", "envoy"]);
  });

  it("are those of every revision", async () => {
    const mesh = { revisions: ["default", "canary"] };
    assert.deepEqual(logsOf(await recorded(silent, { mesh })), ["waf-access-log", "envoy"]);
  });

  it("are the built-in one where istiod's own mesh config is not read", async () => {
    const mesh = { strategy: MeshConfigStrategy.Shared, createSharedConfigMap: false, checkIstiod: false };
    assert.deepEqual(logsOf(await recorded(silent, { mesh })), ["waf-access-log", "envoy"]);
  });

  it("are those that are given, whatever the mesh config says", async () => {
    const inspection = { keepAccessLogProviders: ["file"] };
    assert.deepEqual(logsOf(await recorded(toOtel, { inspection })), ["waf-access-log", "file"]);
    const none = { keepAccessLogProviders: [] };
    assert.deepEqual(logsOf(await recorded(toFile, { inspection: none })), ["waf-access-log"]);
  });

  it("are not known in a preview that does not know the mesh config yet", async () => {
    const recording = await recordProgram(
      () => {
        const istio = new random.RandomId("istiod", { byteLength: 4 });
        new SigsciIstioIntegration("waf", smallest, { dependsOn: istio });
      },
      { reads: cluster({}), preview: true },
    );
    assert.equal(named(recording, "waf-web-telemetry").inputs.spec, UNKNOWN);
  });
});

describe("render: access logs", () => {
  const warnings = async (
    mesh: string,
    args: Partial<SigsciIstioIntegrationArgs> = {},
    manifests: object[] = [],
  ): Promise<string[]> => {
    const { resources } = await recorded(mesh, args);
    const objects = objectsIn(manifests, "test.yaml");
    return accessLogWarnings(resources, objects, meshFacts([mesh]), "istio-system");
  };
  const kept = (...names: string[]): Partial<SigsciIstioIntegrationArgs> => ({
    inspection: { keepAccessLogProviders: names },
  });
  const added =
    "target web: the access log envoy is not in use there, and would be switched on for its workloads. If that is not " +
    "meant, set `inspection.keepAccessLogProviders` to the logs in use, or to `[]`.";

  it("says nothing where the logs of the mesh are kept", async () => {
    for (const mesh of [silent, toFile, toOtel]) {
      assert.deepEqual(await warnings(mesh), []);
    }
  });

  it("says what preflight says of a list that differs from the mesh text", async () => {
    assert.deepEqual(await warnings(silent, kept("envoy")), [added]);
    assert.deepEqual(await warnings(toOtel, kept("envoy")), [
      "target web: its workloads would no longer write to the access log otel: a Telemetry replaces what it inherits. " +
        'Add "otel" to `inspection.keepAccessLogProviders`.',
    ]);
  });

  it("takes a Telemetry of the given manifests into account, in the default namespace too", async () => {
    const telemetry = {
      apiVersion: "telemetry.istio.io/v1",
      kind: "Telemetry",
      metadata: { name: "mesh-default" },
      spec: { accessLogging: [{ providers: [{ name: "envoy" }] }] },
    };
    assert.deepEqual(await warnings(silent, kept("envoy"), [telemetry]), []);
    const [lost, ...more] = await warnings(silent, {}, [telemetry]);
    assert.match(lost ?? "", /^target web: its workloads would no longer write to the access log envoy: /);
    assert.deepEqual(more, []);
  });

  it("says nothing without a mesh text, without a Telemetry, or where another ConfigMap is written", async () => {
    const { resources } = await recorded(silent, kept("envoy"));
    assert.deepEqual(accessLogWarnings(resources, [], meshFacts([]), "default"), []);
    assert.deepEqual(await warnings(silent, { ...kept("envoy"), teardown: true }), []);
    const mesh = { strategy: MeshConfigStrategy.Shared, createSharedConfigMap: false, checkIstiod: false };
    assert.deepEqual(await warnings(silent, { mesh }), []);
  });
});
