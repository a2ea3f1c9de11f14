import assert from "node:assert/strict";
import { inspect } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { redact, reveal, SecretValue } from "../../src/offline/recording";
import type { Recording } from "../../src/offline/recording";
import { SigsciIstioIntegration } from "../../src";
import { keys, named, recordComponent, recordRefusal, smallest } from "./program";

const values = Object.values(keys);
const without = (object: object, ...names: string[]): unknown =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

/** Everything that a run leaves in plain text: state, logs and outputs, as JSON and as Node prints it. */
function plainText(recording: Recording): string {
  const { resources, logs, outputs } = recording;
  const all = { resources, logs, outputs };
  return (
    JSON.stringify(all) +
    inspect(all, { depth: Infinity, maxStringLength: Infinity, maxArrayLength: Infinity })
  );
}

function assertHidden(text: string): void {
  for (const value of values) {
    assert.ok(!text.includes(value), "a key in plain text");
    assert.ok(!text.includes(Buffer.from(value).toString("base64")), "a key in base64");
  }
}

describe("the keys", () => {
  it("stand nowhere in plain text", async () => {
    for (const preview of [false, true]) {
      assertHidden(plainText(await recordComponent({}, { preview })));
    }
  });

  it("stand nowhere in plain text when they come as secret Outputs or with a salt", async () => {
    const credentials = {
      site: pulumi.output("shop"),
      accessKeyId: pulumi.secret(keys.accessKeyId),
      secretAccessKey: pulumi.secret(keys.secretAccessKey),
    };
    assertHidden(plainText(await recordComponent({ credentials })));
    const agent = { options: { anonymousIpSecretKey: "SALT-0815-PLAIN" } };
    const recording = await recordComponent({ credentials, agent });
    assert.ok(!plainText(recording).includes("SALT-0815-PLAIN"));
  });

  for (const [what, changes] of Object.entries({
    "a value of the wrong form": { credentials: { site: pulumi.secret("SALT 0815 PLAIN"), ...keys } },
    "a value among labels": { agent: { podLabels: { team: pulumi.secret("SALT 0815 PLAIN") } } },
    "a value of the wrong type": { agent: { extraOptions: pulumi.secret("SALT 0815 PLAIN") } },
    "an object that holds it": { sidecar: [pulumi.secret("SALT 0815 PLAIN")] },
  })) {
    it(`are in no refusal, nor is any secret: ${what}`, async () => {
      const { message, plainText: said } = await recordRefusal(() => {
        // Programs without type checks may write such arguments.
        new SigsciIstioIntegration("waf", { ...smallest, ...(changes as object) });
      });
      assert.match(message, /refused, nothing was changed/);
      assert.ok(!said.includes("0815"), message);
    });
  }

  it("show other values of Outputs in a refusal", async () => {
    const credentials = { site: pulumi.output("No Site"), ...keys };
    const { message } = await recordRefusal(() => {
      new SigsciIstioIntegration("waf", { ...smallest, credentials });
    });
    assert.match(message, /credentials\.site = 'No Site': /);
  });

  it("reach the Secret, as secrets", async () => {
    const { inputs, options } = named(await recordComponent(), "waf-secret");
    assert.ok(inputs.stringData instanceof SecretValue);
    assert.deepEqual(inputs.stringData.value, {
      accesskeyid: keys.accessKeyId,
      secretaccesskey: keys.secretAccessKey,
    });
    assert.deepEqual([...options.additionalSecretOutputs].sort(), ["data", "stringData"]);
  });

  it("are secrets also among the component's own inputs", async () => {
    const agent = { options: { anonymousIpSecretKey: "SALT-0815-PLAIN", maxProcs: "2" } };
    const { inputs } = named(await recordComponent({ agent }), "waf");
    assert.deepEqual(redact(inputs.credentials), {
      site: "shop",
      accessKeyId: "[secret]",
      secretAccessKey: "[secret]",
    });
    assert.deepEqual(reveal(inputs.credentials), { site: "shop", ...keys });
    assert.deepEqual(redact(inputs.agent), { options: { anonymousIpSecretKey: "[secret]", maxProcs: "2" } });
  });

  it("do not hide the Secret's name, its metadata, the pods or anything else", async () => {
    const recording = await recordComponent();
    const { inputs } = named(recording, "waf-secret");
    assert.equal((inputs.metadata as { name: unknown }).name, "sigsci.shop-0bf2da09e2");
    const secretFields = recording.resources.flatMap(({ name, inputs: fields, outputs }) =>
      [...Object.entries(fields), ...Object.entries(outputs)]
        .filter(([, value]) => JSON.stringify(value).includes("[secret]"))
        .map(([field]) => `${name}.${field}`),
    );
    assert.deepEqual([...new Set(secretFields)], ["waf.credentials", "waf-secret.stringData"]);
  });
});

describe("rotated keys", () => {
  it("change the Secret's name and content and the pods, and nothing else", async () => {
    const before = await recordComponent();
    const after = await recordComponent({
      credentials: { site: "shop", ...keys, accessKeyId: "AKID-ROTATED" },
    });
    const changed = before.resources
      .filter(({ name, inputs }) => JSON.stringify(inputs) !== JSON.stringify(named(after, name).inputs))
      .map(({ name }) => name)
      .sort();
    assert.deepEqual(changed, ["waf-deployment", "waf-secret"]);

    const [oldSecret, newSecret] = [before, after].map((recording) => named(recording, "waf-secret").inputs);
    assert.ok(oldSecret && newSecret);
    assert.deepEqual(
      without(oldSecret, "metadata", "stringData"),
      without(newSecret, "metadata", "stringData"),
    );
    // The stand-in echoes what was registered.
    const [oldName, newName] = [oldSecret, newSecret].map((one) => (one.metadata as { name: string }).name);
    assert.ok(oldName !== undefined && newName !== undefined && oldName !== newName);
    assert.deepEqual({ ...(newSecret.metadata as object), name: oldName }, oldSecret.metadata);

    const [oldPods, newPods] = [before, after].map((one) =>
      JSON.stringify(named(one, "waf-deployment").inputs),
    );
    assert.equal(newPods?.replaceAll(newName, oldName), oldPods);
    const { outputs } = named(after, "waf");
    assert.deepEqual({ ...outputs, secretName: oldName }, named(before, "waf").outputs);
    assert.equal(outputs.secretName, newName);
  });

  it("are seen whichever of the values changes", async () => {
    const names = await Promise.all(
      [{}, { secretAccessKey: "SECRET-ROTATED" }, { accessKeyId: "AKID-ROTATED" }].map(async (changed) => {
        const recording = await recordComponent({ credentials: { site: "shop", ...keys, ...changed } });
        return named(recording, "waf").outputs.secretName;
      }),
    );
    assert.equal(new Set(names).size, 3);
  });
});
