import assert from "node:assert/strict";
import { join } from "node:path";
import { loadProgram } from "../../src/offline/loadProgram";
import { readProjectSettings } from "../../src/offline/projectConfig";
import { inFolder } from "../render/temporaryFolder";

const PULUMI_YAML = "name: x\nruntime: nodejs\n";

/** Loads and runs the program of a new folder with these files. */
function load(files: Record<string, string>, project = PULUMI_YAML): Promise<unknown> {
  return inFolder({ "Pulumi.yaml": project, ...files }, async (folder) => {
    const program = loadProgram(readProjectSettings(folder));
    try {
      return await program.run();
    } finally {
      program.release();
    }
  });
}

describe("loadProgram", () => {
  const programs: Record<string, { files: Record<string, string>; project?: string }> = {
    "exports of a JavaScript module": { files: { "index.js": "exports.value = 1;" } },
    "an exported function": { files: { "index.js": "module.exports = () => ({ value: 1 });" } },
    "an exported async function": { files: { "index.js": "module.exports = async () => ({ value: 1 });" } },
    "a TypeScript program": { files: { "index.ts": "export const value: number = 1;" } },
    "a TypeScript program with type errors": {
      files: { "index.ts": "const text: string = 1; export const value = text;" },
    },
    "a TypeScript program set up for Node's own module resolution": {
      files: {
        "index.ts": 'import { one } from "./other.js"; export const value = one;',
        "other.js": "exports.one = 1;",
        "tsconfig.json":
          '{"compilerOptions":{"module":"nodenext","moduleResolution":"nodenext","strict":true}}',
      },
    },
    "main of Pulumi.yaml": {
      files: { "src/run.js": "exports.value = 1;" },
      project: `${PULUMI_YAML}main: src/run.js\n`,
    },
    "main of package.json": {
      files: {
        "package.json": '{"main":"lib"}',
        "lib/index.js": "exports.value = 1;",
        "index.js": "exports.value = 2;",
      },
    },
    "the source if main of package.json is not built": {
      files: { "package.json": '{"main":"bin/index.js"}', "index.ts": "export const value = 1;" },
    },
    "a file beside the program": {
      files: { "index.js": 'exports.value = require("./other").one;', "other.js": "exports.one = 1;" },
    },
  };
  for (const [what, { files, project }] of Object.entries(programs)) {
    it(`takes ${what}`, async () => {
      const found = await load(files, project);
      assert.ok(typeof found === "object" && found !== null && "value" in found);
      assert.equal(found.value, 1);
    });
  }

  it("runs a program anew each time", async () => {
    await inFolder(
      { "Pulumi.yaml": PULUMI_YAML, "index.js": "exports.at = process.hrtime.bigint();" },
      (folder) => {
        const times = [0, 1].map(() => {
          const program = loadProgram(readProjectSettings(folder));
          const found = program.run();
          program.release();
          return found;
        });
        assert.notDeepEqual(times[0], times[1]);
      },
    );
  });

  it("finds this package where the program has not installed it, and only during the run", async () => {
    const index = 'exports.path = require.resolve("pulumi-sigsci-istio");';
    const found = await load({ "index.js": index });
    assert.deepEqual(found, { path: join(__dirname, "..", "..", "src", "index.ts") });
    await inFolder({ "index.js": index }, async (folder) => {
      await assert.rejects(import(join(folder, "index.js")), /Cannot find (module|package)/);
    });
  });

  it("prefers an installed copy of this package", async () => {
    const found = await load({
      "index.js": 'exports.value = require("pulumi-sigsci-istio").value;',
      "node_modules/pulumi-sigsci-istio/index.js": "exports.value = 1;",
    });
    assert.deepEqual(found, { value: 1 });
  });

  const refused: Record<string, { files: Record<string, string>; project?: string; message: RegExp }> = {
    "a folder without a program": { files: {}, message: /neither index\.ts nor index\.js/ },
    "a main that is not there": {
      files: {},
      project: `${PULUMI_YAML}main: src\n`,
      message: /main: src, and there is no/,
    },
    "a missing dependency": {
      files: { "index.js": 'require("@example/missing");' },
      message:
        /needs '@example\/missing', which was not found\.\nInstall the program's dependencies first: npm install/,
    },
    "an ES module in TypeScript": {
      files: { "index.ts": "export {};", "package.json": '{"type":"module"}' },
      message: /ES module in TypeScript/,
    },
    "a broken package.json": {
      files: { "index.js": "", "package.json": "{" },
      message: /package\.json: not valid JSON/,
    },
  };
  for (const [what, { files, project, message }] of Object.entries(refused)) {
    it(`refuses ${what}, and goes back to where it was`, async () => {
      const before = process.cwd();
      await assert.rejects(load(files, project), (error: unknown) => {
        assert.ok(error instanceof Error);
        assert.equal(error.name, "Refusal");
        assert.match(error.message, message);
        return true;
      });
      assert.equal(process.cwd(), before);
    });
  }
});
