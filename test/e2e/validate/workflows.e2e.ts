import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { findPart } from "../stack/findPart";
import { createTemporaryFolder, type TemporaryFolder } from "../stack/temporaryFolder";

/** The files that docs/pull-requests.md says to copy, by the path in their first line. */
function documentedFiles(): Map<string, string> {
  const page = readFileSync(resolve(__dirname, "../../../docs/pull-requests.md"), "utf8");
  const blocks = page.matchAll(/^```(?:yaml|js)\n(?:#|\/\/) (\S+?)(?::.*)?\n([^]*?)^```$/gm);
  return new Map([...blocks].map(([, path = "", text = ""]) => [path, text]));
}

describe("the workflows to copy", function () {
  this.timeout(120_000);
  const files = documentedFiles();
  let folder: TemporaryFolder;

  before(() => {
    folder = createTemporaryFolder("workflows");
  });

  after(() => {
    folder.remove();
  });

  const write = (path: string, text: string): string => {
    const file = join(folder.path, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };

  /** What actionlint has against a workflow. */
  const lint = async (text: string): Promise<string> => {
    const { path } = await findPart("actionlint");
    const file = write("workflow.yaml", text);
    const { stdout, stderr, error } = spawnSync(path, ["-no-color", "-oneline", file], { encoding: "utf8" });
    assert.equal(error, undefined);
    return stdout + stderr;
  };

  /** What GitLab's own schema has against a pipeline. */
  const check = async (text: string): Promise<{ status: number | null; output: string }> => {
    const { path } = await findPart("gitlab-ci-local");
    write(".gitlab-ci.yml", text);
    spawnSync("git", ["init", "--quiet", folder.path]);
    spawnSync("git", ["-C", folder.path, "remote", "add", "origin", "git@gitlab.example:shop/infra.git"]);
    const program = join(path, "node_modules", "gitlab-ci-local", "src", "index.js");
    const args = [program, "--list", "--variable", "CI_PIPELINE_SOURCE=merge_request_event"];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: "utf8",
      cwd: folder.path,
    });
    return { status, output: stdout + stderr };
  };

  it("are all there", () => {
    assert.deepEqual(
      [...files.keys()],
      [
        ".github/workflows/inspection.yaml",
        ".github/workflows/preview.yaml",
        ".gitlab-ci.yml",
        "infra/ci/comment.mjs",
      ],
    );
  });

  it("have nothing wrong for GitHub Actions", async () => {
    for (const name of ["inspection", "preview"]) {
      assert.equal(await lint(files.get(`.github/workflows/${name}.yaml`) ?? ""), "");
    }
    const spoiled = (files.get(".github/workflows/inspection.yaml") ?? "").replace("runs-on", "run-on");
    assert.match(await lint(spoiled), /unexpected key "run-on"/);
  });

  it("have nothing wrong for GitLab", async () => {
    const pipeline = files.get(".gitlab-ci.yml") ?? "";
    const { status, output } = await check(pipeline);
    assert.equal(status, 0, output);
    assert.match(output, /^inspection/m);
    assert.equal((await check(pipeline.replace("artifacts:", "artifact:"))).status, 1);
  });

  it("parse as JavaScript", () => {
    const file = write("comment.mjs", files.get("infra/ci/comment.mjs") ?? "");
    const { status, stderr } = spawnSync(process.execPath, ["--check", file], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
  });
});
