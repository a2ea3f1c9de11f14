import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { parse, stringify } from "yaml";
import {
  extensionProviderDefinitions,
  MeshConfigStrategy,
  Placement,
  SigsciIstioIntegration,
} from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { recordProgram } from "../../src/offline/recording";
import type { Recording } from "../../src/offline/recording";
import { Refusal } from "../../src/pulumi/refusal";
import { standInAnnotation } from "../../src/kubernetes/standIn";
import { cluster, dependencies, meshText, named, recordComponent, recordRefusal, smallest } from "./program";

const external: Partial<SigsciIstioIntegrationArgs> = { mesh: { strategy: MeshConfigStrategy.External } };
const { extensionProviders } = extensionProviderDefinitions("waf");
const textWith = (...providers: unknown[]): string => meshText + stringify({ extensionProviders: providers });
const meshWith = (text: string, annotations?: Record<string, string>): ReturnType<typeof cluster> =>
  cluster({ "istio-system/istio": { text, ...(annotations && { annotations }) } });
const complete = meshWith(textWith(...extensionProviders));
const logged = (recording: Recording, severity: string): string[] =>
  recording.logs.filter((one) => one.severity === severity).map(({ message }) => message);

describe("the definitions of the providers", () => {
  // Programs without type checks may give anything.
  const define = extensionProviderDefinitions as (...given: unknown[]) => unknown;

  it("refuse arguments that are no object", () => {
    assert.throws(() => define("waf", null), {
      constructor: Refusal,
      message:
        'extensionProviderDefinitions "waf": 1 argument is refused, nothing was changed.\n' +
        "  - (arguments) = null: it must be an object\n    Write { mesh: { strategy: MeshConfigStrategy.Patch } }.",
    });
  });

  it("ask for a name where there is none", () => {
    const right = '\n    Write extensionProviderDefinitions("waf", { … }).';
    const missing = "extensionProviderDefinitions: the name of the component is missing, ";
    assert.throws(() => define({}), { message: `${missing}the arguments stand in its place.${right}` });
    assert.throws(() => define(), { message: `${missing}it is undefined.${right}` });
  });
});

describe("a component with the strategy External", () => {
  it("writes nothing into a mesh that has its providers, and says nothing", async () => {
    const recording = await recordComponent(external, { reads: complete });
    assert.deepEqual(recording.logs, []);
    assert.deepEqual(
      recording.resources.filter(({ type, isRead }) => type.includes("ConfigMap") && !isRead),
      [],
    );
    const { meshConfigMaps, extensionProviders: output, helmValuesYaml } = named(recording, "waf").outputs;
    assert.deepEqual(meshConfigMaps, []);
    assert.deepEqual(output, extensionProviders);
    assert.deepEqual(parse(String(helmValuesYaml)), { meshConfig: { extensionProviders } });
  });

  it("creates the agent once the mesh is judged, and the policies behind the agent", async () => {
    const recording = await recordComponent(external, { reads: complete });
    assert.deepEqual(dependencies(recording, "waf-namespace"), ["waf-mesh-default-live"]);
    for (const name of ["waf-web-policy", "waf-web-telemetry"]) {
      assert.deepEqual(dependencies(recording, name), [
        "waf-deployment",
        "waf-mesh-default-live",
        "waf-service",
      ]);
    }
  });

  it("refuses in an update what would answer 403, and creates nothing", async () => {
    const run = await recordRefusal(
      () => {
        new SigsciIstioIntegration("waf", { ...smallest, ...external });
      },
      { reads: meshWith(textWith(extensionProviders[1])) },
    );
    assert.deepEqual(run.registered, ["waf", "waf-id"]);
    assert.equal(
      run.message,
      "Mesh configuration in ConfigMap istio-system/istio: provider waf-ext-authz is missing: with the policies in " +
        "place Istio answers 403 to every request that they match, also with `failOpen`.\n" +
        "    Put the entries of the output `helmValuesYaml` or `istioOperatorYaml` into the values of your Istio " +
        "installation and roll it out first.\n    Nothing was written.",
    );
  });

  it("warns of the same in a preview and goes on", async () => {
    const recording = await recordComponent(external, { reads: meshWith(meshText), preview: true });
    const [log, authorizer, ...others] = logged(recording, "warning");
    assert.deepEqual(others, []);
    assert.match(
      log ?? "",
      /^Mesh configuration in ConfigMap istio-system\/istio: provider waf-access-log is missing/,
    );
    assert.match(
      authorizer ?? "",
      /provider waf-ext-authz is missing: .*\. `pulumi up` stops here as long as it is so\.\n {4}Put the entries/,
    );
    assert.ok(named(recording, "waf-web-policy"));
  });

  it("warns only of a text that stands in for the live one, as offline", async () => {
    const reads = meshWith(meshText, { [standInAnnotation]: "offline" });
    assert.equal(logged(await recordComponent(external, { reads }), "warning").length, 2);
  });

  it("warns of other values and of a missing log, and creates everything", async () => {
    const [authorizer] = extensionProviders;
    const slow = { ...authorizer, envoyExtAuthzGrpc: { ...authorizer?.envoyExtAuthzGrpc, timeout: "5s" } };
    const recording = await recordComponent(external, { reads: meshWith(textWith(slow)) });
    assert.deepEqual(
      logged(recording, "warning").map((one) => /provider (\S+ \S+)/.exec(one)?.[1]),
      ["waf-ext-authz differs", "waf-access-log is"],
    );
    assert.ok(named(recording, "waf-web-policy"));
  });

  it("judges every revision", async () => {
    const reads = cluster({
      "istio-system/istio": { text: textWith(...extensionProviders) },
      "istio-system/istio-canary": { text: meshText },
    });
    const run = await recordRefusal(
      () => {
        const mesh = { ...external.mesh, revisions: ["default", "canary"] };
        new SigsciIstioIntegration("waf", { ...smallest, mesh });
      },
      { reads },
    );
    assert.match(run.message, /^Mesh configuration in ConfigMap istio-system\/istio-canary: /);
  });

  it("says in teardown what to take out by hand, until nothing is left", async () => {
    const teardown = { ...external, teardown: true };
    const recording = await recordComponent(teardown, { reads: complete });
    assert.deepEqual(logged(recording, "info"), [
      "istio-system/istio: once this update is done, take waf-ext-authz and waf-access-log out of " +
        "`meshConfig.extensionProviders` in the values of your Istio installation. `pulumi destroy` may follow at any time.",
    ]);
    assert.deepEqual(named(recording, "waf-web-policy").inputs.spec, {
      action: "AUDIT",
      selector: { matchLabels: { app: "web" } },
    });
    assert.deepEqual(logged(await recordComponent(teardown, { reads: meshWith(meshText) }), "info"), [
      "istio-system/istio: nothing of this component is left. `pulumi destroy` may follow.",
    ]);
  });

  it("waits for the ConfigMap in a program that installs Istio with the definitions", async () => {
    const program = (): void => {
      const { helmValues } = extensionProviderDefinitions("waf");
      const istiod = new k8s.helm.v3.Release("istiod", { chart: "istiod", values: helmValues });
      new SigsciIstioIntegration("waf", { ...smallest, ...external }, { dependsOn: istiod });
    };
    const preview = await recordProgram(program, { reads: complete, preview: true });
    assert.deepEqual(preview.logs, []);
    assert.equal(named(preview, "waf-mesh-default-live").id, undefined);
    const up = await recordProgram(program, { reads: complete });
    assert.deepEqual(up.logs, []);
    assert.ok(dependencies(up, "waf-service").includes("waf-mesh-default-live"));
    assert.deepEqual(dependencies(up, "waf"), ["istiod"]);
  });
});

