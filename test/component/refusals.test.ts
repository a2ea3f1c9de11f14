import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { SigsciIstioIntegration } from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { Refusal } from "../../src/pulumi/refusal";
import { cluster, keys, recordRefusal, smallest } from "./program";
import type { LiveMesh, RefusedRun } from "./program";

/** As from a program without type checks. */
function refusedArgs(args: unknown): Promise<RefusedRun> {
  return recordRefusal(() => {
    new SigsciIstioIntegration("waf", args as SigsciIstioIntegrationArgs);
  });
}

function refusedMesh(mesh: LiveMesh, args: Partial<SigsciIstioIntegrationArgs> = {}): Promise<RefusedRun> {
  return recordRefusal(
    () => {
      new SigsciIstioIntegration("waf", { ...smallest, ...args });
    },
    { reads: cluster({ "istio-system/istio": mesh }) },
  );
}

function assertNoKey(run: RefusedRun): void {
  for (const value of Object.values(keys)) {
    assert.ok(!run.plainText.includes(value), "a key in plain text");
  }
}

const label =
  "only lower-case letters, digits and hyphens are allowed, with a letter or a digit at both ends";

describe("refused plain arguments", () => {
  it("are all listed, and only the component itself was registered", async () => {
    const run = await refusedArgs({ ...smallest, namespace: "My Namespace", targets: [] });
    assert.deepEqual(run.registered, ["waf"]);
    assert.equal(
      run.message,
      'SigsciIstioIntegration "waf": 2 arguments are refused, nothing was changed.\n' +
        `  - namespace = 'My Namespace': ${label}\n    Give a valid Kubernetes namespace.\n` +
        "  - targets = []: nothing would be protected\n    Give at least one target.",
    );
    assertNoKey(run);
  });

  for (const args of [undefined, null, {}]) {
    it(`are refused when they are ${JSON.stringify(args)}`, async () => {
      const run = await refusedArgs(args);
      assert.deepEqual(run.registered, ["waf"]);
      assert.equal(
        run.message,
        'SigsciIstioIntegration "waf": 2 arguments are refused, nothing was changed.\n' +
          "  - credentials: it is missing, and has no default\n" +
          '    Write credentials: { site: "…", accessKeyId: "…", secretAccessKey: "…" }.\n' +
          "  - targets: it is missing, and has no default\n" +
          '    Write targets: [{ name: "web", namespace: "shop" }].',
      );
    });
  }

  it("are asked for a name when they stand in its place", () => {
    // A program without type checks may leave the name out.
    const construct = SigsciIstioIntegration as unknown as new (args: unknown) => SigsciIstioIntegration;
    const message =
      "new SigsciIstioIntegration: the name of the component is missing, the arguments stand in its place.\n" +
      '    Write new SigsciIstioIntegration("waf", { … }).';
    assert.throws(() => new construct(smallest), { constructor: Refusal, message });
  });

  it("are refused as a whole when they are an Output", async () => {
    const run = await refusedArgs(pulumi.output(smallest));
    assert.deepEqual(run.registered, ["waf"]);
    assert.equal(
      run.message,
      'SigsciIstioIntegration "waf": 1 argument is refused, nothing was changed.\n' +
        "  - (arguments): it shapes which resources there are, so it must be a plain value\n    Do not pass an Output.",
    );
    assertNoKey(run);
  });

  const { site, ...bothKeys } = smallest.credentials;
  const badCredentials: [string, unknown, RegExp][] = [
    ["in a list", [smallest.credentials], /credentials: it must be an object, not a list/],
    ["that are a key", keys.secretAccessKey, /credentials: it must be an object/],
    ["that are an Output", pulumi.output(smallest.credentials), /credentials: it shapes which resources/],
    [
      "with a misspelt name",
      { site, secretAccesKey: keys.secretAccessKey },
      /Did you mean secretAccessKey\?/,
    ],
    ["without a site", bothKeys, /credentials\.site: it is missing/],
    [
      "with blanks",
      { site, ...keys, accessKeyId: `${keys.accessKeyId} ` },
      /credentials\.accessKeyId: it has blanks/,
    ],
    [
      "with one key twice",
      { site, ...keys, accessKeyId: keys.secretAccessKey },
      /it is the same as accessKeyId/,
    ],
    [
      "with both forms",
      { ...smallest.credentials, existingSecret: { name: "x" } },
      /only one of the forms can hold/,
    ],
  ];
  for (const [what, credentials, message] of badCredentials) {
    it(`show no key: credentials ${what}`, async () => {
      const run = await refusedArgs({ ...smallest, credentials });
      assert.match(run.message, message);
      assert.deepEqual(run.registered, ["waf"]);
      assertNoKey(run);
    });
  }
});

