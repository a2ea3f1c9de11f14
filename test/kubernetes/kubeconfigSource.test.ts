import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { runsUnderEngine } from "../../src/pulumi/engineRun";
import { recordProgram } from "../../src/offline/recording";
import { isPulumiRunner, preflightSource } from "../../src/kubernetes/kubeconfigSource";
import type { RunFacts } from "../../src/kubernetes/kubeconfigSource";

const cli: RunFacts = {
  startedByPulumi: true,
  explicitProvider: false,
  rendersYaml: false,
  stackKubeconfig: undefined,
  stackContext: undefined,
};

describe("preflight: where it looks", () => {
  it("uses by itself the kubeconfig of the default provider, and asks for proof", () => {
    assert.deepEqual(preflightSource({}, cli), {
      kubeconfig: undefined,
      context: undefined,
      needsProof: true,
      sameUser: true,
    });
    const configured = { ...cli, stackKubeconfig: "/k", stackContext: "prod", startedByPulumi: false };
    assert.deepEqual(preflightSource({}, configured), {
      kubeconfig: "/k",
      context: "prod",
      needsProof: true,
      sameUser: true,
    });
    assert.deepEqual(preflightSource({ context: "other" }, configured), {
      kubeconfig: "/k",
      context: "other",
      needsProof: true,
      sameUser: false,
    });
  });

  it("does not look by itself with an explicit provider or in a program with another environment", () => {
    const explicit = preflightSource({}, { ...cli, explicitProvider: true, stackKubeconfig: "/k" });
    assert.ok("reason" in explicit);
    assert.match(explicit.reason ?? "", /^an explicit Kubernetes provider is in use/);
    const inline = preflightSource({}, { ...cli, startedByPulumi: false });
    assert.deepEqual(inline, { reason: undefined });
  });

  it("looks where it is told to", () => {
    const run = { ...cli, explicitProvider: true, startedByPulumi: false };
    assert.deepEqual(preflightSource({ kubeconfig: "/mine", context: "x" }, run), {
      kubeconfig: "/mine",
      context: "x",
      needsProof: false,
      sameUser: false,
    });
    assert.deepEqual(preflightSource({ enabled: true }, { ...cli, startedByPulumi: false }), {
      kubeconfig: undefined,
      context: undefined,
      needsProof: false,
      sameUser: false,
    });
  });

  it("asks for proof when it is only told to look, and an explicit provider is in use", () => {
    const run = { ...cli, explicitProvider: true, stackKubeconfig: "/k", stackContext: "prod" };
    assert.deepEqual(preflightSource({ enabled: true }, run), {
      kubeconfig: undefined,
      context: undefined,
      needsProof: true,
      sameUser: false,
    });
  });

  it("never uses a kubeconfig that nobody gave without proof, and never looks when told not to", () => {
    const run = fc.record({
      startedByPulumi: fc.boolean(),
      explicitProvider: fc.boolean(),
      rendersYaml: fc.boolean(),
      stackKubeconfig: fc.option(fc.constant("/stack"), { nil: undefined }),
      stackContext: fc.option(fc.constant("prod"), { nil: undefined }),
    });
    const args = fc.record({
      enabled: fc.option(fc.boolean(), { nil: undefined }),
      kubeconfig: fc.option(fc.constant("/given"), { nil: undefined }),
    });
    fc.assert(
      fc.property(args, run, (given, facts) => {
        const source = preflightSource(given, facts);
        if (facts.rendersYaml || given.enabled === false) {
          assert.deepEqual(source, { reason: undefined });
        } else if ("needsProof" in source) {
          const told = given.kubeconfig !== undefined || (given.enabled === true && !facts.explicitProvider);
          assert.equal(source.needsProof, !told);
          assert.ok(source.kubeconfig !== "/stack" || !facts.explicitProvider);
          const ofProvider = facts.stackKubeconfig !== undefined || facts.startedByPulumi;
          assert.equal(
            source.sameUser,
            given.kubeconfig === undefined && !facts.explicitProvider && ofProvider,
          );
        } else {
          assert.ok(given.kubeconfig === undefined && given.enabled !== true);
        }
      }),
    );
  });
});

describe("preflight: the running program", () => {
  it("tells the engine from mocks, from an offline recording and from nothing", async () => {
    assert.equal(runsUnderEngine(undefined), false);
    assert.equal(runsUnderEngine({ getChannel: () => undefined }), true);
    const newResource = ({ name }: pulumi.runtime.MockResourceArgs): pulumi.runtime.MockResourceResult => ({
      id: name,
      state: {},
    });
    await pulumi.runtime.setMocks({ newResource, call: () => ({}) });
    assert.equal(runsUnderEngine(pulumi.runtime.getMonitor()), false);
    let recorded: boolean | undefined;
    await recordProgram(() => {
      recorded = runsUnderEngine(pulumi.runtime.getMonitor());
      return Promise.resolve();
    });
    assert.equal(recorded, false);
  });

  for (const [script, expected] of [
    ["/app/node_modules/@pulumi/pulumi/cmd/run/index.js", true],
    ["/app/node_modules/.pnpm/@pulumi+pulumi@3.250.0/node_modules/@pulumi/pulumi/cmd/run", true],
    ["C:\\app\\node_modules\\@pulumi\\pulumi\\cmd\\run-plugin\\index.js", true],
    ["/app/node_modules/@pulumi/pulumi/cmd/run-policy-pack/index.js", false],
    ["/app/deploy.js", false],
    ["", false],
  ] as const) {
    it(`takes ${script === "" ? "nothing" : script} for ${expected ? "Pulumi's own" : "another"} script`, () => {
      assert.equal(isPulumiRunner(script), expected);
    });
  }
});
