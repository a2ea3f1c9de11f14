import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { MeshConfigStrategy } from "../../src/args/mesh";
import type { MeshArgs } from "../../src/args/mesh";
import { meshShape } from "../../src/validation/shapes/mesh";
import { meshProblems } from "../../src/validation/meshProblems";
import { describeProblem } from "../../src/validation/problem";

const messages = (args: MeshArgs): string[] =>
  [...meshShape(args, "mesh"), ...meshProblems("waf", args)].map(describeProblem);
const label =
  "only lower-case letters, digits and hyphens are allowed, with a letter or a digit at both ends";
const subdomain =
  "only lower-case letters, digits, hyphens and dots are allowed, " +
  "with a letter or a digit at both ends and on both sides of a dot";

describe("meshProblems", () => {
  it("accepts no arguments and every argument", () => {
    assert.deepEqual(messages({}), []);
    assert.deepEqual(
      messages({
        istioNamespace: "istio-system",
        revisions: ["default", "1-31"],
        clusterDomain: "example.org",
        providerNames: { extAuthz: "sigsci-agent-ext-authz", accessLog: "a".repeat(63) },
        adopt: true,
      }),
      [],
    );
  });

  it("skips what is known only later", () => {
    const later = pulumi.output("Not Checked Yet");
    assert.deepEqual(messages({ istioNamespace: later }), []);
  });

  for (const [field, shown] of [
    ["extAuthz", "authorizer"],
    ["accessLog", "access log"],
  ] as const) {
    const remedy = "Use lower case letters, digits and hyphens, at most 63.";
    const message = (value: string, reason: string): string[] => [
      `mesh.providerNames.${field} = '${value}': ${reason}\n    ${remedy}`,
    ];

    it(`refuses a name of the ${shown} with capitals, dots or too many characters`, () => {
      assert.deepEqual(messages({ providerNames: { [field]: "Waf" } }), message("Waf", label));
      assert.deepEqual(messages({ providerNames: { [field]: "waf.authz" } }), message("waf.authz", label));
      assert.deepEqual(messages({ providerNames: { [field]: "" } }), message("", "it is empty"));
      const long = "a".repeat(64);
      const reason = "it has 64 characters, 63 are allowed";
      assert.deepEqual(messages({ providerNames: { [field]: long } }), message(long, reason));
    });

    it(`refuses a name of the ${shown} that Istio defines itself`, () => {
      for (const name of ["prometheus", "stackdriver", "envoy"]) {
        const reason = "Istio defines a provider of this name itself";
        assert.deepEqual(messages({ providerNames: { [field]: name } }), message(name, reason));
      }
    });
  }

  it("refuses two providers of one name, also when one of them is a default", () => {
    const message = (value: string): string[] => [
      `mesh.providerNames = ${value}: both providers would have the same name, and Istio would use the last one only\n` +
        "    Give them different names.",
    ];
    assert.deepEqual(
      messages({ providerNames: { extAuthz: "waf", accessLog: "waf" } }),
      message("{ extAuthz: 'waf', accessLog: 'waf' }"),
    );
    assert.deepEqual(
      messages({ providerNames: { extAuthz: "waf-access-log" } }),
      message("{ extAuthz: 'waf-access-log' }"),
    );
    assert.deepEqual(
      messages({ providerNames: { accessLog: "waf-ext-authz" } }),
      message("{ accessLog: 'waf-ext-authz' }"),
    );
  });

  it("refuses a revision that is listed twice", () => {
    assert.deepEqual(messages({ revisions: ["default", "canary", "canary"] }), [
      "mesh.revisions[2] = 'canary': it is listed twice\n    List it once.",
    ]);
  });

  it("refuses an empty list of revisions and a bad revision", () => {
    assert.deepEqual(messages({ revisions: [] }), [
      "mesh.revisions = []: no revision is listed\n    List at least one.",
    ]);
    assert.deepEqual(messages({ revisions: ["1.31"] }), [
      `mesh.revisions[0] = '1.31': ${label}\n    Give a revision name, "default" for the unnamed one.`,
    ]);
  });

  it("refuses revisions next to configMapName", () => {
    assert.deepEqual(messages({ revisions: ["canary"], configMapName: "istio" }), [
      "mesh.revisions: configMapName is given too\n    Give one of the two.",
    ]);
  });

  it("refuses bad names of the namespace, the ConfigMap and the domain", () => {
    assert.deepEqual(
      messages({ istioNamespace: "Istio", configMapName: "is tio", clusterDomain: ".local" }),
      [
        `mesh.istioNamespace = 'Istio': ${label}\n    Give the namespace of istiod.`,
        `mesh.configMapName = 'is tio': ${subdomain}\n    Give the name of the ConfigMap.`,
        `mesh.clusterDomain = '.local': ${subdomain}\n    Give a DNS name, for example cluster.local.`,
      ],
    );
  });
});

