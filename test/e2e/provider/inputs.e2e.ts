import assert from "node:assert/strict";
import { checkpoint, parseCheckpoint, storedFieldManager } from "./kubernetes/checkpoint";
import { adoptName, assignName, isAutonamed, uniqueName } from "./kubernetes/naming";
import { normalizeInputs } from "./kubernetes/normalize";
import { gvkOfUrn, isPatchResource, nameOf, objectId, parseObjectId } from "./kubernetes/objects";
import {
  annotateSecrets,
  containsSecrets,
  containsUnknowns,
  isSecret,
  makeSecret,
  plain,
  UNKNOWN,
  type JsonObject,
} from "./values";

const urn = (type: string): string => `urn:pulumi:dev::shop::pkg:index:Parent$${type}::name`;

describe("names", () => {
  const seed = new Uint8Array([1, 2, 3]);

  it("are made of the logical name and eight hexadecimal digits, the same for the same seed", () => {
    const first: JsonObject = { metadata: {} };
    assignName(first, "web", seed);
    assert.match(nameOf(first), /^web-[0-9a-f]{8}$/);
    assert.equal(isAutonamed(first), true);
    assert.equal(uniqueName("web-", seed), nameOf(first));
    assert.notEqual(uniqueName("web-"), uniqueName("web-"));
  });

  it("are left alone when they are given, unknown or left to the API server", () => {
    const named: JsonObject[] = [{ name: "mine" }, { name: UNKNOWN }, { generateName: "x-" }];
    for (const metadata of named) {
      const object: JsonObject = { metadata: { ...metadata } };
      assignName(object, "web", seed);
      assert.deepEqual(object, { metadata });
    }
  });

  it("follow the engine where it names resources", () => {
    const object: JsonObject = {};
    assignName(object, "web", seed, { mode: "enforce", name: "chosen" });
    assert.equal(nameOf(object), "chosen");
    const unnamed: JsonObject = {};
    assignName(unnamed, "web", seed, { mode: "disable", name: "" });
    assert.deepEqual(unnamed, {});
  });

  it("are kept over runs when the provider made them, and only then", () => {
    const made: JsonObject = { metadata: { name: "web-1", annotations: { "pulumi.com/autonamed": "true" } } };
    const next: JsonObject = { metadata: { annotations: { other: "x" } } };
    adoptName(next, made);
    assert.deepEqual(next, {
      metadata: { name: "web-1", annotations: { other: "x", "pulumi.com/autonamed": "true" } },
    });
    const other: JsonObject = {};
    adoptName(other, { metadata: { name: "given" } });
    assert.deepEqual(other, {});
  });
});

describe("types and ids", () => {
  it("are read from URNs, below parents too", () => {
    assert.deepEqual(gvkOfUrn(urn("kubernetes:core/v1:ConfigMap")), {
      group: "",
      version: "v1",
      kind: "ConfigMap",
    });
    assert.deepEqual(gvkOfUrn(urn("kubernetes:networking.istio.io/v1:Gateway")), {
      group: "networking.istio.io",
      version: "v1",
      kind: "Gateway",
    });
    assert.throws(() => gvkOfUrn(urn("random:index/randomId:RandomId")), /unrecognized resource type/);
  });

  it("tell a Patch from a kind whose name ends so", () => {
    assert.equal(isPatchResource(urn("kubernetes:core/v1:ConfigMapPatch"), "ConfigMap"), true);
    assert.equal(isPatchResource(urn("kubernetes:core/v1:ConfigMap"), "ConfigMap"), false);
    assert.equal(isPatchResource(urn("kubernetes:example.com/v1:QuickPatch"), "QuickPatch"), false);
  });

  it("are namespace and name, or the name alone", () => {
    assert.equal(objectId({ metadata: { name: "n", namespace: "s" } }), "s/n");
    assert.equal(objectId({ metadata: { name: "n" } }), "n");
    assert.deepEqual(parseObjectId("s/n"), { namespace: "s", name: "n" });
    assert.deepEqual(parseObjectId("n"), { namespace: "", name: "n" });
  });
});

