import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import Ajv from "ajv";
import { inFolder } from "../../render/temporaryFolder";
import { createColors } from "../../../src/cli/colors";
import { differenceText } from "../../../src/cli/render/differenceText";
import { markdown } from "../../../src/cli/render/markdown";
import type { RenderDocument } from "../../../src/render/difference";
import { policy, report, workload } from "../../render/reports";
import { runCommand, type CommandResult } from "../run";

const modules = resolve(__dirname, "../../../node_modules");
const project = "name: shop-waf\nruntime: nodejs\nmain: index.js\n";

/** A program that protects the pods with these labels. */
function program(...apps: string[]): string {
  return `const k8s = require("@pulumi/kubernetes");
for (const app of ${JSON.stringify(apps)}) {
  new k8s.apiextensions.CustomResource(app, {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name: app, namespace: "shop" },
    spec: { action: "CUSTOM", provider: { name: "waf" }, rules: [{}], selector: { matchLabels: { app } } },
  });
}
`;
}

const apps = ["web", "cart"]
  .map(
    (app) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${app}, namespace: shop }
spec: { template: { metadata: { labels: { app: ${app} } } } }
`,
  )
  .join("---\n");

function git(folder: string, ...args: string[]): string {
  const who = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
  return execFileSync("git", ["-C", folder, ...who, ...args], { encoding: "utf8", stdio: "pipe" });
}

/** A repository whose program lies in a folder; it protects `web` in its one commit. */
async function inRepository(
  work: (folder: string, render: (...args: string[]) => Promise<CommandResult>) => Promise<void>,
): Promise<void> {
  await inFolder({ "apps.yaml": apps, ".gitignore": "node_modules\n" }, async (folder) => {
    symlinkSync(modules, join(folder, "node_modules"));
    git(folder, "init", "--quiet", "--initial-branch=main");
    writeFileSync(join(folder, "Pulumi.yaml"), project);
    writeFileSync(join(folder, "index.js"), program("web"));
    git(folder, "add", ".");
    git(folder, "commit", "--quiet", "--message", "first");
    await work(folder, (...args) =>
      runCommand(["render", folder, "--workloads", join(folder, "apps.yaml"), ...args]),
    );
  });
}

/** The section about the difference. */
function differenceIn(out: string): string[] {
  const lines = out.split("\n");
  const start = lines.findIndex((line) => line.startsWith("Difference"));
  return lines.slice(start, lines.indexOf("", start));
}

describe("pulumi-sigsci-istio render --base", function () {
  this.timeout(30_000);

  it("compares with a git ref, and leaves nothing in the repository", async () => {
    await inRepository(async (folder, render) => {
      writeFileSync(join(folder, "index.js"), program("cart"));
      const { out, err, exitCode } = await render("--base", "main");
      assert.equal(exitCode, 0, err);
      assert.deepEqual(differenceIn(out), [
        "Difference: compared with main",
        "  workloads",
        "  shop/web   Deployment  LOSES inspection",
        "                         all requests -> not protected",
        "                         was: by AuthorizationPolicy",
        "  shop/cart  Deployment  gains inspection",
        "                         not protected -> all requests",
        "                         by AuthorizationPolicy",
        "  targets",
        "  shop/web   target  LOSES inspection",
        "                     was: all requests",
        "                     was: by AuthorizationPolicy",
        "                     was: pods app=web in shop",
        "  shop/cart  target  gains inspection",
        "                     all requests",
        "                     by AuthorizationPolicy",
        "                     pods app=cart in shop",
        "  objects",
        "    removed AuthorizationPolicy shop/web",
        "    added AuthorizationPolicy shop/cart",
      ]);
      assert.match(out, /compared with main are also changes that are not committed: index.js/);
      assert.equal(git(folder, "worktree", "list").trim().split("\n").length, 1);
      assert.equal(git(folder, "status", "--porcelain"), " M index.js\n");
    });
  });

  it("compares with a folder, and with what --json has printed", async () => {
    await inRepository(async (folder, render) => {
      const { out: saved } = await render("--json");
      const file = join(folder, "base.json");
      writeFileSync(file, saved);
      assert.equal((await render("--base", folder, "--fail-on", "lost")).exitCode, 0);
      writeFileSync(join(folder, "index.js"), program());
      const { out, exitCode, err } = await render("--base", file, "--json", "--fail-on", "closed,lost");
      assert.deepEqual([exitCode, err], [3, `error: --fail-on lost: the difference to ${file} has it\n`]);
      const { difference } = JSON.parse(out) as RenderDocument;
      assert.deepEqual(
        [difference?.dangers, difference?.workloads.map(({ name }) => name)],
        [["lost"], ["shop/web"]],
      );
    });
  });

  it("takes the workloads as they were at the ref", async () => {
    await inRepository(async (folder, render) => {
      writeFileSync(join(folder, "apps.yaml"), apps.replace("app: web", "app: web2"));
      const { out, exitCode } = await render("--base", "main", "--fail-on", "lost");
      assert.equal(exitCode, 3, out);
      assert.deepEqual(differenceIn(out).slice(2, 4), [
        "  shop/web  Deployment  LOSES inspection",
        "                        all requests -> not protected",
      ]);
    });
  });

  it("shows that a workload loses its agent, with what becomes of its requests", async () => {
    await inRepository(async (folder, render) => {
      const annotations = `annotations: { "pulumi-sigsci-istio/excluded-pods": "app=web" }`;
      const excluding = program("web").replace('namespace: "shop"', `namespace: "shop", ${annotations}`);
      writeFileSync(join(folder, "index.js"), excluding);
      const because =
        "sidecar.excludedPods leaves its pods without an agent, so the requests that a policy selects";
      const then = `${because} pass uninspected if the provider fails open, else are refused`;
      const { out, exitCode } = await render("--base", "main", "--json", "--fail-on", "lost");
      assert.equal(exitCode, 3);
      const { difference, coverage } = JSON.parse(out) as RenderDocument;
      assert.deepEqual(coverage.counts, { protected: 0, unprotected: 2, outside: 0 });
      assert.deepEqual(coverage.policies[0]?.excludedPods, [{ matchLabels: { app: "web" } }]);
      const row = { namespace: "shop", name: "web", kind: "Deployment", status: "unprotected", policies: [] };
      assert.deepEqual(coverage.workloads[0], { ...row, remark: then });
      const changed = [...(difference?.workloads ?? []), ...(difference?.targets ?? [])];
      assert.deepEqual(
        changed.map(({ name, change, after }) => [name, change, after?.requests, after?.selects]),
        [
          ["shop/web", "lost", `not protected: ${then}`, null],
          ["shop/web", "changed", "all requests", "pods app=web in shop, of which app=web have no agent"],
        ],
      );
      const { out: comment } = await render("--base", "main", "--format", "markdown");
      assert.match(comment, /^Compared with `main`: \*\*somebody loses inspection\*\*\.$/m);
      assert.ok(comment.includes(`all requests -&gt; not protected: ${then}`), comment);
      assert.ok(comment.includes(`| \`shop/web\` | Deployment | unprotected | ${then} |`), comment);
      const unseen = await runCommand(["render", folder, "--base", "main", "--fail-on", "lost"]);
      assert.equal(unseen.exitCode, 3);
      assert.match(
        unseen.out,
        /^ {2}shop\/web +policy +pods app=web, of which app=web have no agent: all requests$/m,
      );
    });
  });

  it("takes packages of the repository as they were at the ref", async () => {
    await inRepository(async (folder, render) => {
      const lib = join(folder, "packages", "apps");
      mkdirSync(lib, { recursive: true });
      writeFileSync(join(lib, "index.js"), 'module.exports = ["web"];\n');
      const list = 'require("@acme/apps")';
      writeFileSync(join(folder, "index.js"), program().replace("of []", `of ${list}`));
      git(folder, "add", ".");
      git(folder, "commit", "--quiet", "--message", "workspace");
      rmSync(join(folder, "node_modules"));
      mkdirSync(join(folder, "node_modules", "@acme"), { recursive: true });
      symlinkSync("../../packages/apps", join(folder, "node_modules", "@acme", "apps"));
      symlinkSync(join(modules, "@pulumi"), join(folder, "node_modules", "@pulumi"));
      writeFileSync(join(lib, "index.js"), 'module.exports = ["cart"];\n');
      const { out, err } = await render("--base", "main");
      assert.deepEqual(
        differenceIn(out).filter((line) => line.includes("Deployment")),
        ["  shop/web   Deployment  LOSES inspection", "  shop/cart  Deployment  gains inspection"],
        err,
      );
    });
  });

  it("does not touch the index that git names to its hooks", async () => {
    await inRepository(async (folder, render) => {
      process.env.GIT_INDEX_FILE = join(folder, ".git", "index");
      process.env.GIT_DIR = join(folder, ".git");
      try {
        writeFileSync(join(folder, "index.js"), program("cart"));
        git(folder, "add", "index.js");
        const before = readFileSync(join(folder, ".git", "index"));
        assert.equal((await render("--base", "main")).exitCode, 0);
        assert.deepEqual(readFileSync(join(folder, ".git", "index")), before);
      } finally {
        delete process.env.GIT_INDEX_FILE;
        delete process.env.GIT_DIR;
      }
    });
  });

  it("indents the fields of an object that need a line of their own", () => {
    const fields = ["data.mesh", 'metadata.annotations["entry.pulumi-sigsci-istio/waf-ext-authz"]'];
    const objects = [{ change: "changed", kind: "ConfigMap", object: "istio-system/istio", fields } as const];
    const difference = { base: "main", dangers: [], workloads: [], targets: [], mesh: [], objects };
    assert.deepEqual(differenceText(difference, { colors: createColors(false), width: 80 }), [
      "  objects",
      "    changed ConfigMap istio-system/istio: data.mesh,",
      '      metadata.annotations["entry.pulumi-sigsci-istio/waf-ext-authz"]',
    ]);
  });

  it("says that workloads were given on one side only", async () => {
    await inRepository(async (folder, render) => {
      const file = join(folder, "base.json");
      writeFileSync(file, (await runCommand(["render", folder, "--json"])).out);
      const { out } = await render("--base", file);
      assert.ok(
        out
          .replace(/\s+/g, " ")
          .includes(`only targets were compared: ${file} was rendered without --workloads`),
        out,
      );
      assert.deepEqual(differenceIn(out), [
        "Difference: compared with " + file,
        `  the program does the same as ${file}`,
      ]);
    });
  });

  it("prints JSON that its schema describes", async () => {
    const schema: unknown = JSON.parse(
      readFileSync(resolve(__dirname, "../../../docs/render.schema.json"), "utf8"),
    );
    // The file is a schema; ajv says so if it is none.
    const validate = new Ajv({ strict: false }).compile(schema as object);
    await inRepository(async (folder, render) => {
      writeFileSync(join(folder, "index.js"), program("cart"));
      const { out } = await render("--base", "main", "--json");
      const printed = JSON.parse(out) as { difference: object };
      assert.ok(validate(printed), JSON.stringify(validate.errors));
      assert.ok(!validate({ ...printed, difference: { ...printed.difference, dangers: ["none"] } }));
    });
  });

  it("says which side failed, and still shows the other", async () => {
    await inRepository(async (folder, render) => {
      const cases: readonly [string, RegExp][] = [
        ["v0.9", /--base v0\.9: the repository has no such ref/],
        [join(folder, "apps.yaml"), /it is no JSON\. Give what `render --json` printed/],
      ];
      for (const [base, reason] of cases) {
        const { out, err, exitCode } = await render("--base", base);
        assert.equal(exitCode, 1);
        assert.match(err.replace(/\s+/g, " "), reason);
        assert.match(out, /1 of 2 workloads protected/);
      }
      writeFileSync(join(folder, "index.js"), 'throw new Error("broken");\n');
      git(folder, "commit", "--quiet", "--all", "--message", "broken");
      writeFileSync(join(folder, "index.js"), program("web"));
      const { out, err, exitCode } = await render("--base", "main");
      assert.deepEqual(
        [exitCode, /the base could not be rendered: .*broken/.test(err.replace(/\s+/g, " "))],
        [1, true],
      );
      assert.match(out, /1 of 2 workloads protected/);
    });
  });

  it("refuses a document of another shape without a stack", async () => {
    await inRepository(async (folder, render) => {
      const file = join(folder, "base.json");
      for (const other of [{}, { version: 1, resources: [], coverage: {} }, { version: 1, resources: {} }]) {
        writeFileSync(file, JSON.stringify(other));
        const { err, exitCode } = await render("--base", file);
        assert.equal(exitCode, 1);
        assert.match(
          err.replace(/\s+/g, " "),
          /it is no document that `render --json` of this version prints/,
        );
        assert.doesNotMatch(err, /^\s+at /m);
      }
    });
  });

  it("shows no secret of either side when the base fails", async () => {
    await inRepository(async (folder, render) => {
      writeFileSync(join(folder, "index.js"), 'throw new Error("broken by S3CRET-key");\n');
      git(folder, "commit", "--quiet", "--all", "--message", "broken");
      const secret = 'exports.key = require("@pulumi/pulumi").secret("S3CRET-key");\n';
      writeFileSync(join(folder, "index.js"), program("web") + secret);
      for (const format of ["text", "markdown"]) {
        const { out, err } = await render("--base", "main", "--format", format);
        assert.doesNotMatch(out + err, /S3CRET/, format);
        assert.match(err, /broken by \[secret\]/);
      }
    });
  });

  it("says what a shallow clone has to fetch", async () => {
    await inRepository(async (folder) => {
      git(folder, "commit", "--quiet", "--allow-empty", "--message", "second");
      await inFolder({}, async (other) => {
        git(other, "clone", "--quiet", "--depth=1", `file://${folder}`, "clone");
        symlinkSync(modules, join(other, "clone", "node_modules"));
        const { err } = await runCommand(["render", join(other, "clone"), "--base", "origin/release"]);
        assert.match(
          err.replace(/\s+/g, " "),
          /this clone is shallow and does not have it\. Fetch it first: `git fetch --depth=1 origin release:refs\/remotes\/origin\/release`/,
        );
      });
    });
  });

  it("is used wrongly", async () => {
    const usage = async (...args: string[]): Promise<[number, string]> => {
      const { exitCode, err } = await runCommand(["render", ...args]);
      return [exitCode, err.split("\n")[0] ?? ""];
    };
    assert.deepEqual(await usage("--fail-on", "lost"), [
      2,
      "error: --fail-on needs --base: there is nothing to compare with",
    ]);
    assert.deepEqual(await usage("--base", "main", "--fail-on", "gone"), [
      2,
      "error: option '--fail-on <list>' argument 'gone' is invalid. gone is none of lost, closed, mesh, as in " +
        "--fail-on lost,closed.",
    ]);
  });
});