describe("meshProblems of the strategy Shared", () => {
  const strategy = MeshConfigStrategy.Shared;

  it("accepts everything that goes with it", () => {
    const own = { sharedConfigMapName: "istio-shared", createSharedConfigMap: false, checkIstiod: false };
    assert.deepEqual(messages({ strategy }), []);
    assert.deepEqual(messages({ strategy, revisions: ["default", "1-31"], ...own }), []);
  });

  it("refuses the arguments of Shared with another strategy, where they have no effect", () => {
    for (const [other, name] of [
      [undefined, "Patch"],
      [MeshConfigStrategy.External, "External"],
    ] as const) {
      const args = {
        sharedConfigMapName: "a",
        createSharedConfigMap: true,
        checkIstiod: false,
        patchIstiod: true,
      };
      const remedy = 'Leave it out, or set mesh.strategy to "Shared".';
      assert.deepEqual(messages({ ...(other && { strategy: other }), ...args }), [
        `mesh.sharedConfigMapName = 'a': it has no effect with strategy ${name}\n    ${remedy}`,
        `mesh.createSharedConfigMap = true: it has no effect with strategy ${name}\n    ${remedy}`,
        `mesh.checkIstiod = false: it has no effect with strategy ${name}\n    ${remedy}`,
        `mesh.patchIstiod = true: it has no effect with strategy ${name}\n    ${remedy}`,
      ]);
    }
  });

  it("refuses the name of the installation's own ConfigMap, of whatever revision", () => {
    const reason = "it is the ConfigMap of Istio's own installation, which wins over the shared one";
    for (const [revisions, sharedConfigMapName] of [
      [undefined, "istio"],
      [["default", "1-31"], "istio-1-31"],
    ] as const) {
      assert.deepEqual(
        messages({ strategy, sharedConfigMapName, ...(revisions && { revisions: [...revisions] }) }),
        [`mesh.sharedConfigMapName = '${sharedConfigMapName}': ${reason}\n    Give another name.`],
      );
    }
  });

  it("refuses to patch an istiod that is not to be read", () => {
    assert.deepEqual(messages({ strategy, patchIstiod: true }), []);
    assert.deepEqual(messages({ strategy, patchIstiod: true, checkIstiod: true }), []);
    assert.deepEqual(messages({ strategy, patchIstiod: true, checkIstiod: false }), [
      "mesh.patchIstiod = true: an istiod that is not read cannot be patched, and mesh.checkIstiod is false\n" +
        "    Leave out one of the two.",
    ]);
  });

  it("refuses a name that is too long for the ConfigMap with the variable", () => {
    const fits = "a".repeat(249);
    assert.deepEqual(messages({ strategy, patchIstiod: true, sharedConfigMapName: fits }), []);
    assert.deepEqual(messages({ strategy, sharedConfigMapName: `${fits}a` }), []);
    const [message = "", ...more] = messages({
      strategy,
      patchIstiod: true,
      sharedConfigMapName: `${fits}a`,
    });
    assert.match(message, /^mesh\.sharedConfigMapName = .*Give a shorter name: with patchIstiod there is/s);
    assert.deepEqual(more, []);
  });

  it("refuses a name that no ConfigMap can have, and configMapName", () => {
    assert.deepEqual(messages({ strategy, sharedConfigMapName: "A" }), [
      `mesh.sharedConfigMapName = 'A': ${subdomain}\n    Give the name of the ConfigMap.`,
    ]);
    assert.deepEqual(messages({ strategy, configMapName: "istio" }), [
      "mesh.configMapName: with strategy Shared the ConfigMap of Istio's own installation is not touched\n" +
        "    Give sharedConfigMapName instead, or leave it out.",
    ]);
  });
});
