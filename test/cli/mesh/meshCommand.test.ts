import assert from "node:assert/strict";
import { lstatSync, readdirSync, statSync, chmodSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { applyPatch } from "diff";
import { meshDiff } from "../../../src/cli/mesh/meshDiff";
import { createColors } from "../../../src/cli/colors";
import { inFolder } from "../../render/temporaryFolder";
import { runCommand } from "../run";
import { edge, manifest, meshText, widest, withFile } from "./files";

describe("pulumi-sigsci-istio mesh show", () => {
  it("lists the providers with owner and line", async () => {
    await withFile(manifest, async ({ path, mesh }) => {
      const { exitCode, out, err } = await mesh("show", "--json");
      assert.equal(err, "");
      assert.deepEqual(JSON.parse(out), {
        source: path,
        providers: [
          {
            name: "waf-ext-authz",
            kind: "envoyExtAuthzGrpc",
            service: "waf-agent.sigsci.svc.cluster.local",
            port: 9999,
            owner: "shop/prod/waf",
            line: 4,
          },
          {
            name: "otel",
            kind: "opentelemetry",
            service: "otel.observability.svc.cluster.local",
            port: 4317,
            owner: null,
            line: 8,
          },
        ],
        invalid: null,
        notes: [],
      });
      assert.equal(exitCode, 0);
      const text = (await mesh("show")).out;
      assert.ok(widest(text) <= 80, text);
      assert.match(
        text,
        /^waf-ext-authz +envoyExtAuthzGrpc +waf-agent\.sigsci\.svc\. +shop\/prod\/waf +4\n +cluster\.local:9999$/m,
      );
    });
  });

  it("says what is lost, doubled or nameless", async () => {
    const text = manifest
      .replace("- name: otel", "- name: waf-ext-authz")
      .replace("    owner.", "    owner.pulumi-sigsci-istio/lost: shop/prod/old#1\n    owner.");
    await withFile(text, async ({ mesh }) => {
      const { exitCode, out } = await mesh("show");
      assert.equal(exitCode, 0);
      assert.match(out, /- waf-ext-authz is listed 2 times; Istio uses the last one only\n/);
      assert.match(out, /- lost is marked as owned by shop\/prod\/old but is not there/);
    });
  });

  it("names the line of an invalid text and ends with 1", async () => {
    await withFile("a: 1\nb: 2\na: 3\nextensionProviders:\n- zipkin: {}\n", async ({ mesh }) => {
      const { exitCode, out } = await mesh("show");
      assert.equal(exitCode, 1);
      assert.match(out, /- invalid: line 3: duplicate key/);
      assert.match(out, /- the entry has no name/);
    });
  });
});

describe("pulumi-sigsci-istio mesh add and remove on a file", () => {
  it("prints the document with the component's two entries, and writes nothing", async () => {
    await withFile(manifest, async ({ read, mesh }) => {
      const { exitCode, out, err } = await mesh("add", ...edge, "--max-bytes", "8192", "--no-fail-open");
      assert.equal(exitCode, 0);
      assert.equal(err, "- edge-ext-authz added\n- edge-access-log added\n");
      assert.equal(read(), manifest);
      const at = manifest.indexOf("    - name: waf-ext-authz");
      const added = out.slice(at, at + out.length - manifest.length);
      assert.equal(out, manifest.slice(0, at) + added + manifest.slice(at));
      assert.equal(
        added,
        `- name: edge-ext-authz
  envoyExtAuthzGrpc:
    service: edge.sigsci.svc.cluster.local
    port: 9999
    timeout: 200ms
    failOpen: false
    includeRequestBodyInCheck:
      maxRequestBytes: 8192
      allowPartialMessage: true
      packAsBytes: true
- name: edge-access-log
  envoyHttpAls:
    service: edge.sigsci.svc.cluster.local
    port: 9999
    additionalRequestHeadersToLog:
    - x-sigsci-request-id
    - x-sigsci-waf-response
    - accept
    - content-type
    - content-length
    additionalResponseHeadersToLog:
    - date
    - server
    - content-type
    - content-length
`.replace(/^(?=.)/gm, "    "),
      );
    });
  });

  it("takes every option of the two entries", async () => {
    await withFile("rootNamespace: a\n", async ({ mesh }) => {
      const { out } = await mesh(
        ...["add", ...edge, "--port", "8000", "--ext-authz-name", "one", "--access-log-name", "two"],
        ...["--timeout", "1s", "--status-on-error", "503", "--no-body", "--log-name", "waf"],
        ...["--request-header", "x-a", "x-b", "--response-header", "x-c", "--response-trailer", "x-d"],
        ...["--filter-state", "f"],
      );
      assert.equal(
        out,
        `rootNamespace: a
extensionProviders: # list added by sigsci-istio
- name: one
  envoyExtAuthzGrpc:
    service: edge.sigsci.svc.cluster.local
    port: 8000
    timeout: 1s
    failOpen: true
    statusOnError: "503"
- name: two
  envoyHttpAls:
    service: edge.sigsci.svc.cluster.local
    port: 8000
    logName: waf
    filterStateObjectsToLog:
    - f
    additionalRequestHeadersToLog:
    - x-sigsci-request-id
    - x-sigsci-waf-response
    - x-a
    - x-b
    additionalResponseHeadersToLog:
    - x-c
    additionalResponseTrailersToLog:
    - x-d
`,
      );
    });
  });

  it("replaces the file with --write in one step, through a link and with its mode, and takes all back", async () => {
    await withFile(manifest, async ({ path, read }) => {
      chmodSync(path, 0o640);
      const link = join(dirname(path), "link.yaml");
      symlinkSync(path, link);
      const first = await runCommand(["mesh", "add", ...edge, "--file", link, "--write"]);
      assert.equal(first.out, `${link} written\n`);
      assert.match(read(), /edge-access-log/);
      assert.ok(lstatSync(link).isSymbolicLink());
      assert.equal(statSync(path).mode & 0o777, 0o640);
      const again = await runCommand(["mesh", "add", ...edge, "--file", link, "--write"]);
      assert.match(again.out, /nothing was written/);
      const names = ["edge-ext-authz", "edge-access-log"];
      const last = await runCommand(["mesh", "remove", ...names, "--file", link, "--write"]);
      assert.equal(last.exitCode, 0);
      assert.match(
        last.err,
        /warning: a policy that still refers to edge-ext-authz or\s+edge-access-log denies/,
      );
      assert.equal(read(), manifest);
      assert.deepEqual(readdirSync(dirname(path)).sort(), ["link.yaml", "mesh.yaml"]);
    });
  });

  it("takes the entries of a file as the component's output prints them", async () => {
    const providers = [{ name: "p", envoyHttpAls: { service: "s", port: 1, logName: "on" } }];
    for (const content of [JSON.stringify(providers), JSON.stringify({ extensionProviders: providers })]) {
      await inFolder({ "p.json": content, "m.yaml": "rootNamespace: a" }, async (folder) => {
        const args = ["--providers", join(folder, "p.json"), "--file", join(folder, "m.yaml")];
        const { out } = await runCommand(["mesh", "add", ...args]);
        assert.match(
          out,
          /^rootNamespace: a\nextensionProviders:.*\n- name: p\n {2}envoyHttpAls:\n {4}service: s\n {4}port: 1\n {4}logName: "on"$/,
        );
      });
    }
  });

  it("replaces an entry that nobody owns with --adopt only", async () => {
    await withFile(meshText, async ({ mesh }) => {
      const add = ["add", "--name", "waf", "--service", "edge.sigsci.svc.cluster.local", "--no-access-log"];
      const refused = await mesh(...add);
      assert.equal(refused.exitCode, 1);
      assert.equal(refused.out, "");
      assert.match(
        refused.err.replaceAll(/\s+/g, " "),
        /provider waf-ext-authz \(line 4 of the mesh text\) is there already and differs\. Use --adopt/,
      );
      const adopted = await mesh(...add, "--adopt");
      assert.equal(adopted.exitCode, 0);
      assert.match(adopted.out, /service: edge\.sigsci\.svc/);
      assert.match(adopted.out, /- name: otel # inline\n/);
    });
  });

  it("never replaces an entry of a component, and removes it by its owner only", async () => {
    await withFile(manifest, async ({ mesh }) => {
      const add = await mesh("add", "--name", "waf", "--service", "edge.sigsci.svc.cluster.local", "--adopt");
      assert.equal(add.exitCode, 1);
      assert.match(add.err.replaceAll(/\s+/g, " "), /belongs to component shop\/prod\/waf and differs/);
      const byName = await mesh("remove", "waf-ext-authz");
      assert.equal(byName.exitCode, 1);
      assert.equal(byName.out, "");
      assert.match(byName.err.replaceAll(/\s+/g, " "), /mesh remove --owner shop\/prod\/waf/);
      const byOwner = await mesh("remove", "--owner", "shop/prod/waf");
      assert.equal(byOwner.exitCode, 0);
      assert.match(byOwner.err, /the file keeps these annotations/);
      assert.equal(byOwner.out, (await mesh("remove", "waf-ext-authz", "--force")).out);
      assert.doesNotMatch(byOwner.out, /name: waf-ext-authz/);
      assert.match(byOwner.out, /name: otel # inline/);
    });
  });

  it("says what is there when a name or an owner is not", async () => {
    await withFile(manifest, async ({ mesh }) => {
      const { exitCode, out, err } = await mesh("remove", "typo", "--owner", "a/b/c");
      assert.equal(exitCode, 0);
      assert.equal(out, manifest);
      assert.match(err, /- typo is not there\n/);
      assert.match(err, /providers there: waf-ext-authz, otel/);
      assert.match(err, /nothing is marked as owned by a\/b\/c; owners there: shop\/prod\/waf/);
    });
  });
});

describe("pulumi-sigsci-istio mesh diff", () => {
  it("ends with 1 and a diff that turns the file into what add prints", async () => {
    await withFile(manifest, async ({ read, mesh }) => {
      const { exitCode, out } = await mesh("diff", "add", ...edge);
      assert.equal(exitCode, 1);
      assert.equal(applyPatch(manifest, out), (await mesh("add", ...edge)).out);
      assert.equal(read(), manifest);
    });
  });

  it("ends with 0 and without output where nothing would change", async () => {
    await withFile(manifest, async ({ mesh }) => {
      const { exitCode, out } = await mesh("diff", "remove", "typo");
      assert.deepEqual([exitCode, out], [0, ""]);
    });
  });

  it("ends with 2 for refusals and wrong usage", async () => {
    await withFile(manifest, async ({ mesh }) => {
      assert.equal((await mesh("diff", "remove", "waf-ext-authz")).exitCode, 2);
      assert.equal((await mesh("diff", "remove")).exitCode, 2);
      assert.equal((await mesh("diff", "add", "--bogus")).exitCode, 2);
    });
  });

  it("colours its lines on a terminal only", () => {
    const coloured = meshDiff("m", "a\nb\n", "a\nc\n", createColors(true));
    // The escape character is what tells colours from text.
    const escape = String.fromCharCode(27);
    assert.ok(coloured.includes(`${escape}[32m+c${escape}[39m`));
    assert.ok(coloured.includes(`${escape}[31m-b${escape}[39m`));
    assert.ok(!meshDiff("m", "a\n", "b\n", createColors(false)).includes(escape));
  });
});