describe("markdown", () => {
  const compared = (changes: Partial<NonNullable<RenderDocument["difference"]>>): RenderDocument => ({
    ...report(),
    difference: { base: "main", dangers: [], workloads: [], targets: [], mesh: [], objects: [], ...changes },
  });

  it("says that nothing changes", () => {
    assert.equal(
      markdown(compared({}), undefined),
      [
        "<!-- pulumi-sigsci-istio render shop/prod -->",
        "## WAF inspection: shop, stack prod",
        "",
        "Nothing changes, compared with `main`.",
        "",
      ].join("\n"),
    );
  });

  it("shows changes as tables and the mesh config as a diff, whatever names and texts hold", () => {
    const text = markdown(
      compared({
        dangers: ["lost", "mesh"],
        workloads: [
          {
            name: "shop/`a|b`",
            kind: "Deployment",
            change: "lost",
            before: {
              isInspected: true,
              requests: "only /a*|<b>",
              enforcement: "AuthorizationPolicy",
              isObserved: false,
              failOpen: true,
              sendsBodies: true,
              selects: null,
            },
            after: null,
          },
        ],
        mesh: [{ text: "ConfigMap istio-system/istio", diff: ["@@ -1 +1 @@", "-a: ```", "+b"] }],
      }),
      undefined,
    );
    assert.equal(
      text.split("\n").slice(3).join("\n"),
      [
        "Compared with `main`: **somebody loses inspection**; the mesh config changes.",
        "",
        "### Workloads that change: 1",
        "",
        "| | kind | change | |",
        "| --- | --- | --- | --- |",
        "| `` shop/`a\\|b` `` | Deployment | LOSES inspection | was: only /a\\*\\|&lt;b&gt;<br>was: by " +
          "AuthorizationPolicy<br>was: fails open |",
        "",
        "### Mesh config: ConfigMap istio-system/istio",
        "",
        "````diff",
        "@@ -1 +1 @@",
        "-a: ```",
        "+b",
        "````",
        "",
      ].join("\n"),
    );
  });

  it("folds the notes, such as what limits the comparison", () => {
    const notes = ["only targets were compared"];
    assert.match(
      markdown({ ...compared({}), notes }, undefined),
      /\n<details><summary>Notes<\/summary>\n\n- only targets were compared\n\n<\/details>\n$/,
    );
  });

  it("calls nobody, and refers to no issue", () => {
    const warnings = [{ message: "see @octocat, team#12, GH-7 and #3 (a_b)", resource: null }];
    assert.match(
      markdown({ ...compared({}), warnings }, undefined),
      /^- see @&#8203;octocat, team\\#&#8203;12, GH-&#8203;7 and \\#&#8203;3 \(a\\_b\)$/m,
    );
  });

  it("stays below 60,000 characters, folds what is long and says how much is left out", () => {
    for (const count of [200, 3000]) {
      const names = Array.from({ length: count }, (_, index) => `workload-with-a-rather-long-name-${index}`);
      const made = {
        ...report({ workloads: names.map((name) => workload(name, [policy(name)])) }),
        difference: null,
      };
      const text = markdown(made, undefined);
      const rows = text.split("\n").filter((line) => line.startsWith("| `shop/")).length;
      const left = Number(
        /^(\d+) more: the whole is in the output of `render --json`\.$/m.exec(text)?.[1] ?? 0,
      );
      assert.ok(text.length < 60_000);
      assert.equal(rows + left, count);
      assert.equal(left > 0, count === 3000);
      assert.match(text, /<details><summary>Coverage: .*<\/summary>[^]*<\/details>\n$/);
    }
  });
});
