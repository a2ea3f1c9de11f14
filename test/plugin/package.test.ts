import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(__dirname, "../..");

interface Manifest {
  version: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

interface Lock {
  packages: Record<string, { version: string }>;
}

function read(file: string): unknown {
  const parsed: unknown = JSON.parse(readFileSync(resolve(root, file), "utf8"));
  return parsed;
}

describe("the package of the plugin", () => {
  const whole = read("package.json") as Manifest;
  const plugin = read("plugin/package.json") as Manifest;

  it("has the version of the root", () => {
    assert.equal(plugin.version, whole.version);
    assert.equal((read("plugin/schema.json") as Manifest).version, whole.version);
    assert.equal((read("plugin/package-lock.json") as Manifest).version, whole.version);
  });

  it("asks for the same dependencies as the root, and for an SDK that knows optional enums", () => {
    const known: Record<string, string | undefined> = {
      ...whole.devDependencies,
      ...whole.dependencies,
      "@pulumi/pulumi": "^3.221.0",
    };
    const wanted = Object.keys(plugin.dependencies).map((name) => [name, known[name]]);
    assert.deepEqual(plugin.dependencies, Object.fromEntries(wanted));
    assert.match(readFileSync(resolve(root, "plugin/PulumiPlugin.yaml"), "utf8"), /">=3\.221\.0"/);
  });

  it("is tested with the versions that users get", () => {
    const [ours, theirs] = [read("package-lock.json") as Lock, read("plugin/package-lock.json") as Lock];
    const versions = ({ packages }: Lock): [string, string | undefined][] =>
      Object.keys(plugin.dependencies).map((name) => [name, packages[`node_modules/${name}`]?.version]);
    assert.deepEqual(versions(theirs), versions(ours));
  });

  it("depends on each package that the component imports", () => {
    const imported = new Set(importsOf(resolve(root, "src/sigsciIstioIntegration.ts")));
    assert.deepEqual(
      [...imported].filter((name) => !(name in plugin.dependencies)),
      [],
    );
  });
});

/** The npm packages that a module imports, with those of the modules that it imports. */
function importsOf(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) {
    return [];
  }
  seen.add(file);
  const text = readFileSync(file, "utf8");
  const specifiers = [...text.matchAll(/^(?:import|export|\}).* from "([^"]+)"|\bimport\("([^"]+)"/gm)].map(
    ([, specifier = ""]) => specifier,
  );
  return specifiers.flatMap((specifier) => {
    if (!specifier.startsWith(".")) {
      const packageName = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
      return packageName === undefined || specifier.startsWith("node:") ? [] : [packageName];
    }
    return importsOf(moduleFile(resolve(file, "..", specifier)), seen);
  });
}

function moduleFile(path: string): string {
  for (const candidate of [`${path}.ts`, `${path}/index.ts`]) {
    try {
      readFileSync(candidate);
      return candidate;
    } catch {
      // The next one.
    }
  }
  return assert.fail(`${path} is no module`);
}
