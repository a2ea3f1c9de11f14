import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { commandLine, type CommandLine } from "../pulumi/commandLine";
import { succeeded } from "../pulumi/printed";
import { runCommand } from "../stack/command";
import { findPart } from "../stack/findPart";
import { createTemporaryFolder, type TemporaryFolder } from "../stack/temporaryFolder";
import { installedPlugin } from "./installedPlugin";

const repository = resolve(__dirname, "../../..");
const schemaFile = join(repository, "plugin/schema.json");
const goModule = "example.com/pulumi-sigsci-istio/sdk/go/sigsci-istio";

describe("the component schema and the SDKs that are made from it", function () {
  this.timeout(600_000);
  let folder: TemporaryFolder;
  let pulumi: CommandLine;

  const run = async (
    cwd: string,
    command: string,
    args: readonly string[],
    env: Record<string, string> = {},
  ): Promise<void> => {
    await runCommand({
      command,
      args,
      cwd,
      env,
      logFile: join(folder.path, "log"),
      purpose: `checking an SDK with ${command}`,
      ifMissing: `Install ${command}.`,
    });
  };
  const generate = async (language: string, target: string): Promise<void> => {
    await run(folder.path, (await findPart("generate-sdk")).path, [schemaFile, language, target]);
  };

  before(async () => {
    folder = createTemporaryFolder("sdks");
    pulumi = await commandLine("/dev/null");
  });
  after(() => {
    pulumi.dispose();
    folder.remove();
  });

  it("get-schema gives the file that is checked in", async () => {
    const end = await pulumi.run(folder.path, `pulumi package get-schema ${await installedPlugin()}`);
    succeeded(end);
    const { config, ...given } = asTheEngineWrites(JSON.parse(end.stdout)) as Record<string, unknown>;
    assert.deepEqual(config, {});
    const { dependencies, ...checkedIn } = asTheEngineWrites(
      JSON.parse(readFileSync(schemaFile, "utf8")),
    ) as Record<string, unknown>;
    assert.deepEqual(dependencies, []);
    assert.deepEqual(given, checkedIn);
  });

  it("Node.js: the SDK has no type error", async () => {
    const sdk = join(folder.path, "nodejs");
    await generate("nodejs", sdk);
    symlinkSync(join(repository, "node_modules"), join(sdk, "node_modules"));
    await run(sdk, process.execPath, ["node_modules/typescript/bin/tsc", "--noEmit", "-p", "."]);
  });

  it("Python: a type checker has nothing against the example", async () => {
    const program = join(folder.path, "python");
    cpSync(join(repository, "examples/python"), program, { recursive: true });
    const sdk = join(program, "sdks/sigsci-istio");
    await generate("python", sdk);
    const packages = (await findPart("pulumi-python")).path;
    const check = ["-m", "mypy", "--strict", "--follow-imports=silent", "__main__.py"];
    await run(program, "python3", check, { PYTHONPATH: packages, MYPYPATH: sdk });
    const spoiled = readFileSync(join(program, "__main__.py"), "utf8").replace("match_labels", "match_label");
    writeFileSync(join(program, "__main__.py"), spoiled);
    await assert.rejects(run(program, "python3", check, { PYTHONPATH: packages, MYPYPATH: sdk }));
  });

  it("Go: vet has nothing against the example", async () => {
    const program = join(folder.path, "go");
    cpSync(join(repository, "examples/go"), program, { recursive: true });
    const sdk = join(program, "sdks/sigsci-istio");
    mkdirSync(sdk, { recursive: true });
    await generate("go", sdk);
    const manifest = readFileSync(join(program, "go.mod"), "utf8");
    writeFileSync(join(sdk, "sigsciistio/go.mod"), manifest.replace(/^module .*$/m, `module ${goModule}`));
    const local = [
      "-require",
      `${goModule}@v0.0.0`,
      "-replace",
      `${goModule}=./sdks/sigsci-istio/sigsciistio`,
    ];
    await run(program, "go", ["mod", "edit", ...local]);
    await run(program, "go", ["vet", "./..."], { GOFLAGS: "-mod=mod", GOWORK: "off", CGO_ENABLED: "0" });
  });
});

/** The engine leaves out what is empty, and what `required` says already. */
function asTheEngineWrites(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(asTheEngineWrites);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const isSaid = ([key, inner]: [string, unknown]): boolean =>
    key !== "optional" && !(key === "required" && Array.isArray(inner) && inner.length === 0);
  return Object.fromEntries(
    Object.entries(value)
      .filter(isSaid)
      .map(([key, inner]) => [key, asTheEngineWrites(inner)]),
  );
}
