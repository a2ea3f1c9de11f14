import assert from "node:assert/strict";
import { delimiter, join } from "node:path";
import { stringify } from "yaml";
import { KubeconfigError, loadKubeconfig } from "../../src/kubernetes/kubeconfig";
import { inFolder } from "../render/temporaryFolder";

/** A kubeconfig of one context, cluster and user. */
function kubeconfig(context: string, server: string, isCurrent = true): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: context, cluster: { server } }],
    users: [{ name: context, user: { token: `token-of-${server}` } }],
    contexts: [{ name: context, context: { cluster: context, user: context } }],
    ...(isCurrent && { "current-context": context }),
  });
}

describe("the kubeconfig files of KUBECONFIG", () => {
  /** Loads files that are written before, in this order; those without a text are not there. */
  function load(...texts: readonly (string | undefined)[]): Promise<{ server?: string; token?: string }> {
    const named = texts.map((text, index): [string, string | undefined] => [`config-${index}`, text]);
    const written = named.filter((file): file is [string, string] => file[1] !== undefined);
    return inFolder(Object.fromEntries(written), async (folder) => {
      const { KUBECONFIG } = process.env;
      process.env.KUBECONFIG = named.map(([file]) => join(folder, file)).join(delimiter);
      try {
        const config = await loadKubeconfig({});
        return { server: config.getCurrentCluster()?.server, token: config.getCurrentUser()?.token };
      } finally {
        if (KUBECONFIG === undefined) {
          delete process.env.KUBECONFIG;
        } else {
          process.env.KUBECONFIG = KUBECONFIG;
        }
      }
    });
  }
  const [first, second] = [{ server: "https://first" }, { server: "https://second" }].map(({ server }) => ({
    server,
    token: `token-of-${server}`,
  }));

  it("count by the first one's current context, as with kubectl", async () => {
    assert.deepEqual(await load(kubeconfig("x", "https://first"), kubeconfig("y", "https://second")), first);
    const unset = kubeconfig("x", "https://first", false);
    assert.deepEqual(await load(unset, kubeconfig("y", "https://second")), second);
  });

  it("may name one thing twice, of which the first counts", async () => {
    assert.deepEqual(await load(kubeconfig("x", "https://first"), kubeconfig("x", "https://second")), first);
  });

  it("need not all be there", async () => {
    assert.deepEqual(await load(undefined, kubeconfig("y", "https://second")), second);
    assert.deepEqual(await load(kubeconfig("x", "https://first"), undefined), first);
  });

  it("are missing when none is there, and unreadable when one is no kubeconfig", async () => {
    const problem = (...texts: (string | undefined)[]): Promise<string> =>
      load(...texts).then(
        () => "none",
        (error: unknown) => (error instanceof KubeconfigError ? error.problem : String(error)),
      );
    assert.equal(await problem(undefined, undefined), "missing");
    assert.equal(await problem(kubeconfig("x", "https://first"), "token: [secret\n"), "unreadable");
  });
});
