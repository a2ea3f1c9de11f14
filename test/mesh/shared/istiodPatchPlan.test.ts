import assert from "node:assert/strict";
import fc from "fast-check";
import { planIstiodPatch } from "../../../src/mesh/shared/istiodPatchPlan";
import type { IstiodPatchPlan } from "../../../src/mesh/shared/istiodPatchPlan";
import { editedAnnotation } from "../../../src/kubernetes/ownership";

const stack = "project/stack";
const target = { deployment: "istio-system/istiod", sharedConfigMap: "shared" };
const ours = { configMapRef: { name: "shared-env", optional: true } };
const owned = { "owner.pulumi-sigsci-istio/SHARED_MESH_CONFIG": stack };
const variable = (rest: object): object => ({ name: "SHARED_MESH_CONFIG", ...rest });

interface Live {
  containers?: object[];
  annotations?: Record<string, string>;
}
const plan = ({ containers = [{ name: "discovery" }], annotations }: Live = {}): IstiodPatchPlan =>
  planIstiodPatch(
    { metadata: { resourceVersion: "7", annotations }, spec: { template: { spec: { containers } } } },
    target,
    stack,
  );
const discovery = (rest: object): Live => ({ containers: [{ name: "discovery", ...rest }] });
const refusal = (live: Live): string => {
  try {
    plan(live);
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message;
  }
  return assert.fail("not refused");
};

describe("planIstiodPatch", () => {
  it("reads the variable from the ConfigMap, and starts the mark with the version that was read", () => {
    assert.deepEqual(plan(), { containers: [{ name: "discovery", envFrom: [ours] }], edited: "7" });
  });

  it("is the same when the list `env` has the variable already", () => {
    assert.deepEqual(plan(discovery({ env: [{ name: "REVISION" }, variable({ value: "shared" })] })), plan());
  });

  it("lists other containers by their names, in their places", () => {
    const containers = [
      { name: "proxy", image: "proxy:1" },
      { name: "discovery", image: "pilot:1" },
      { name: "log", image: "log:1" },
    ];
    assert.deepEqual(plan({ containers }).containers, [
      { name: "proxy" },
      { name: "discovery", envFrom: [ours] },
      { name: "log" },
    ]);
  });

  const annotations = { ...owned, [editedAnnotation(stack)]: "3" };

  it("keeps its mark while everything of it is there", () => {
    assert.equal(plan({ ...discovery({ envFrom: [ours] }), annotations }).edited, "3");
  });

  it("changes its mark when something of it is lost", () => {
    assert.equal(plan({ ...discovery({}), annotations }).edited, "7", "the list");
    assert.equal(plan({ ...discovery({ envFrom: [] }), annotations }).edited, "7", "its content");
    assert.equal(plan(discovery({ envFrom: [ours] })).edited, "7", "all annotations");
    assert.equal(plan({ ...discovery({ envFrom: [ours] }), annotations: owned }).edited, "7", "the mark");
    const unowned = { [editedAnnotation(stack)]: "3" };
    assert.equal(plan({ ...discovery({ envFrom: [ours] }), annotations: unowned }).edited, "7", "the owner");
  });

  it("replaces its own source of another shared ConfigMap", () => {
    const envFrom = [{ configMapRef: { name: "former-env", optional: true } }];
    assert.deepEqual(plan({ ...discovery({ envFrom }), annotations }), plan());
    assert.match(refusal(discovery({ envFrom })), /reads ConfigMap former-env, /);
  });

  it("is the same again once it is applied, whatever containers there are", () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-c][a-z]{0,3}$/), { maxLength: 4 });
    fc.assert(
      fc.property(names, fc.nat(4), (others, place) => {
        const containers = others.map((name): object => ({ name, image: `${name}:1` }));
        containers.splice(place, 0, { name: "discovery", image: "pilot:1" });
        const first = plan({ containers });
        const applied = containers.map((container, index) => ({ ...container, ...first.containers[index] }));
        const again = plan({
          containers: applied,
          annotations: { ...owned, [editedAnnotation(stack)]: first.edited },
        });
        assert.deepEqual(again, first);
      }),
    );
  });

  it("refuses a list `envFrom` of somebody else, naming it, and says where to set the variable", () => {
    const secret = { secretRef: { name: "keys" } };
    const configMap = { configMapRef: { name: "settings" } };
    const message = refusal(discovery({ envFrom: [configMap, secret, {}] }));
    assert.match(
      message,
      /^Mesh configuration in ConfigMap shared: Deployment istio-system\/istiod of istiod: its `envFrom` reads ConfigMap settings, Secret keys, something unknown, /,
    );
    assert.match(
      message,
      /\n {4}Leave out mesh\.patchIstiod\. Set it .*\n.*pilot: \{ env: \{ SHARED_MESH_CONFIG: shared/,
    );
    assert.match(
      refusal({ ...discovery({ envFrom: [ours, configMap] }), annotations }),
      /shared-env, ConfigMap settings/,
    );
    assert.match(
      refusal({ ...discovery({ envFrom: [configMap] }), annotations }),
      /reads ConfigMap settings, and/,
    );
  });

  it("refuses a variable that would win over the patch", () => {
    assert.match(
      refusal(discovery({ env: [variable({ value: "other" })] })),
      /its variable SHARED_MESH_CONFIG names ConfigMap other, .*\n {4}Set `mesh\.sharedConfigMapName: "other"`/,
    );
    for (const value of [{ value: "" }, {}, { valueFrom: { configMapKeyRef: { name: "a", key: "b" } } }]) {
      assert.match(
        refusal(discovery({ env: [variable(value)] })),
        /its `env` has SHARED_MESH_CONFIG without a value that can be seen, and that wins over a patch\./,
      );
    }
  });

  it("refuses a Deployment without istiod's container", () => {
    for (const containers of [[], [{ name: "pilot" }], [{}]]) {
      assert.match(
        refusal({ containers }),
        /it has no container discovery, so nothing of it can be patched\./,
      );
    }
  });

  it("refuses an istiod that another stack patches", () => {
    const message = refusal({
      ...discovery({ envFrom: [ours] }),
      annotations: { "owner.pulumi-sigsci-istio/SHARED_MESH_CONFIG": "other/prod" },
    });
    assert.match(
      message,
      /stack other\/prod sets SHARED_MESH_CONFIG there already\.\n {4}Leave out mesh\.patchIstiod here\./,
    );
  });
});
