import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import { parse } from "yaml";
import { SigsciIstioIntegration } from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { recordProgram } from "../../src/offline/recording";
import type { Recording, RecordOptions } from "../../src/offline/recording";
import * as pulumi from "@pulumi/pulumi";
import { cluster, defaultCluster, dependencies, meshText, named, recordRefusal, smallest } from "./program";

const pay: SigsciIstioIntegrationArgs = {
  ...smallest,
  namespace: "sigsci-pay",
  targets: [{ name: "pay", namespace: "pay" }],
};
const textOf = (recording: Recording, name: string): string => {
  const { data } = named(recording, name).inputs as { data: { mesh: string } };
  return data.mesh;
};
const providersOf = (recording: Recording, name: string): string[] => {
  const config = parse(textOf(recording, name)) as { extensionProviders: { name: string }[] };
  return config.extensionProviders.map((provider) => provider.name).sort();
};
const annotationsOf = (recording: Recording, name: string): Record<string, string> => {
  const { metadata } = named(recording, name).inputs as { metadata: { annotations: Record<string, string> } };
  return metadata.annotations;
};
const waf = ["waf-access-log", "waf-ext-authz"];
const both = ["pay-access-log", "pay-ext-authz", ...waf];

describe("two components in one namespace", () => {
  const refusal =
    'SigsciIstioIntegration "pay": namespace "sigsci" is created by "waf" already.\n' +
    '    Write namespace: "sigsci-pay", or createNamespace: false and, in the options, dependsOn with the component "waf". ' +
    'If "pay" has created it in an earlier run, first take it out of the state with `pulumi state delete`: otherwise ' +
    "the next `pulumi up` deletes the namespace.";
  const other = (namespace: SigsciIstioIntegrationArgs["namespace"]): (() => void) => {
    return () => {
      new SigsciIstioIntegration("waf", smallest);
      new SigsciIstioIntegration("pay", { ...pay, namespace });
    };
  };

  for (const [how, namespace] of [
    ["by default", undefined],
    ["by an Output", pulumi.output("sigsci")],
  ] as const) {
    it(`are refused when both create it ${how}`, async () => {
      const run = await recordRefusal(other(namespace), { reads: defaultCluster });
      assert.equal(run.message, refusal);
      assert.ok(!run.registered.some((name) => name === "pay-deployment"), run.registered.join());
    });
  }

  it("are fine when one creates it, and the other depends on that", async () => {
    const recording = await recordProgram(
      () => {
        const waf = new SigsciIstioIntegration("waf", smallest);
        const shared = { ...pay, namespace: "sigsci", createNamespace: false };
        new SigsciIstioIntegration("pay", shared, { dependsOn: waf });
      },
      { reads: defaultCluster },
    );
    assert.equal(recording.resources.filter(({ type }) => type === "kubernetes:core/v1:Namespace").length, 1);
    const names = recording.resources.map(({ name }) => name);
    assert.ok(names.indexOf("waf-namespace") < names.indexOf("pay-secret"), names.join());
  });

  it("of different clusters may both create it", async () => {
    const recording = await recordProgram(
      () => {
        for (const name of ["waf", "pay"]) {
          const provider = new k8s.Provider(`${name}-cluster`, { kubeconfig: name });
          new SigsciIstioIntegration(name, { ...pay, namespace: "sigsci" }, { provider });
        }
      },
      { reads: defaultCluster },
    );
    assert.equal(recording.resources.filter(({ type }) => type === "kubernetes:core/v1:Namespace").length, 2);
  });
});

