import assert from "node:assert/strict";
import { judgeIstiod, readSharedMeshVariable } from "../../../src/mesh/shared/sharedVariable";

const variable = (value?: string): object => ({
  name: "SHARED_MESH_CONFIG",
  ...(value !== undefined && { value }),
});
const specOf = (...containers: object[]): object => ({ replicas: 1, template: { spec: { containers } } });
const discovery = (...env: object[]): object => ({
  name: "discovery",
  env: [{ name: "REVISION", value: "x" }, ...env],
});
const judged = (spec: unknown, status?: unknown, owner?: string): ReturnType<typeof judgeIstiod> => {
  const annotations = owner !== undefined && { "owner.pulumi-sigsci-istio/SHARED_MESH_CONFIG": owner };
  return judgeIstiod({ metadata: { annotations }, spec, status }, "shared", "project/stack");
};

describe("readSharedMeshVariable", () => {
  it("finds the value in istiod's container, wherever that stands", () => {
    const spec = specOf({ name: "proxy", env: [variable("wrong")] }, discovery(variable("right")));
    assert.deepEqual(readSharedMeshVariable(spec), { state: "set", configMap: "right" });
  });

  it("takes the only container when none has the usual name", () => {
    assert.deepEqual(readSharedMeshVariable(specOf({ name: "istiod", env: [variable("a")] })), {
      state: "set",
      configMap: "a",
    });
  });

  it("takes the last of several, as the kubelet does", () => {
    assert.deepEqual(readSharedMeshVariable(specOf(discovery(variable("a"), variable("b")))), {
      state: "set",
      configMap: "b",
    });
  });

  it("is absent without the variable and with an empty one", () => {
    for (const container of [
      discovery(),
      discovery(variable()),
      discovery(variable("")),
      { name: "discovery" },
    ]) {
      assert.deepEqual(readSharedMeshVariable(specOf(container)), { state: "absent" });
    }
  });

  it("is hidden when the value stands in another object", () => {
    const valueFrom = { configMapKeyRef: { name: "settings", key: "shared" } };
    const container = { name: "discovery", envFrom: [{ configMapRef: { name: "settings" } }] };
    for (const one of [discovery({ ...variable(), valueFrom }), container]) {
      assert.deepEqual(readSharedMeshVariable(specOf(one)), { state: "hidden" });
    }
  });

  it("is patched when the last source is the one of `mesh.patchIstiod`", () => {
    const envFrom = ["settings", "shared-env"].map((name) => ({ configMapRef: { name } }));
    const spec = specOf({ name: "discovery", envFrom });
    assert.deepEqual(readSharedMeshVariable(spec), { state: "patched", configMap: "shared" });
  });

  it("is unknown without a container", () => {
    for (const spec of [undefined, {}, specOf()]) {
      assert.deepEqual(readSharedMeshVariable(spec), { state: "unknown" });
    }
  });
});

describe("judgeIstiod", () => {
  it("accepts an istiod that reads the ConfigMap, also without a status", () => {
    const spec = specOf(discovery(variable("shared")));
    assert.equal(judged(spec), undefined);
    assert.equal(judged(spec, { replicas: 1, updatedReplicas: 1 }), undefined);
  });

  it("refuses one without the variable and shows how to set it", () => {
    assert.deepEqual(judged(specOf(discovery())), {
      refused: true,
      reason:
        "its variable SHARED_MESH_CONFIG is not set, so istiod does not read ConfigMap shared. Every request that a " +
        "policy matches would be answered with 403, also with `failOpen`.",
      remedy:
        "Set it where Istio is installed, and wait until istiod has restarted:\n" +
        "      Helm, chart istiod:         pilot: { env: { SHARED_MESH_CONFIG: shared } }\n" +
        "      IstioOperator:              spec: { values: { pilot: { env: { SHARED_MESH_CONFIG: shared } } } }\n" +
        "      Sail operator, kind Istio:  spec: { values: { pilot: { env: { SHARED_MESH_CONFIG: shared } } } }\n" +
        "    Or let this component set it: `mesh.patchIstiod: true`.",
    });
  });

  it("accepts one that somebody else patches, but neither for another ConfigMap nor against its own list", () => {
    const envFrom = [{ configMapRef: { name: "shared-env" } }];
    const patched = { name: "discovery", envFrom };
    for (const owner of ["other/stack", undefined]) {
      assert.equal(judged(specOf(patched), undefined, owner), undefined);
    }
    assert.match(
      judged(specOf(patched), { replicas: 2, updatedReplicas: 1 })?.reason ?? "",
      /^its rollout is not finished/,
    );
    const replaced = { name: "discovery", envFrom: [...envFrom, { configMapRef: { name: "more" } }] };
    assert.match(judged(specOf(replaced))?.reason ?? "", /does not stand in the Deployment/);
    assert.match(
      judged(specOf({ ...patched, env: [variable("other")] }))?.reason ?? "",
      /names ConfigMap other/,
    );
  });

  it("refuses one that loses the variable with this update, since the stack no longer patches it", () => {
    const patched = { name: "discovery", envFrom: [{ configMapRef: { name: "shared-env" } }] };
    const finding = judged(specOf(patched), undefined, "project/stack");
    assert.equal(finding?.refused, true);
    assert.match(
      finding.reason,
      /^this stack set its variable .* would take it away at the end of this update\./,
    );
    assert.match(finding.remedy, /^Keep `mesh\.patchIstiod: true`.*\n.*\n.*pilot: \{ env:/s);
    const byChart = { ...patched, env: [variable("shared")] };
    assert.equal(judged(specOf(byChart), undefined, "project/stack"), undefined);
  });

  it("refuses one that reads another ConfigMap and says to use that", () => {
    assert.deepEqual(judged(specOf(discovery(variable("other")))), {
      refused: true,
      reason:
        "its variable SHARED_MESH_CONFIG names ConfigMap other, and istiod reads one shared ConfigMap only.",
      remedy:
        'Set `mesh.sharedConfigMapName: "other"`; if that ConfigMap exists already, also ' +
        "`mesh.createSharedConfigMap: false`.",
    });
  });

  it("warns of a value that it cannot see", () => {
    const finding = judged(specOf({ name: "discovery", envFrom: [{}] }));
    assert.equal(finding?.refused, false);
    assert.match(finding.reason, /does not stand in the Deployment, so it is not checked\./);
    assert.equal(finding.remedy, "Make sure that the value is shared.");
  });

  it("warns while old pods are left, or new ones are missing", () => {
    const spec = specOf(discovery(variable("shared")));
    for (const status of [
      { replicas: 2, updatedReplicas: 1 },
      { replicas: 0, updatedReplicas: 0 },
    ]) {
      const finding = judged(spec, status);
      assert.equal(finding?.refused, false);
      const counted = `(${status.updatedReplicas} of ${status.replicas} pods are new)`;
      assert.ok(finding.reason.startsWith(`its rollout is not finished ${counted}.`), finding.reason);
    }
  });
});
