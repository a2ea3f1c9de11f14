import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { inspect } from "node:util";
import { ProgramError, recordProgram, SecretValue, type Recording } from "../../src/offline/recording";
import { collectSecrets, redact, reveal, UNKNOWN } from "../../src/offline/secretValue";

class Pair extends pulumi.ComponentResource {
  public readonly secretName: pulumi.Output<string>;

  public constructor(
    name: string,
    args: { password: pulumi.Input<string> },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("test:index:Pair", name, { password: pulumi.secret(args.password) }, opts);
    const secret = new k8s.core.v1.Secret(
      `${name}-secret`,
      { metadata: { namespace: "shop" }, stringData: { password: args.password } },
      { parent: this },
    );
    new k8s.core.v1.ConfigMap(
      `${name}-config`,
      { metadata: { name: "config", namespace: "shop" }, data: { secret: secret.metadata.name } },
      { parent: this, dependsOn: [secret] },
    );
    this.secretName = secret.metadata.name;
    this.registerOutputs({ secretName: this.secretName });
  }
}

function byName(recording: Recording, name: string): Recording["resources"][number] {
  const found = recording.resources.find((resource) => resource.name === name);
  assert.ok(found, `no resource ${name}`);
  return found;
}

function names(recording: Recording): string[] {
  return recording.resources.map(({ name }) => name);
}