describe("normalized inputs", () => {
  it("lose what only the server sets", () => {
    const metadata = { name: "n", uid: "u", resourceVersion: "1", generation: 2, managedFields: [] };
    assert.deepEqual(normalizeInputs({ apiVersion: "v1", kind: "ServiceAccount", metadata }), {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "n" },
    });
  });

  it("have data instead of stringData in a Secret, which wins over data", () => {
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      data: { a: "eA==", b: "eQ==" },
      stringData: { a: "z" },
    };
    assert.deepEqual(normalizeInputs(secret), {
      apiVersion: "v1",
      kind: "Secret",
      data: { a: "eg==", b: "eQ==" },
    });
  });

  it("have canonical quantities and no omitted zeros, but keep those that are pointers", () => {
    const container = {
      name: "web",
      args: [],
      env: [{ name: "E", value: "" }],
      resources: { limits: { cpu: "1000m", memory: "1024Mi" }, requests: { cpu: 1 } },
      securityContext: { privileged: false, runAsUser: 0 },
      volumeMounts: [{ name: "v", mountPath: "/v", readOnly: false }],
    };
    const pod = { hostNetwork: false, containers: [container], volumes: [{ name: "v", emptyDir: {} }] };
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "n", labels: {}, annotations: { empty: "" } },
      spec: { replicas: 0, paused: false, template: { spec: pod } },
    };
    assert.deepEqual(normalizeInputs(deployment), {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "n", annotations: { empty: "" } },
      spec: {
        replicas: 0,
        template: {
          spec: {
            containers: [
              {
                name: "web",
                env: [{ name: "E" }],
                resources: { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "1" } },
                securityContext: { privileged: false, runAsUser: 0 },
                volumeMounts: [{ name: "v", mountPath: "/v" }],
              },
            ],
            volumes: [{ name: "v", emptyDir: {} }],
          },
        },
      },
    });
  });

  it("keep their form in custom resources and with unknown values", () => {
    const custom = {
      apiVersion: "example.com/v1",
      kind: "X",
      spec: { a: "", b: 0, limits: { cpu: "1000m" } },
    };
    assert.deepEqual(normalizeInputs(custom), custom);
    const pending = { apiVersion: "v1", kind: "Secret", stringData: { a: UNKNOWN } };
    assert.deepEqual(normalizeInputs(pending), pending);
  });
});

describe("secret marks", () => {
  it("are found anywhere, and taken off whole", () => {
    const value = { a: [{ b: makeSecret("x") }], c: null };
    assert.equal(containsSecrets(value), true);
    assert.deepEqual(plain(value), { a: [{ b: "x" }] });
    assert.equal(containsUnknowns({ a: makeSecret(UNKNOWN) }), true);
  });

  it("follow the inputs through objects, and cover a whole list", () => {
    const outs: JsonObject = { data: { a: "1", b: "2" }, list: [{ x: "1" }], free: "f" };
    annotateSecrets(outs, {
      data: { a: makeSecret("1") },
      list: [{ x: makeSecret("1") }],
      gone: makeSecret(""),
    });
    assert.deepEqual(outs, {
      data: { a: makeSecret("1"), b: "2" },
      list: makeSecret([{ x: "1" }]),
      free: "f",
    });
  });

  it("cover the data of every Secret, marked in the inputs or not", () => {
    const outs: JsonObject = { kind: "Secret", data: { a: "1" }, type: "Opaque" };
    annotateSecrets(outs, {});
    assert.deepEqual(outs, { kind: "Secret", data: makeSecret({ a: "1" }), type: "Opaque" });
  });
});

describe("the state of a resource", () => {
  const live = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "n" },
    data: { ours: "1", theirs: "2" },
  };
  const inputs = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "n" }, data: { ours: "1" } };
  const bookkeeping = { initialApiVersion: "v1", fieldManager: "me" };

  it("is the whole live object with inputs and bookkeeping beside it", () => {
    const state = checkpoint(inputs, live, inputs, bookkeeping);
    assert.deepEqual(state, { ...live, __inputs: inputs, __initialApiVersion: "v1", __fieldManager: "me" });
    assert.equal(storedFieldManager(state), "me");
    assert.deepEqual(parseCheckpoint(state).oldInputs, inputs);
    assert.deepEqual(parseCheckpoint(state).oldLive.data, live.data);
  });

  it("is secret where the program's inputs are", () => {
    const secretInputs = { ...inputs, data: { ours: makeSecret("1") } };
    const state = checkpoint(inputs, live, secretInputs, bookkeeping);
    assert.deepEqual(state.data, { ours: makeSecret("1"), theirs: "2" });
    assert.equal(containsSecrets(state.__inputs ?? null), true);
    assert.equal(isSecret(state.metadata), false);
  });
});