describe("refused arguments that are known only later", () => {
  it("stop everything before the first object", async () => {
    const run = await refusedArgs({ ...smallest, namespace: pulumi.output("My Namespace") });
    assert.deepEqual(run.registered, ["waf", "waf-id"]);
    assert.equal(
      run.message,
      'SigsciIstioIntegration "waf": 1 argument is refused, nothing was changed.\n' +
        `  - namespace = 'My Namespace': ${label}\n    Give a valid Kubernetes namespace.`,
    );
    assertNoKey(run);
  });

  it("are checked for their type and against each other", async () => {
    const run = await refusedArgs({
      ...smallest,
      targets: [
        { name: "web", namespace: pulumi.output("shop") },
        { name: "api", namespace: pulumi.output("shop"), paths: ["/a"] },
        { name: "own", namespace: pulumi.output("sigsci") },
      ],
      labels: { team: pulumi.output(7) },
    });
    assert.deepEqual(run.registered, ["waf", "waf-id"]);
    assert.match(run.message, /labels\["team"\] = 7: it must be a string/);
    const next = await refusedArgs({
      ...smallest,
      createNamespace: false,
      targets: [
        { name: "web", namespace: pulumi.output("shop") },
        { name: "own", namespace: pulumi.output("sigsci") },
        { name: "api", namespace: pulumi.output("shop") },
      ],
    });
    assert.equal(
      next.message,
      'SigsciIstioIntegration "waf": 2 arguments are refused, nothing was changed.\n' +
        "  - targets[2]: targets[0] selects the same workloads, and Istio uses only one Telemetry for a workload\n" +
        "    Make it one target and list the conditions in its `rules`.\n" +
        "  - targets[1]: it also selects the agent's own pods, so each check would cause another check\n" +
        "    Give labels that the agent does not carry, or put the agent into another namespace.",
    );
  });

  it("show no key that is refused", async () => {
    const accessKeyId = pulumi.secret(`${keys.accessKeyId}\n`);
    const run = await refusedArgs({ ...smallest, credentials: { ...smallest.credentials, accessKeyId } });
    assert.deepEqual(run.registered, ["waf", "waf-id"]);
    assert.equal(
      run.message,
      'SigsciIstioIntegration "waf": 1 argument is refused, nothing was changed.\n' +
        "  - credentials.accessKeyId: it has blanks or a line break at an end, as a copied key easily has\n" +
        "    Copy the key again; its value is not shown here because it is a secret.",
    );
    assertNoKey(run);
  });
});

describe("a refused mesh", () => {
  const refusal = (reason: string, remedy: string): string =>
    `Mesh configuration in ConfigMap istio-system/istio: ${reason}\n    ${remedy}\n    Nothing was written.`;

  it("stops everything before the first object, with the line of the text", async () => {
    const run = await refusedMesh({ text: "a: 1\nextensionProviders: many\n" });
    assert.deepEqual(run.registered, ["waf", "waf-id"]);
    assert.equal(
      run.message,
      refusal("extensionProviders is a single value, not a list (line 2 of the text).", "Correct it first."),
    );
    assertNoKey(run);
  });

  it("stops everything when the key is missing", async () => {
    const run = await refusedMesh({});
    assert.deepEqual(run.registered, ["waf", "waf-id"]);
    assert.equal(
      run.message,
      refusal(
        "it has no key `mesh`, so istiod runs on built-in defaults.",
        "Check that this is the ConfigMap of your Istio installation, and restore the key first.",
      ),
    );
  });

  it("stops everything when the ConfigMap is not there", async () => {
    const run = await recordRefusal(
      () => {
        new SigsciIstioIntegration("waf", smallest);
      },
      { reads: cluster({}) },
    );
    assert.deepEqual(run.registered, ["waf", "waf-id"]);
    assert.match(run.message, /resource 'istio-system\/istio' does not exist/);
  });

  const taken = "extensionProviders:\n- name: waf-ext-authz\n";

  it("stops everything when an entry is not ours, unless it is adopted", async () => {
    const run = await refusedMesh({ text: taken });
    assert.deepEqual(run.registered, ["waf", "waf-id"]);
    assert.equal(
      run.message,
      refusal(
        "provider waf-ext-authz (line 2 of the text) is not ours.",
        "Set `mesh.adopt: true` to take it over, or choose other names with `mesh.providerNames`.",
      ),
    );
  });

  it("stops everything when an entry belongs to another component, also with adopt", async () => {
    const annotations = { "owner.pulumi-sigsci-istio/waf-ext-authz": "shop/prod/pay#77" };
    const run = await refusedMesh({ text: taken, annotations }, { mesh: { adopt: true } });
    assert.deepEqual(run.registered, ["waf", "waf-id"]);
    assert.equal(
      run.message,
      refusal(
        "provider waf-ext-authz (line 2 of the text) belongs to shop/prod/pay.",
        "Rename this component or choose other names with `mesh.providerNames`. If that component is gone, remove " +
          "the annotation owner.pulumi-sigsci-istio/waf-ext-authz and set `mesh.adopt: true`.",
      ),
    );
  });

  it("of one revision stops the edit of the other one too", async () => {
    const run = await recordRefusal(
      () => {
        new SigsciIstioIntegration("waf", { ...smallest, mesh: { revisions: ["default", "canary"] } });
      },
      {
        reads: cluster({
          "istio-system/istio": { text: "a: 1\n" },
          "istio-system/istio-canary": { text: "" },
        }),
      },
    );
    assert.deepEqual(run.registered, ["waf", "waf-id"]);
    assert.equal(
      run.message,
      "Mesh configuration in ConfigMap istio-system/istio-canary: the mesh text is empty.\n" +
        "    Restore the mesh configuration of your Istio installation first.\n    Nothing was written.",
    );
  });

  it("stops a teardown before the policies lose their effect", async () => {
    const run = await refusedMesh({ text: "- a\n" }, { teardown: true });
    assert.deepEqual(run.registered, ["waf", "waf-id"]);
  });
});
