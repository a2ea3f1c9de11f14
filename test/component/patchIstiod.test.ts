import assert from "node:assert/strict";
import { SigsciIstioIntegration } from "../../src";
import { editedAnnotation } from "../../src/kubernetes/ownership";
import { recordProgram } from "../../src/offline/recording";
import type { Recording, RecordOptions } from "../../src/offline/recording";
import { standInAnnotation } from "../../src/kubernetes/standIn";
import { dependencies, named, recordRefusal, smallest } from "./program";
import { base, pay, providersIn, reads, record, shared, variable, waf, written } from "./sharedMeshProgram";
import type { Live } from "./sharedMeshProgram";

describe("a component that patches istiod", () => {
  const mesh = { ...shared.mesh, patchIstiod: true };
  const patch = "sigsci-istio-istiod-default";
  const environment = "sigsci-istio-sigsci-mesh-config-env";
  const source = { configMapRef: { name: "sigsci-mesh-config-env", optional: true } };
  const without: Live = { istiods: { "istio-system/istiod": [] } };
  const patched = (live: Live = without, options: RecordOptions = {}): Promise<Recording> =>
    record({ mesh }, { reads: reads(live), ...options });
  interface Patch {
    metadata: { annotations: Record<string, string> };
    spec: unknown;
  }
  // The recorder echoes what the component registers, and the tests assert its fields.
  const inputs = (recording: Recording): Patch => named(recording, patch).inputs as unknown as Patch;

  it("gives it the variable from a ConfigMap; neither of the two belongs to a component", async () => {
    const recording = await patched();
    assert.deepEqual(named(recording, environment).inputs, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        namespace: "istio-system",
        name: "sigsci-mesh-config-env",
        labels: { "app.kubernetes.io/part-of": "sigsci-istio", "app.kubernetes.io/managed-by": "pulumi" },
        annotations: { "pulumi-sigsci-istio/created-by": "project/stack" },
      },
      data: { SHARED_MESH_CONFIG: "sigsci-mesh-config" },
    });
    assert.deepEqual(inputs(recording), {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: {
        namespace: "istio-system",
        name: "istiod",
        annotations: {
          "pulumi.com/patchForce": "true",
          "pulumi.com/patchFieldManager": "pulumi-sigsci-istio-istiod-7cc8045d99",
          "owner.pulumi-sigsci-istio/SHARED_MESH_CONFIG": "project/stack",
          [editedAnnotation("project/stack")]: "9",
        },
      },
      spec: { template: { spec: { containers: [{ name: "discovery", envFrom: [source] }] } } },
    });
    for (const name of [environment, patch, `${patch}-live`]) {
      assert.equal(named(recording, name).parent, undefined, name);
      assert.equal(named(recording, name).options.retainOnDelete, false, name);
    }
    for (const name of [`${patch}-live`, patch]) {
      const { additionalSecretOutputs } = named(recording, name).options;
      assert.deepEqual(additionalSecretOutputs, ["metadata", "spec", "status"], name);
    }
  });

  it("writes the entries first, and makes the policies once the pods of istiod are replaced", async () => {
    const recording = await patched();
    assert.deepEqual(dependencies(recording, base), [`${patch}-live`]);
    assert.ok(dependencies(recording, environment).includes("waf-mesh-shared"));
    for (const name of [environment, "waf-mesh-shared"]) {
      assert.ok(dependencies(recording, patch).includes(name), name);
    }
    const checked = ["waf-id", `${patch}-live`, "waf-mesh-shared-live"];
    assert.deepEqual(
      dependencies(recording, "waf-web-policy"),
      [...checked, patch, "waf-mesh-shared"].sort(),
    );
  });

  it("shows the patch in the first preview already", async () => {
    assert.deepEqual(inputs(await patched(without, { preview: true })), inputs(await patched()));
  });

  it("is the same again, also with the variable set elsewhere, and differs when the patch is lost", async () => {
    const { annotations } = inputs(await patched()).metadata;
    const live = { ...without, annotations: { ...annotations, [editedAnnotation("project/stack")]: "3" } };
    const edited = async (one: Live): Promise<unknown> =>
      inputs(await patched(one)).metadata.annotations[editedAnnotation("project/stack")];
    assert.equal(await edited({ ...live, envFrom: [source] }), "3");
    assert.equal(
      await edited({ ...live, envFrom: [source], istiods: { "istio-system/istiod": variable() } }),
      "3",
    );
    assert.equal(await edited(live), "9");
  });

  for (const preview of [true, false]) {
    it(`creates nothing when istiod cannot be patched${preview ? ", as a preview says already" : ""}`, async () => {
      const run = await recordRefusal(
        () => {
          new SigsciIstioIntegration("waf", { ...smallest, mesh });
        },
        { preview, reads: reads({ ...without, envFrom: [{ configMapRef: { name: "settings" } }] }) },
      );
      assert.deepEqual(run.registered, ["waf", "waf-id"]);
      assert.match(run.message, /its `envFrom` reads ConfigMap settings/);
    });
  }

  it("does not stop offline, where istiod is a stand-in", async () => {
    const live = { ...without, envFrom: [{}], annotations: { [standInAnnotation]: "offline" } };
    assert.deepEqual(inputs(await patched(live)).spec, inputs(await patched()).spec);
  });

  it("keeps the patch in teardown, until a destroy", async () => {
    const recording = await record({ mesh, teardown: true }, { reads: reads(without) });
    assert.ok(dependencies(recording, "waf-mesh-shared").includes("waf-web-policy"));
    assert.ok(dependencies(recording, patch).includes("waf-mesh-shared"));
  });

  it("patches the istiod of each revision, all with one variable", async () => {
    const istiods = { "istio-system/istiod": [], "istio-system/istiod-1-31": [] };
    const revisions = ["default", "1-31"];
    const recording = await record({ mesh: { ...mesh, revisions } }, { reads: reads({ istiods }) });
    const both = [patch, "sigsci-istio-istiod-1-31"];
    for (const name of both) {
      assert.ok(dependencies(recording, name).includes(environment), name);
      assert.ok(dependencies(recording, "waf-web-policy").includes(name), name);
    }
  });

  it("shares the patch with the other components of the program", async () => {
    const recording = await recordProgram(
      () => {
        new SigsciIstioIntegration("waf", { ...smallest, mesh });
        new SigsciIstioIntegration("pay", { ...pay, mesh });
      },
      { reads: reads(without) },
    );
    for (const name of [patch, environment, `${patch}-live`]) {
      named(recording, name);
    }
    for (const name of ["waf-web-policy", "pay-pay-policy"]) {
      assert.ok(dependencies(recording, name).includes(patch), name);
    }
    assert.deepEqual(providersIn(written(recording).data.mesh), ["pay-access-log", "pay-ext-authz", ...waf]);
  });

  it("refuses another shared ConfigMap for the same istiod", async () => {
    const run = await recordRefusal(
      () => {
        new SigsciIstioIntegration("waf", { ...smallest, mesh });
        new SigsciIstioIntegration("pay", { ...pay, mesh: { ...mesh, sharedConfigMapName: "other" } });
      },
      { reads: reads(without) },
    );
    assert.match(
      run.message,
      /in ConfigMap other: another component of the program makes istiod read sigsci-mesh-config\./,
    );
  });

  it("is not let go while the policies need the variable", async () => {
    const { annotations } = inputs(await patched()).metadata;
    const live = { ...without, annotations, envFrom: [source] };
    const run = await recordRefusal(
      () => {
        new SigsciIstioIntegration("waf", { ...smallest, ...shared });
      },
      { reads: reads(live) },
    );
    assert.match(run.message, /this stack set its variable SHARED_MESH_CONFIG with `mesh\.patchIstiod`/);
    const setElsewhere = { ...live, istiods: { "istio-system/istiod": variable() } };
    assert.deepEqual(
      (await record({}, { reads: reads(setElsewhere) })).logs.filter(
        ({ severity }) => severity === "warning",
      ),
      [],
    );
  });
});
