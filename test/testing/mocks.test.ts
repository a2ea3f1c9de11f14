import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";

const root = join(__dirname, "..", "..");

/** Runs a test program of a user in a process of its own, as mocks stay in a process. */
function runProgram(mocks: string, rest: string): Promise<{ out: string; err: string }> {
  const program = `
    const pulumi = require("@pulumi/pulumi");
    const { SigsciIstioIntegration } = require("./src");
    const { sigsciIstioMocks } = require("./src/testing");
    const credentials = { site: "shop", accessKeyId: "AKID", secretAccessKey: "KEY" };
    const targets = [{ name: "web", namespace: "shop", matchLabels: { app: "web" } }];
    const valueOf = (output) => new Promise((resolve) => output.apply(resolve));
    process.once("unhandledRejection", (error) => { console.log("rejected:", error.message); process.exit(0); });
    setTimeout(() => { console.log("hangs"); process.exit(0); }, 15000).unref();
    (async () => {
      await pulumi.runtime.setMocks(${mocks});
      ${rest}
    })();`;
  const node = ["-r", "ts-node/register/transpile-only", "-e", program];
  return new Promise((resolve) => {
    execFile(process.execPath, node, { cwd: root, timeout: 60_000 }, (_error, out, err) => {
      // Without an engine the SDK prints what a program logs.
      resolve({ out: out.replace(/^info: .*\n/gm, "").trim(), err });
    });
  });
}

const component = 'const waf = new SigsciIstioIntegration("waf", { credentials, targets });';
const plain = "(args) => ({ id: args.name + '-id', state: args.inputs })";

describe("the mocks for tests of users", function () {
  this.timeout(90_000);

  it("let a program with the component run to its end, and show what it registers", async () => {
    const { out } = await runProgram(
      "sigsciIstioMocks()",
      `${component}
      console.log(await valueOf(waf.authorizationPolicies), await valueOf(waf.meshConfigMaps));`,
    );
    assert.equal(out, "[ 'shop/waf-web' ] [ 'istio-system/istio' ]");
  });

  it("read the objects that are given", async () => {
    const mesh =
      'extensionProviders: [{ name: waf-ext-authz, envoyExtAuthzGrpc: { service: s, port: "1" } }]';
    const { out } = await runProgram(
      `sigsciIstioMocks({ objects: [{ apiVersion: "v1", kind: "ConfigMap",
        metadata: { name: "istio", namespace: "istio-system" }, data: { mesh: ${JSON.stringify(mesh)} } }] })`,
      component,
    );
    assert.match(out, /^rejected: .*"?waf-ext-authz"? /s);
  });

  it("stand behind mocks of the user's own", async () => {
    const { out } = await runProgram(
      `((ours) => ({ ...ours, newResource: (args) => {
        const answer = ours.newResource(args);
        if (/AuthorizationPolicy$/.test(args.type)) console.log(args.inputs.spec.action);
        return answer;
      } }))(sigsciIstioMocks())`,
      component,
    );
    assert.equal(out, "CUSTOM");
  });

  it("give what a preview knows in one", async () => {
    const { out } = await runProgram(
      'sigsciIstioMocks(), "p", "dev", true',
      `${component}
      console.log(await valueOf(waf.meshConfigMaps));`,
    );
    assert.equal(out, "[ 'istio-system/istio' ]");
  });
});

describe("plain mocks", function () {
  this.timeout(90_000);

  it("are refused once by a message that names the package's own, also where rejections are hidden", async () => {
    const { out, err } = await runProgram(
      `{ newResource: ${plain}, call: () => ({}) }`,
      `${component} await valueOf(waf.authorizationPolicies);`,
    );
    const message =
      /The mocks of this test answer nothing for the random id waf-id\.\n.*\n.*from "pulumi-sigsci-istio\/testing"/;
    assert.match(out, new RegExp(`^rejected: ${message.source}`));
    assert.equal(err.match(new RegExp(message, "g"))?.length, 1);
  });

  it("are refused with the strategy External, which reads the mesh too", async () => {
    const { out } = await runProgram(
      `{ newResource: ${plain}, call: () => ({}) }`,
      `const credentials = { existingSecret: { name: "keys" } };
      const waf = new SigsciIstioIntegration("waf", { credentials, targets, mesh: { strategy: "External" } });
      await valueOf(waf.authorizationPolicies);`,
    );
    assert.match(
      out,
      /^rejected: The mocks of this test answer nothing for the ConfigMap istio-system\/istio\./,
    );
  });

  it("do where nothing is read and nothing random is used", async () => {
    const { out, err } = await runProgram(
      `{ newResource: ${plain}, call: () => ({}) }`,
      `const credentials = { existingSecret: { name: "keys" } };
      const waf = new SigsciIstioIntegration("waf", { credentials, targets, enforcement: "EnvoyFilter" });
      console.log(await valueOf(waf.secretName));`,
    );
    assert.equal(out, "keys");
    assert.equal(err, "");
  });

  it("are refused too when only the mesh ConfigMap is missing", async () => {
    const { out } = await runProgram(
      `{ newResource: (args) => ({ id: "x", state: { hex: "abcd", ...args.inputs } }), call: () => ({}) }`,
      `${component} await valueOf(waf.authorizationPolicies);`,
    );
    assert.match(
      out,
      /^rejected: The mocks of this test answer nothing for the ConfigMap istio-system\/istio\./,
    );
  });
});
