import assert from "node:assert/strict";
import { existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { withStack } from "./engine";
import { packedProject, type PackedProject } from "./packed";
import { createTemporaryFolder } from "./temporaryFolder";

describe("the packed package", () => {
  let project: PackedProject;

  before(async function () {
    // The first run on a machine builds, packs and installs.
    this.timeout(600_000);
    project = await packedProject();
  });

  it("is what the tarball holds, not the work tree", () => {
    const manifest = createRequire(join(project.folder, "index.js")).resolve(
      "pulumi-sigsci-istio/package.json",
    );
    assert.ok(realpathSync(manifest).startsWith(realpathSync(project.folder)), manifest);
    const installed = join(manifest, "..");
    assert.equal(existsSync(join(installed, "src")), false);
    assert.equal(existsSync(join(installed, "dist/index.js")), true);
  });

  it("exports the component", () => {
    const exported = project.require("pulumi-sigsci-istio");
    assert.ok(typeof exported === "object" && exported !== null && "SigsciIstioIntegration" in exported);
    assert.equal(typeof exported.SigsciIstioIntegration, "function");
  });

  it("gives a copied program the same modules as the test", async () => {
    const source = createTemporaryFolder("source");
    writeFileSync(join(source.path, "index.ts"), 'export * as pulumi from "@pulumi/pulumi";\n');
    mkdirSync(join(source.path, "node_modules/stale"), { recursive: true });
    const copy = project.copyProgram(source.path);
    const loaded: unknown = await import(join(copy, "index.ts"));
    assert.ok(typeof loaded === "object" && loaded !== null && "pulumi" in loaded);
    assert.equal(loaded.pulumi, project.pulumi);
    assert.equal(existsSync(join(copy, "node_modules/stale")), false);
  });

  it("runs under the Automation API of its own installation", async () => {
    const { pulumi, automation } = project;
    const stack = await withStack(
      () =>
        Promise.resolve({
          project: pulumi.getProject(),
          shout: pulumi.output("a").apply((text) => text + "!"),
        }),
      { automation, projectName: "packed" },
    );
    try {
      const { outputs } = await stack.up();
      assert.deepEqual(outputs, {
        project: { value: "packed", secret: false },
        shout: { value: "a!", secret: false },
      });
    } finally {
      stack.dispose();
    }
  });
});
