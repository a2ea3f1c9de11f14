import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Analyzer } from "@pulumi/pulumi/provider/experimental/analyzer";
import { version } from "@pulumi/pulumi/version";
import { lt } from "semver";

const root = resolve(__dirname, "../..");

/** The analyzer of older SDKs takes an optional enum for a union: programs in other languages need this version. */
const firstWithOptionalEnums = "3.221.0";

describe("Pulumi's component schema", function () {
  // The analyzer type-checks the whole package.
  this.timeout(120_000);

  function analyze(): ReturnType<Analyzer["analyze"]> {
    const manifest: unknown = JSON.parse(readFileSync(resolve(root, "package.json"), "utf8"));
    const analyzer = new Analyzer(
      root,
      "sigsci-istio",
      // The analyzer reads name and entry file of it only.
      manifest as ConstructorParameters<typeof Analyzer>[2],
      new Set(["SigsciIstioIntegration"]),
    );
    return analyzer.analyze();
  }

  if (lt(version, firstWithOptionalEnums)) {
    it(`is refused before SDK ${firstWithOptionalEnums}, which knows no optional enums`, () => {
      assert.throws(
        analyze,
        /Union types are not supported for component 'SigsciIstioIntegration'.*TargetKind/,
      );
    });
    return;
  }

  it("is found from the types, for programs in other languages", () => {
    const { components } = analyze();
    const { inputs, outputs } = components.SigsciIstioIntegration ?? assert.fail("no component");
    const required = Object.keys(inputs).filter((name) => inputs[name]?.optional !== true);
    assert.deepEqual(required.sort(), ["credentials", "targets"]);
    assert.ok(Object.keys(inputs).length >= 14);
    for (const name of ["serviceHost", "extensionProviders", "notInspected", "coverage"]) {
      assert.ok(name in outputs, name);
    }
  });
});
