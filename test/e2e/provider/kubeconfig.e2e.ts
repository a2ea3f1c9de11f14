import assert from "node:assert/strict";
import { diffConfig } from "./kubernetes/configDiff";
import { connectionOf, loadKubeconfig } from "./kubernetes/kubeconfig";
import { UNKNOWN } from "./values";

const config = (server: string, token = "t"): string => `
current-context: one
contexts:
  - name: one
    context: { cluster: c, user: u, namespace: shop }
  - name: two
    context: { cluster: d, user: u }
clusters:
  - name: c
    cluster: { server: "${server}", certificate-authority-data: ${Buffer.from("CA").toString("base64")} }
  - name: d
    cluster: { server: "https://d:6443", insecure-skip-tls-verify: true }
users:
  - name: u
    user: { token: "${token}" }
`;
const none = { context: "", cluster: "" };

describe("a kubeconfig", () => {
  it("gives server, namespace, token and authority of the current context", () => {
    const { server, namespace, token, tls } = connectionOf(loadKubeconfig(config("https://c:6443")), none);
    assert.deepEqual(
      [server, namespace, token, tls.ca, tls.rejectUnauthorized],
      ["https://c:6443", "shop", "t", "CA", true],
    );
  });

  it("follows the overrides", () => {
    const loaded = loadKubeconfig(config("https://c:6443"));
    const other = connectionOf(loaded, { context: "two", cluster: "" });
    assert.deepEqual(
      [other.server, other.namespace, other.tls.rejectUnauthorized],
      ["https://d:6443", "default", false],
    );
    assert.equal(connectionOf(loaded, { context: "", cluster: "d" }).server, "https://d:6443");
  });

  it("is refused without a server, or with a credential helper", () => {
    assert.throws(() => loadKubeconfig("just text\n"), /holds no configuration/);
    assert.throws(() => connectionOf({}, none), /names no server/);
    const helper = config("https://c:6443").replace('token: "t"', "exec: { command: x }");
    assert.throws(() => connectionOf(loadKubeconfig(helper), none), /does not run credential helpers/);
  });
});

describe("a change of the provider's settings", () => {
  const replaces = (olds: Record<string, string>, news: Record<string, string>): string[] =>
    diffConfig(olds, news).getReplacesList();
  const before = { kubeconfig: config("https://c:6443") };

  it("replaces the provider when the active cluster changes, or is not known yet", () => {
    assert.deepEqual(replaces(before, { kubeconfig: config("https://e:6443") }), ["kubeconfig"]);
    assert.deepEqual(replaces(before, { ...before, context: "two" }), ["context"]);
    assert.deepEqual(replaces(before, { kubeconfig: UNKNOWN }), ["kubeconfig"]);
  });

  it("does not when only credentials or other settings change", () => {
    assert.deepEqual(replaces(before, { kubeconfig: config("https://c:6443", "new") }), []);
    assert.deepEqual(replaces(before, { ...before, namespace: "other" }), []);
  });

  it("goes by clusterIdentifier where that is set", () => {
    const named = { ...before, clusterIdentifier: "a" };
    assert.deepEqual(replaces(named, { kubeconfig: config("https://e:6443"), clusterIdentifier: "a" }), []);
    assert.deepEqual(replaces(named, { ...named, clusterIdentifier: "b" }), ["clusterIdentifier"]);
  });
});
