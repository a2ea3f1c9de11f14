import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parse } from "yaml";
import { inFolder } from "../../render/temporaryFolder";
import { runCommand } from "../run";
import type { CommandResult } from "../run";
import { edge, meshText } from "./files";

interface Patch {
  readonly type: string | undefined;
  readonly body: unknown;
}

const mark = "owner.pulumi-sigsci-istio/waf-ext-authz";

describe("pulumi-sigsci-istio mesh on a cluster", () => {
  let server: Server;
  let patches: Patch[];
  /** Writes that are still refused. */
  let conflicts: number;
  let version: number;
  let policies: object[];

  before((done) => {
    server = createServer((request, response) => {
      void text(request).then((content) => {
        const answer = (status: number, body: object): void => {
          response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
        };
        if (request.method !== "PATCH") {
          answer(200, request.url?.includes("authorizationpolicies") === true ? { items: policies } : live());
          return;
        }
        // Apply sends YAML, of which JSON is a part.
        patches.push({ type: request.headers["content-type"], body: parse(content) });
        if (conflicts > 0) {
          conflicts -= 1;
          version += 1;
          answer(409, { message: "the object has been modified" });
          return;
        }
        version += 1;
        answer(200, live());
      });
    });
    server.listen(0, "127.0.0.1", done);
  });
  beforeEach(() => {
    [patches, conflicts, version, policies] = [[], 0, 7, []];
  });
  after((done) => {
    server.closeAllConnections();
    server.close(done);
  });

  const live = (): object => ({
    metadata: {
      namespace: "istio-system",
      name: "istio",
      resourceVersion: String(version),
      annotations: { [mark]: "shop/prod/waf#0a1b" },
    },
    data: { mesh: meshText },
  });
  const mesh = async (...args: string[]): Promise<CommandResult> => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const kubeconfig = JSON.stringify({
      clusters: [{ name: "c", cluster: { server: url, "insecure-skip-tls-verify": true } }],
      users: [{ name: "u", user: {} }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    });
    let result: CommandResult | undefined;
    await inFolder({ k: kubeconfig }, async (folder) => {
      result = await runCommand(["mesh", ...args, "--kubeconfig", join(folder, "k")]);
    });
    assert.ok(result);
    return result;
  };
  const versionsOf = (): unknown[] =>
    patches.map(({ body }) => (body as { metadata: { resourceVersion: unknown } }).metadata.resourceVersion);
  const custom = (provider: string): object => ({
    metadata: { namespace: "shop", name: "opa" },
    spec: { action: "CUSTOM", provider: { name: provider } },
  });

  it("writes on condition of the version that was read", async () => {
    const { exitCode, err } = await mesh("add", ...edge, "--yes");
    assert.equal(exitCode, 0, err);
    assert.deepEqual(versionsOf(), ["7"]);
    const [{ type, body } = { type: "", body: {} }] = patches;
    assert.equal(type, "application/apply-patch+yaml");
    assert.match((body as { data: { mesh: string } }).data.mesh, /^- name: edge-ext-authz$/m);
  });

  it("decides again on what is there after somebody else's write, and gives up after five", async () => {
    conflicts = 2;
    assert.equal((await mesh("add", ...edge, "--yes")).exitCode, 0);
    assert.deepEqual(versionsOf(), ["7", "8", "9"]);
    [patches, conflicts, version] = [[], 5, 7];
    const { exitCode, err } = await mesh("add", ...edge, "--yes");
    assert.equal(exitCode, 1);
    assert.match(err.replaceAll(/\s+/g, " "), /was changed by somebody else 5 times while it was edited/);
    assert.deepEqual(versionsOf(), ["7", "8", "9", "10", "11"]);
  });

  it("takes a mark away on condition of the version that its own write made", async () => {
    const { exitCode, err } = await mesh("remove", "--owner", "shop/prod/waf", "--yes");
    assert.equal(exitCode, 0, err);
    assert.deepEqual(versionsOf(), ["7", "8"]);
    assert.deepEqual(patches[1], {
      type: "application/merge-patch+json",
      body: { metadata: { resourceVersion: "8", annotations: { [mark]: null } } },
    });
  });

  it("does not take away what a policy refers to, also when only asked what it would do", async () => {
    policies = [custom("otel")];
    for (const yes of [["--yes"], []]) {
      const { exitCode, err } = await mesh("remove", "otel", ...yes);
      assert.equal(exitCode, 1);
      assert.match(err.replaceAll(/\s+/g, " "), /AuthorizationPolicy shop\/opa \(otel\) would deny/);
    }
    assert.deepEqual(patches, []);
    policies = [custom("another")];
    assert.equal((await mesh("remove", "otel", "--yes")).exitCode, 0);
    assert.equal(patches.length, 1);
  });

  it("takes it away with --force, and warns", async () => {
    policies = [custom("otel")];
    const { exitCode, err } = await mesh("remove", "otel", "--yes", "--force");
    assert.equal(exitCode, 0);
    assert.match(err.replaceAll(/\s+/g, " "), /a policy that still refers to otel denies every request/);
    assert.equal(patches.length, 1);
  });

  it("writes nothing without --yes, and nothing when nothing would change", async () => {
    assert.equal((await mesh("add", ...edge)).exitCode, 1);
    assert.equal((await mesh("remove", "not-there", "--yes")).exitCode, 0);
    assert.deepEqual(patches, []);
  });
});