describe("recordProgram", () => {
  it("records a component and its children in an order of creation, with parents and dependencies", async () => {
    const recording = await recordProgram(() => new Pair("a", { password: "hunter22" }));
    assert.deepEqual(names(recording), ["a", "a-secret", "a-config"]);
    const [component, secret, config] = recording.resources;
    assert.equal(component?.custom, false);
    assert.equal(component.parent, undefined);
    assert.equal(component.urn, "urn:pulumi:stack::project::test:index:Pair::a");
    assert.equal(secret?.parent, component.urn);
    assert.equal(
      secret.urn,
      "urn:pulumi:stack::project::test:index:Pair$kubernetes:core/v1:Secret::a-secret",
    );
    assert.deepEqual(config?.dependencies, [secret.urn]);
    assert.equal(config.id, "shop/config");
  });

  it("keeps secrets marked, in inputs and in component inputs, and lists their texts", async () => {
    const recording = await recordProgram(() => new Pair("a", { password: "hunter22" }));
    const secret = byName(recording, "a-secret");
    assert.ok(secret.inputs.stringData instanceof SecretValue);
    assert.deepEqual(reveal(secret.inputs.stringData), { password: "hunter22" });
    assert.deepEqual(redact(secret.inputs.stringData), { password: "[secret]" });
    assert.deepEqual(byName(recording, "a").inputs, { password: new SecretValue("hunter22") });
    assert.ok(recording.secrets.has("hunter22"));
    assert.ok(!inspect(recording.resources, { depth: 10 }).includes("hunter22"));
    assert.ok(!JSON.stringify(recording.resources).includes("hunter22"));
  });

  it("names unnamed objects and draws random ids the same way in every run", async () => {
    const program = (): object => {
      const id = new random.RandomId("id", { byteLength: 4 });
      const map = new k8s.core.v1.ConfigMap("map", { data: { id: id.hex } });
      return { hex: id.hex, map: map.metadata.name, id: map.id };
    };
    const [first, second] = [await recordProgram(program), await recordProgram(program)];
    assert.match(String(first.outputs.hex), /^[0-9a-f]{8}$/);
    assert.match(String(first.outputs.map), /^map-[0-9a-f]{8}$/);
    assert.equal(first.outputs.id, `default/${String(first.outputs.map)}`);
    assert.deepEqual(second.outputs, first.outputs);
  });

  it("gives policies of admission, which belong to the cluster, no namespace", async () => {
    const kinds = ["ValidatingAdmissionPolicy", "MutatingAdmissionPolicy"].flatMap((kind) => [
      kind,
      `${kind}Binding`,
    ]);
    const { resources } = await recordProgram(() => {
      for (const kind of kinds) {
        new k8s.apiextensions.CustomResource(kind, {
          apiVersion: "admissionregistration.k8s.io/v1",
          kind,
          metadata: { name: "require-agent" },
        });
      }
    });
    assert.deepEqual(
      resources.map(({ id, outputs }) => [id, reveal(outputs.metadata)]),
      kinds.map(() => ["require-agent", { name: "require-agent" }]),
    );
  });

  it("answers reads, and fails like the provider when there is no such object", async () => {
    const program = (): object => ({
      mesh: k8s.core.v1.ConfigMap.get("live", "istio-system/istio").data.apply((data) => data.mesh),
    });
    const recording = await recordProgram(program, {
      reads: (type, id) =>
        type === "kubernetes:core/v1:ConfigMap" && id === "istio-system/istio"
          ? { data: { mesh: "a: 1" } }
          : undefined,
    });
    assert.deepEqual(recording.outputs, { mesh: "a: 1" });
    const live = byName(recording, "live");
    assert.equal(live.isRead, true);
    assert.equal(live.id, "istio-system/istio");
    await assert.rejects(recordProgram(program), /resource 'istio-system\/istio' does not exist/);
  });

  it("records log messages in order with their resource, warnings and infos apart", async () => {
    const recording = await recordProgram(async () => {
      const pair = new Pair("a", { password: "hunter22" });
      await pulumi.log.info("first");
      await pulumi.log.warn("second", pair);
      await pulumi.log.debug("not recorded");
    });
    assert.deepEqual(recording.logs, [
      { severity: "info", message: "first", urn: undefined },
      { severity: "warning", message: "second", urn: "urn:pulumi:stack::project::test:index:Pair::a" },
    ]);
  });

  it("inherits retainOnDelete and protect from the parent unless the child says otherwise", async () => {
    const recording = await recordProgram(() => {
      const parent = new pulumi.ComponentResource("test:index:Group", "group", {}, { retainOnDelete: true });
      new k8s.core.v1.ConfigMap("kept", {}, { parent });
      new k8s.core.v1.ConfigMap("dropped", {}, { parent, retainOnDelete: false, protect: true });
    });
    assert.equal(byName(recording, "kept").options.retainOnDelete, true);
    assert.equal(byName(recording, "dropped").options.retainOnDelete, false);
    assert.equal(byName(recording, "dropped").options.protect, true);
    assert.equal(byName(recording, "kept").options.protect, false);
  });

  it("applies transforms of a component and of the stack to children", async () => {
    const recording = await recordProgram(() => {
      pulumi.runtime.registerResourceTransform(({ type, props, opts }) =>
        type === "kubernetes:core/v1:ConfigMap" ? { props: { ...props, immutable: true }, opts } : undefined,
      );
      new Pair(
        "a",
        { password: "hunter22" },
        {
          transforms: [
            ({ name, props, opts }) =>
              name === "a-config"
                ? { props: { ...props, data: { changed: "yes" } }, opts: { ...opts, retainOnDelete: true } }
                : undefined,
          ],
        },
      );
    });
    const config = byName(recording, "a-config");
    assert.deepEqual(config.inputs.data, { changed: "yes" });
    assert.equal(config.inputs.immutable, true);
    assert.equal(config.options.retainOnDelete, true);
    assert.deepEqual(config.dependencies, [byName(recording, "a-secret").urn]);
    assert.ok(byName(recording, "a-secret").inputs.stringData instanceof SecretValue);
  });

  it("accepts resource hooks without running them", async () => {
    let ran = false;
    const recording = await recordProgram(() => {
      const hook = new pulumi.ResourceHook("hook", () => {
        ran = true;
      });
      new k8s.core.v1.ConfigMap("map", {}, { hooks: { beforeCreate: [hook] } });
    });
    assert.deepEqual(names(recording), ["map"]);
    assert.equal(ran, false);
  });

  it("passes configuration, with secret keys marked", async () => {
    const recording = await recordProgram(
      () => {
        const config = new pulumi.Config();
        return {
          site: config.require("site"),
          key: config.requireSecret("key"),
          other: new pulumi.Config("o").get("x"),
        };
      },
      { project: "waf", config: { site: "shop", key: "abcd1234", "o:x": "1" }, secretConfig: ["key"] },
    );
    assert.deepEqual(recording.outputs, { site: "shop", key: new SecretValue("abcd1234"), other: "1" });
    assert.ok(recording.secrets.has("abcd1234"));
  });

  it("leaves ids and random results unknown in a preview", async () => {
    const recording = await recordProgram(
      () => {
        const id = new random.RandomId("id", { byteLength: 4 });
        new k8s.core.v1.ConfigMap("map", { metadata: { name: "map" }, data: { id: id.hex } });
        return { dryRun: pulumi.runtime.isDryRun() };
      },
      { preview: true },
    );
    assert.equal(byName(recording, "map").id, undefined);
    assert.deepEqual(byName(recording, "map").inputs.data, { id: UNKNOWN });
    assert.equal(recording.outputs.dryRun, true);
  });

  it("reports provider functions it cannot answer", async () => {
    const program = (): object => ({ result: pulumi.runtime.invoke("a:b:c", { x: 1 }) });
    assert.deepEqual((await recordProgram(program)).unansweredCalls, ["a:b:c"]);
    const answered = await recordProgram(program, { calls: (token, inputs) => ({ token, x: inputs.x }) });
    assert.deepEqual(answered.unansweredCalls, []);
    assert.deepEqual(answered.outputs, { result: { token: "a:b:c", x: 1 } });
  });
});

