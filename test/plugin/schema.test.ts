import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Analyzer } from "@pulumi/pulumi/provider/experimental/analyzer";
import { version } from "@pulumi/pulumi/version";
import { lt } from "semver";
import * as component from "../../src";

const root = resolve(__dirname, "../..");

/** What Pulumi's component schema says of a property. */
interface Property {
  type?: string;
  $ref?: string;
  plain?: boolean;
  description?: string;
  items?: Property;
}

interface Schema {
  name: string;
  version: string;
  resources: Record<
    string,
    {
      description: string;
      requiredInputs: string[];
      inputProperties: Record<string, Property>;
      properties: Record<string, Property>;
    }
  >;
  types: Record<
    string,
    {
      properties?: Record<string, Property>;
      required?: string[];
      enum?: { value: string; description?: string }[];
    }
  >;
}

// `npm run docs:check` compares this file with what the component provider host gives.
const text = readFileSync(resolve(root, "plugin/schema.json"), "utf8");
const schema = JSON.parse(text) as Schema;
const resource = schema.resources["sigsci-istio:index:SigsciIstioIntegration"] ?? assert.fail("no component");

describe("the component schema, for programs in other languages", () => {
  it("has the component alone, under the token that TypeScript programs have in their states", () => {
    assert.deepEqual(Object.keys(schema.resources), ["sigsci-istio:index:SigsciIstioIntegration"]);
    assert.equal(schema.name, "sigsci-istio");
  });

  it("requires what is required", () => {
    assert.deepEqual(resource.requiredInputs, ["credentials", "targets"]);
    assert.deepEqual(schema.types["sigsci-istio:index:Target"]?.required, ["name", "namespace"]);
  });

  it("has the outputs of the component and no private member", () => {
    const source = readFileSync(resolve(root, "src/sigsciIstioIntegration.ts"), "utf8");
    const declared = [...source.matchAll(/^ {2}readonly (\w+): pulumi\.Output</gm)].map(([, name]) => name);
    assert.deepEqual(Object.keys(resource.properties), declared);
  });

  it("describes every property, in text", () => {
    const owners = { component: resource.inputProperties, outputs: resource.properties };
    const types = Object.entries(schema.types).map(
      ([name, { properties = {} }]) => [name, properties] as const,
    );
    const silent = [...Object.entries(owners), ...types].flatMap(([owner, properties]) =>
      Object.entries(properties)
        .filter(([, { description = "" }]) => description === "")
        .map(([name]) => `${owner}.${name}`),
    );
    assert.deepEqual(silent, []);
    assert.doesNotMatch(text, /\[object Object\]|\{@/);
  });

  it("says the defaults", () => {
    assert.match(resource.inputProperties.namespace?.description ?? "", /Default: "sigsci"$/);
    assert.doesNotMatch(text, /@default/);
    const tags = (text.match(/Default: /g) ?? []).length;
    assert.ok(tags > 100, `${tags} defaults`);
  });

  it("has every enum of the arguments as an enum, with what each value means", () => {
    const enums = Object.entries(schema.types).flatMap(([name, { enum: values }]) =>
      values === undefined ? [] : [[name.replace(/.*:/, ""), values] as const],
    );
    const exported = new Map<string, unknown>(Object.entries(component));
    for (const [name, values] of enums) {
      const known = exported.get(name) ?? assert.fail(`${name} is not exported`);
      assert.deepEqual(values.map(({ value }) => value).sort(), Object.values(known).sort(), name);
      assert.ok(
        values.every(({ description = "" }) => description !== ""),
        `${name} has a value without description`,
      );
    }
    const inTypeScript = [...exported].filter(([, value]) => typeof value === "object").map(([name]) => name);
    assert.deepEqual(enums.map(([name]) => name).sort(), inTypeScript.sort());
  });

  it("marks what shapes the resources as plain, and lets fields wait for other resources", () => {
    const { placement, targets, namespace } = resource.inputProperties;
    assert.equal(placement?.plain, true);
    assert.equal(targets?.plain, true);
    assert.equal(namespace?.plain, undefined);
    const credentials = schema.types["sigsci-istio:index:Credentials"]?.properties;
    assert.equal(credentials?.secretAccessKey?.plain, undefined);
  });
});

/** The analyzer of older SDKs takes an optional enum for a union: programs in other languages need this version. */
const firstWithOptionalEnums = "3.221.0";

if (lt(version, firstWithOptionalEnums)) {
  describe("Pulumi's analyzer", function () {
    // The analyzer type-checks the whole package.
    this.timeout(120_000);

    it(`refuses the component before SDK ${firstWithOptionalEnums}, which knows no optional enums`, () => {
      const manifest: unknown = JSON.parse(readFileSync(resolve(root, "package.json"), "utf8"));
      const analyzer = new Analyzer(
        root,
        "sigsci-istio",
        // The analyzer reads name and entry file of it only.
        manifest as ConstructorParameters<typeof Analyzer>[2],
        new Set(["SigsciIstioIntegration"]),
      );
      assert.throws(
        () => analyzer.analyze(),
        /Union types are not supported for component 'SigsciIstioIntegration'.*TargetKind/,
      );
    });
  });
}
