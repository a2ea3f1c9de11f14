import assert from "node:assert/strict";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { clusterRefusal } from "../../../src/cli/clusterFailure";
import { RequestFailure } from "../../../src/kubernetes/requestFailure";
import { refuseReferenced } from "../../../src/cli/mesh/policyReferences";
import { inFolder } from "../../render/temporaryFolder";
import { runCommand } from "../run";
import { widest } from "./files";

/** A kubeconfig whose server is a port where nothing listens. */
const unreachable = stringify({
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
  users: [{ name: "u", user: {} }],
  contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
  "current-context": "x",
});

/** The contexts x and y, each with its cluster. */
function contextsOf(...clusters: readonly [string, string]): object[] {
  return ["x", "y"].map((name, index) => ({ name, context: { cluster: clusters[index], user: "u" } }));
}

/** An answer as the client throws it. */
function answer(status: number, message: string): RequestFailure {
  return new RequestFailure("unreachable", "HTTP", status, message);
}

describe("pulumi-sigsci-istio mesh without a usable cluster", () => {
  const cases: Record<string, { kubeconfig: string; args: string[]; err: RegExp }> = {
    "a server that does not answer": {
      kubeconfig: unreachable,
      args: [],
      err: /^error: cannot reach https:\/\/127\.0\.0\.1:1: .*ECONNREFUSED.* Check --context and --kubeconfig\.$/,
    },
    "a context that is not there": {
      kubeconfig: unreachable,
      args: ["--context", "prod"],
      err: /^error: the kubeconfig has no context prod\. Choose one with --context: x\.$/,
    },
    "a chosen context that lacks its cluster": {
      kubeconfig: stringify({ ...parse(unreachable), clusters: [] }),
      args: ["--context", "x"],
      err: /^error: the kubeconfig has no cluster for its context x\. Choose another file with --kubeconfig\.$/,
    },
    "a current context that lacks its cluster, beside another one": {
      kubeconfig: stringify({
        ...parse(unreachable),
        "current-context": "y",
        contexts: contextsOf("c", "gone"),
      }),
      args: [],
      err: /^error: the kubeconfig has no cluster for its context y\. Choose one with --context: x\.$/,
    },
    "a kubeconfig without contexts": {
      kubeconfig: stringify({ apiVersion: "v1", kind: "Config" }),
      args: [],
      err: /^error: the kubeconfig names no current context\. Choose another file with --kubeconfig\.$/,
    },
    "a kubeconfig that is empty": { kubeconfig: "", args: [], err: /k: it is no kubeconfig$/ },
    "a kubeconfig without a current context": {
      kubeconfig: unreachable.replace("current-context: x\n", ""),
      args: [],
      err: /names no current context\. Choose one with --context: x\.$/,
    },
  };
  for (const [what, { kubeconfig, args, err }] of Object.entries(cases)) {
    it(`explains ${what}, in one message without a stack`, async () => {
      await inFolder({ k: kubeconfig }, async (folder) => {
        const result = await runCommand(["mesh", "show", "--kubeconfig", join(folder, "k"), ...args]);
        assert.match(result.err.replaceAll(/\s+/g, " ").trim(), err);
        assert.equal(result.exitCode, 1);
        assert.equal(result.out, "");
        assert.ok(widest(result.err) <= 80);
        assert.doesNotMatch(result.err, /\n +at /);
      });
    });
  }

  it("refuses to write a file of a cluster", async () => {
    const { exitCode, err } = await runCommand(["mesh", "remove", "a", "--write"]);
    assert.equal(exitCode, 2);
    assert.match(err, /--write is for --file/);
  });
});

describe("a request that the API server refuses", () => {
  const get = {
    verb: "get",
    resource: "configmaps",
    group: "",
    namespace: "istio-system",
    name: "istio",
  } as const;

  it("names verb, resource, namespace and rule when the permission is missing", () => {
    assert.equal(
      clusterRefusal(answer(403, "forbidden"), get, "s").message,
      "no permission: get configmaps/istio in namespace istio-system. " +
        "Ask for a Role in namespace istio-system with this rule:\n" +
        '{ apiGroups: [""], resources: ["configmaps"], resourceNames: ["istio"], verbs: ["get"] }',
    );
  });

  it("gives the server's own reason for what it does not know", () => {
    assert.equal(
      clusterRefusal(answer(500, "etcd is away"), get, "s").message,
      "get configmaps/istio in namespace istio-system: etcd is away",
    );
    assert.match(
      clusterRefusal(answer(401, "Unauthorized"), get, "s").message,
      /^s does not know you \(401\)/,
    );
  });
});

describe("policies that use a provider", () => {
  const policy = (name: string, action: string, provider: string): Record<string, unknown> => ({
    metadata: { namespace: "shop", name },
    spec: { action, provider: { name: provider } },
  });

  it("are named when they are of action CUSTOM, others are not", () => {
    const policies = [
      policy("a", "CUSTOM", "waf"),
      policy("b", "CUSTOM", "other"),
      policy("c", "AUDIT", "waf"),
    ];
    assert.throws(
      () => {
        refuseReferenced(policies, ["waf", "log"]);
      },
      { message: /^AuthorizationPolicy shop\/a \(waf\) would deny every request it matches with 403\./ },
    );
    assert.doesNotThrow(() => {
      refuseReferenced(policies, ["log"]);
    });
  });
});