describe("extensionProviderDefinitions", () => {
  it("gives what the component will need, for the same arguments", async () => {
    for (const args of [
      {},
      {
        namespace: "waf",
        agent: { name: "agent", expectResponseData: false },
        inspection: { failOpen: false },
      },
      { mesh: { clusterDomain: "example.org", providerNames: { extAuthz: "edge" } } },
      { placement: Placement.NodeLocal, inspection: { body: { enabled: false } } },
    ]) {
      const recording = await recordComponent(args);
      assert.deepEqual(
        extensionProviderDefinitions("waf", args).extensionProviders,
        named(recording, "waf").outputs.extensionProviders,
      );
    }
  });

  it("refuses everything at once, beside a wrong type too", () => {
    const args: unknown = { agent: { name: "Waf" }, inspection: { timeout: 5, statusOnError: 503 } };
    assert.throws(
      () => extensionProviderDefinitions("waf", args as { namespace?: string }),
      ({ message }: Error) => {
        assert.deepEqual(
          [...message.matchAll(/^ {2}- (\S+) = /gm)].map(([, path]) => path),
          ["agent.name", "inspection.timeout", "inspection.statusOnError"],
        );
        return true;
      },
    );
  });

  it("refuses what the component would refuse", () => {
    const refused = (name: string, args: unknown, message: RegExp): void => {
      // As from a program without type checks.
      assert.throws(() => extensionProviderDefinitions(name, args as { namespace?: string }), { message });
    };
    refused(
      "Waf",
      {},
      /^extensionProviderDefinitions "Waf": 2 arguments are refused.*\(name of the component\)/s,
    );
    refused("waf", { namespace: "A" }, /namespace = 'A'/);
    refused("waf", { namespace: pulumi.output("a") }, /namespace: it must be a plain value here/);
    refused("waf", { inspection: { timeout: "soon" } }, /inspection\.timeout = 'soon'/);
    refused("waf", { mesh: { providerNames: { extAuthz: "A" } } }, /mesh\.providerNames\.extAuthz = 'A'/);
    refused("waf", { agent: { port: 0 } }, /agent\.port = 0/);
    refused("waf", { inspektion: {} }, /Did you mean inspection\?/);
  });
});