describe("recordProgram, failing programs", () => {
  const failing: Record<string, { program: () => unknown; message: RegExp }> = {
    "a throw": {
      program: () => {
        throw new Error("thrown");
      },
      message: /^thrown$/,
    },
    "a rejected promise": { program: () => Promise.reject(new Error("rejected")), message: /^rejected$/ },
    "a failed apply nobody waits for": {
      program: () => {
        pulumi.output(1).apply(() => {
          throw new Error("in apply");
        });
      },
      message: /^in apply$/,
    },
    "a failed apply behind an input": {
      program: () => {
        new k8s.core.v1.ConfigMap("map", {
          data: pulumi.output(1).apply((): Record<string, string> => {
            throw new Error("in input");
          }),
        });
      },
      message: /^in input$/,
    },
    "a failed transform": {
      program: () => {
        const transform = (): never => {
          throw new Error("in transform");
        };
        new k8s.core.v1.ConfigMap("map", {}, { transforms: [transform] });
      },
      message: /in transform/,
    },
    "a duplicate logical name": {
      program: () => {
        new k8s.core.v1.ConfigMap("map", {});
        new k8s.core.v1.ConfigMap("map", {});
      },
      message:
        /a second resource has the URN 'urn:pulumi:stack::project::kubernetes:core\/v1:ConfigMap::map'/,
    },
    "a patch without a name": {
      program: () => new k8s.core.v1.ConfigMapPatch("p", {}),
      message: /metadata\.name/,
    },
    "a logged error": { program: () => pulumi.log.error("logged"), message: /^logged$/ },
    "a missing config value": { program: () => new pulumi.Config().require("site"), message: /site/ },
  };
  for (const [what, { program, message }] of Object.entries(failing)) {
    it(`fails on ${what}, and the next run is not affected`, async () => {
      await assert.rejects(recordProgram(program), (error: unknown) => {
        assert.ok(error instanceof ProgramError);
        assert.match(error.message, message);
        return true;
      });
      const next = await recordProgram(() => {
        new k8s.core.v1.ConfigMap("map", {});
      });
      assert.deepEqual(names(next), ["map"]);
      assert.deepEqual(next.logs, []);
    });
  }

  it("keeps the original error, so that its class can be asked for", async () => {
    const program = (): never => {
      throw new pulumi.InputPropertyError({ propertyPath: "targets", reason: "must not be empty" });
    };
    await assert.rejects(recordProgram(program), (error: unknown) => {
      assert.ok(error instanceof ProgramError);
      assert.ok(pulumi.InputPropertyError.isInstance(error.errors[0]));
      return true;
    });
  });

  it("leaves the process's listeners as they were", async () => {
    const before = process.rawListeners("unhandledRejection");
    await assert.rejects(recordProgram(() => Promise.reject(new Error("x"))));
    assert.deepEqual(process.rawListeners("unhandledRejection"), before);
  });
});

describe("collectSecrets", () => {
  it("finds texts and numbers at any depth inside a mark, and nothing outside", () => {
    const found = new Set<string>();
    collectSecrets({ a: [new SecretValue({ b: ["x", { c: 12 }] }), "open"], d: new SecretValue("y") }, found);
    assert.deepEqual([...found].sort(), ["12", "x", "y"]);
  });
});
