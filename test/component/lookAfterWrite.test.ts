import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { SigsciIstioIntegration } from "../../src";
import { recordProgram } from "../../src/offline/recording";
import type { Recording, RecordOptions } from "../../src/offline/recording";
import { cluster, meshText, named, smallest } from "./program";

const pay = { ...smallest, namespace: "sigsci-pay", targets: [{ name: "pay", namespace: "pay" }] };
const outputs = ["notInspected", "authorizationPolicies", "telemetries", "meshConfigMaps"] as const;
const annotationsOf = (recording: Recording, name: string): Record<string, string> =>
  (named(recording, name).inputs as { metadata: { annotations: Record<string, string> } }).metadata
    .annotations;
const textOf = (recording: Recording, name: string): string =>
  (named(recording, name).inputs as { data: { mesh: string } }).data.mesh;

/** Runs two components as under an engine, which alone looks after its writes, and tells how their outputs end. */
async function outcomes(reads: RecordOptions["reads"]): Promise<Map<string, string>> {
  const ends = new Map<string, string>();
  const program = (): void => {
    // What tells the engine's monitor from that of a recording.
    Reflect.set(pulumi.runtime.getMonitor() ?? {}, "getChannel", () => undefined);
    for (const [name, args] of [
      ["waf", smallest],
      ["pay", pay],
    ] as const) {
      const waf = new SigsciIstioIntegration(name, { ...args, preflight: { enabled: false } });
      for (const output of outputs) {
        // The SDK has the promise, but does not declare it.
        const { promise } = waf[output] as unknown as { promise: () => Promise<unknown> };
        ends.set(`${name}.${output}`, "waits");
        promise.call(waf[output]).then(
          () => ends.set(`${name}.${output}`, "resolved"),
          (error: unknown) => ends.set(`${name}.${output}`, String(error).split("\n")[0] ?? ""),
        );
      }
    }
  };
  await recordProgram(program, { reads, stackTraces: false }).catch(() => undefined);
  return ends;
}

/** A mesh ConfigMap whose text depends on how often it was read. */
function changing(text: (read: number) => string): NonNullable<RecordOptions["reads"]> {
  let read = 0;
  return (type, id) => {
    read += type === "kubernetes:core/v1:ConfigMap" ? 1 : 0;
    return cluster({ [id]: { text: text(read), resourceVersion: String(read) } })(type, id);
  };
}

describe("the look after the write of the mesh", function () {
  this.timeout(60_000);

  it("lets nothing wait for ever when the text cannot be edited any more at the write", async () => {
    const ends = await outcomes(changing((read) => (read > 2 ? "a: [" : meshText)));
    for (const [output, end] of ends) {
      const isPlanned = output.endsWith(".meshConfigMaps");
      assert.match(
        end,
        isPlanned ? /^resolved$/ : /Mesh configuration in ConfigMap istio-system\/istio: /,
        output,
      );
    }
    assert.equal(ends.size, 8);
  });

  it("lets nothing wait for ever when it refuses, in later components neither", async () => {
    // What is written is never seen to be there.
    const ends = await outcomes(changing(() => meshText));
    for (const [output, end] of ends) {
      const isPlanned = output.endsWith(".meshConfigMaps");
      assert.match(end, isPlanned ? /^resolved$/ : /others overwrote it after each of 10 repairs/, output);
    }
    assert.equal(ends.size, 8);
  });
});

describe("the annotations of the mesh ConfigMap", () => {
  const early = (annotations: object): string[] =>
    Object.keys(annotations).filter((key) => key.startsWith("early."));

  it("say of no entry of a component with two revisions that it is early", async () => {
    const reads = cluster({
      "istio-system/istio": { text: meshText },
      "istio-system/istio-canary": { text: meshText },
    });
    const recording = await recordProgram(
      () => {
        new SigsciIstioIntegration("waf", { ...smallest, mesh: { revisions: ["default", "canary"] } });
      },
      { reads },
    );
    for (const name of ["waf-mesh-default", "waf-mesh-canary"]) {
      assert.deepEqual(early(annotationsOf(recording, name)), []);
    }
  });

  it("are those of nobody when two components are torn down", async () => {
    const program = (teardown: boolean) => (): void => {
      new SigsciIstioIntegration("waf", { ...smallest, teardown });
      new SigsciIstioIntegration("pay", { ...pay, teardown });
    };
    const up = await recordProgram(program(false), {
      reads: cluster({ "istio-system/istio": { text: meshText } }),
    });
    const annotations = {
      ...annotationsOf(up, "waf-mesh-default"),
      ...annotationsOf(up, "pay-mesh-default"),
    };
    assert.equal(early(annotations).length, 2);
    const text = textOf(up, "pay-mesh-default");
    const down = await recordProgram(program(true), {
      reads: cluster({ "istio-system/istio": { text, annotations, resourceVersion: "9" } }),
    });
    for (const name of ["waf-mesh-default", "pay-mesh-default"]) {
      assert.deepEqual(Object.keys(annotationsOf(down, name)).sort(), [
        "pulumi.com/patchFieldManager",
        "pulumi.com/patchForce",
      ]);
    }
  });
});
