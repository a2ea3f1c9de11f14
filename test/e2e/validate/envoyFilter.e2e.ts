import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { envoyFilterSpec } from "../../../src/enforcement/envoyFilter/envoyFilterSpec";
import type { EnvoyFilterSpec } from "../../../src/enforcement/envoyFilter/envoyFilterTypes";
import { planOf, variants } from "../../enforcement/envoyFilter/plans";
import { findPart } from "../stack/findPart";
import { createTemporaryFolder } from "../stack/temporaryFolder";
import type { TemporaryFolder } from "../stack/temporaryFolder";
import { staticProxy } from "./staticProxy";

interface Verdict {
  readonly code: number | null;
  readonly text: string;
}

const ports = { listener: 15006, tunnel: 15008, admin: 15000, app: 8080, agent: 9999 };
const misspelt = "failure_mode_alow";

describe("EnvoyFilters, judged by Istio and Envoy", () => {
  const specs = Object.entries(variants).map(([name, changes]) => ({
    name,
    spec: envoyFilterSpec(planOf(changes)),
  }));
  let folder: TemporaryFolder;
  let istioctl: string;
  let envoy: string;

  before(async () => {
    folder = createTemporaryFolder("validate");
    istioctl = (await findPart("istioctl")).path;
    envoy = (await findPart("envoy")).path;
  });
  after(() => {
    folder.remove();
  });

  const judge = (command: string, args: string[], content: unknown): Verdict => {
    const file = join(folder.path, "judged.json");
    writeFileSync(file, JSON.stringify(content));
    const { status, stdout, stderr } = spawnSync(command, [...args, file], { encoding: "utf8" });
    return { code: status, text: `${stdout}${stderr}` };
  };
  const byIstio = (name: string, spec: EnvoyFilterSpec): Verdict => {
    const kind = { apiVersion: "networking.istio.io/v1alpha3", kind: "EnvoyFilter" };
    return judge(istioctl, ["validate", "-f"], { ...kind, metadata: { name, namespace: "shop" }, spec });
  };
  const byEnvoy = (spec: EnvoyFilterSpec): Verdict =>
    judge(envoy, ["--mode", "validate", "--log-level", "warning", "-c"], staticProxy(spec, ports));

  for (const { name, spec } of specs) {
    it(`Istio has nothing against "${name}" but its general warning about EnvoyFilters`, () => {
      const { code, text } = byIstio(name, spec);
      const warnings = text.split("\n").filter((line) => line.trim().startsWith("*"));
      assert.equal(code, 0, text);
      assert.equal(warnings.length, 1, text);
      assert.match(warnings[0] ?? "", /exposes internal implementation details/);
    });

    it(`Envoy accepts "${name}"${name.startsWith("guide") ? "" : " and calls nothing in it deprecated"}`, () => {
      const { code, text } = byEnvoy(spec);
      assert.equal(code, 0, text);
      assert.match(text, /configuration '.*' OK/);
      if (!name.startsWith("guide")) {
        assert.doesNotMatch(text, /deprecated/i);
      }
    });
  }

  it("Istio and Envoy notice a misspelt field, so that they would notice ours", () => {
    const plan = envoyFilterSpec(planOf());
    const text = JSON.stringify(plan).replaceAll("failure_mode_allow", misspelt);
    const wrong = JSON.parse(text) as EnvoyFilterSpec; // only the name of a field inside a value has changed
    assert.match(byIstio("wrong", wrong).text, new RegExp(`unknown field "${misspelt}"`));
    const verdict = byEnvoy(wrong);
    assert.notEqual(verdict.code, 0);
    assert.match(verdict.text, new RegExp(misspelt));
  });
});
