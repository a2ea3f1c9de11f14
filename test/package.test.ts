import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, sep } from "node:path";

const root = join(__dirname, "..");

interface PackageFile {
  name: string;
  version: string;
  bin: Record<string, string>;
  dependencies: Record<string, string>;
}

// Files of this repository, whose shape these tests rely on.
const packageFile = (...path: string[]): PackageFile =>
  JSON.parse(readFileSync(join(root, ...path, "package.json"), "utf8")) as PackageFile;

describe("the package", () => {
  it("has one command, of its own name: npx asks a registry for any other", () => {
    assert.deepEqual(packageFile().bin, { "pulumi-sigsci-istio": "dist/cli/main.js" });
  });

  it("is called by that name in all documents, messages and examples", () => {
    const folders = ["docs", "src", "scripts", ".ci", "examples"].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => !file.split(sep).includes("node_modules"))
        .map((file) => join(folder, file)),
    );
    const files = ["README.md", ...folders].filter((file) => statSync(join(root, file)).isFile());
    const other = /(?<![\w-])(?:npx sigsci-istio|sigsci-istio (?:render|mesh))\b/;
    const named = files.filter((file) => other.test(readFileSync(join(root, file), "utf8")));
    assert.deepEqual(named, []);
  });

  it("is named by each example as the tarball that npm pack makes of the clone", () => {
    const { name, version } = packageFile();
    const inNode = readdirSync(join(root, "examples")).filter((example) =>
      existsSync(join(root, "examples", example, "package.json")),
    );
    for (const example of inNode) {
      assert.equal(
        packageFile("examples", example).dependencies[name],
        `file:../../${name}-${version}.tgz`,
        example,
      );
    }
  });
});