describe("two components on one mesh", () => {
  const program = (): void => {
    new SigsciIstioIntegration("waf", smallest);
    new SigsciIstioIntegration("pay", pay);
  };

  it("write one after the other, and both write the entries of both, so that neither differs afterwards", async () => {
    const recording = await recordProgram(program, { reads: defaultCluster });
    assert.equal(textOf(recording, "waf-mesh-default"), textOf(recording, "pay-mesh-default"));
    assert.deepEqual(providersOf(recording, "waf-mesh-default"), both);
    assert.deepEqual(providersOf(recording, "pay-mesh-default"), both);
    assert.ok(dependencies(recording, "pay-mesh-default").includes("waf-mesh-default"));
    assert.ok(!dependencies(recording, "waf-mesh-default").includes("pay-mesh-default"));
    const checked = ["pay-id", "pay-mesh-default-live", "waf-id"];
    assert.deepEqual(dependencies(recording, "pay-pay-policy"), [...checked, "pay-mesh-default"].sort());
  });

  it("mark their own entries only, under field managers of their own", async () => {
    const recording = await recordProgram(program, { reads: defaultCluster });
    const [one, other] = ["waf-mesh-default", "pay-mesh-default"].map((name) =>
      annotationsOf(recording, name),
    );
    assert.ok(one && other);
    const owners = (annotations: object): string[] =>
      Object.keys(annotations).filter((key) => key.startsWith("owner."));
    assert.deepEqual(
      owners(one),
      waf.map((name) => `owner.pulumi-sigsci-istio/${name}`),
    );
    assert.deepEqual(
      owners(other),
      ["access-log", "ext-authz"].map((name) => `owner.pulumi-sigsci-istio/pay-${name}`),
    );
    assert.notEqual(one["pulumi.com/patchFieldManager"], other["pulumi.com/patchFieldManager"]);
  });

  it("change nothing in the next run", async () => {
    const first = await recordProgram(program, { reads: defaultCluster });
    const annotations = {
      ...annotationsOf(first, "waf-mesh-default"),
      ...annotationsOf(first, "pay-mesh-default"),
    };
    const text = textOf(first, "pay-mesh-default");
    const reads = cluster({ "istio-system/istio": { text, annotations, resourceVersion: "9" } });
    const next = await recordProgram(program, { reads });
    assert.equal(textOf(next, "waf-mesh-default"), text);
    assert.equal(textOf(next, "pay-mesh-default"), text);
    assert.deepEqual(annotationsOf(next, "waf-mesh-default"), annotationsOf(first, "waf-mesh-default"));
    assert.deepEqual(annotationsOf(next, "pay-mesh-default"), annotationsOf(first, "pay-mesh-default"));
  });

  it("do not undo each other when one is torn down", async () => {
    const first = await recordProgram(program, { reads: defaultCluster });
    const annotations = {
      ...annotationsOf(first, "waf-mesh-default"),
      ...annotationsOf(first, "pay-mesh-default"),
    };
    const text = textOf(first, "pay-mesh-default");
    const reads = cluster({ "istio-system/istio": { text, annotations, resourceVersion: "9" } });
    for (const [one, other] of [
      ["waf", "pay"],
      ["pay", "waf"],
    ] as const) {
      const next = await recordProgram(
        () => {
          new SigsciIstioIntegration("waf", { ...smallest, teardown: one === "waf" });
          new SigsciIstioIntegration("pay", { ...pay, teardown: one === "pay" });
        },
        { reads },
      );
      // The patch of pay is written last in both cases.
      assert.deepEqual(providersOf(next, "pay-mesh-default"), [`${other}-access-log`, `${other}-ext-authz`]);
    }
  });

  describe("of which the later one failed before it wrote", () => {
    /** The mesh after a run in which the patch of waf was written, with the entries of both, and that of pay was not. */
    const afterFailure = async (): Promise<NonNullable<RecordOptions["reads"]>> => {
      const failed = await recordProgram(program, { reads: defaultCluster });
      const text = textOf(failed, "waf-mesh-default");
      assert.deepEqual(providersOf(failed, "waf-mesh-default"), both);
      const annotations = annotationsOf(failed, "waf-mesh-default");
      return cluster({ "istio-system/istio": { text, annotations, resourceVersion: "9" } });
    };

    it("let it change its entries and mark them, as they are its own", async () => {
      const reads = await afterFailure();
      const next = await recordProgram(
        () => {
          new SigsciIstioIntegration("waf", smallest);
          new SigsciIstioIntegration("pay", { ...pay, inspection: { timeout: "900ms" } });
        },
        { reads },
      );
      assert.deepEqual(providersOf(next, "pay-mesh-default"), both);
      const config = parse(textOf(next, "pay-mesh-default")) as {
        extensionProviders: { name: string; envoyExtAuthzGrpc?: { timeout: string } }[];
      };
      const entry = config.extensionProviders.find(({ name }) => name === "pay-ext-authz");
      assert.equal(entry?.envoyExtAuthzGrpc?.timeout, "900ms");
      const annotations = annotationsOf(next, "pay-mesh-default");
      for (const provider of ["pay-ext-authz", "pay-access-log"]) {
        assert.match(annotations[`owner.pulumi-sigsci-istio/${provider}`] ?? "", /\/pay#/);
      }
    });

    it("let its teardown take them out", async () => {
      const reads = await afterFailure();
      const next = await recordProgram(
        () => {
          new SigsciIstioIntegration("waf", smallest);
          new SigsciIstioIntegration("pay", { ...pay, teardown: true });
        },
        { reads },
      );
      // The patch of pay is written last.
      assert.deepEqual(providersOf(next, "pay-mesh-default"), waf);
    });

    it("still refuse an entry that somebody else wrote meanwhile", async () => {
      const other = `${meshText}extensionProviders:\n- name: pay-ext-authz\n  zipkin: {service: other, port: 1}\n`;
      await assert.rejects(
        recordProgram(program, { reads: cluster({ "istio-system/istio": { text: other } }) }),
        /pay-ext-authz.* is not ours/,
      );
    });
  });

  it("do not mix on different ConfigMaps", async () => {
    const reads = cluster({
      "istio-system/istio": { text: meshText },
      "istio-system/istio-canary": { text: meshText },
    });
    const recording = await recordProgram(
      () => {
        new SigsciIstioIntegration("waf", smallest);
        new SigsciIstioIntegration("pay", { ...pay, mesh: { revisions: ["canary"] } });
      },
      { reads },
    );
    assert.deepEqual(providersOf(recording, "waf-mesh-default"), waf);
    assert.deepEqual(providersOf(recording, "pay-mesh-canary"), ["pay-access-log", "pay-ext-authz"]);
  });

  it("do not mix in different clusters", async () => {
    const recording = await recordProgram(
      () => {
        const [one, other] = ["one", "other"].map((name) => new k8s.Provider(name, { kubeconfig: "{}" }));
        new SigsciIstioIntegration("waf", smallest, { provider: one });
        new SigsciIstioIntegration("pay", pay, { provider: other });
      },
      { reads: defaultCluster },
    );
    assert.deepEqual(providersOf(recording, "waf-mesh-default"), waf);
    assert.deepEqual(providersOf(recording, "pay-mesh-default"), ["pay-access-log", "pay-ext-authz"]);
    assert.ok(!dependencies(recording, "pay-mesh-default").includes("waf-mesh-default"));
  });

  it("write one after the other when they share an explicit provider", async () => {
    const recording = await recordProgram(
      () => {
        const provider = new k8s.Provider("one", { kubeconfig: "{}" });
        new SigsciIstioIntegration("waf", smallest, { provider });
        new SigsciIstioIntegration("pay", pay, { providers: { kubernetes: provider } });
      },
      { reads: defaultCluster },
    );
    assert.deepEqual(providersOf(recording, "pay-mesh-default"), both);
    assert.ok(dependencies(recording, "pay-mesh-default").includes("waf-mesh-default"));
  });

  it("of different runs do not see each other", async () => {
    await recordProgram(program, { reads: defaultCluster });
    const recording = await recordProgram(
      () => {
        new SigsciIstioIntegration("pay", pay);
      },
      {
        reads: defaultCluster,
      },
    );
    assert.deepEqual(providersOf(recording, "pay-mesh-default"), ["pay-access-log", "pay-ext-authz"]);
  });
});
