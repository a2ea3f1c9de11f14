import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runCommandLine } from "../../../src/cli/program";
import { parseObjects } from "../stack/apply";
import type { PlainObject } from "../stack/apply";

const examplesFolder = resolve(__dirname, "../../../examples");

/** The folders in `examples` with a Node.js program, by name. */
export const exampleNames: readonly string[] = readdirSync(examplesFolder).filter((name) =>
  existsSync(join(examplesFolder, name, "package.json")),
);

/** An object that an example renders. */
export interface RenderedObject {
  readonly object: PlainObject;
  /** The text of its file, as `pulumi-sigsci-istio render` wrote it. */
  readonly text: string;
  readonly file: string;
  /** Whether it is a part of an object that is there already, such as a `DeploymentPatch`. */
  readonly isPatch: boolean;
}

/**
 * Renders an example with the command of the package, against the sample cluster beside it if there is one.
 *
 * Helm releases are left out: they are no objects of the cluster.
 *
 * @param example name of its folder
 * @param out folder for the manifests
 * @throws AssertionError when the command fails
 */
export async function renderExample(example: string, out: string): Promise<RenderedObject[]> {
  const program = join(examplesFolder, example);
  const printed: string[] = [];
  const print = (text: string): void => {
    printed.push(text);
  };
  const code = await runCommandLine(["render", program, ...sampleCluster(program), "--out", out], {
    out: print,
    err: print,
    colors: false,
  });
  assert.equal(code, 0, printed.join(""));
  return readdirSync(out)
    .filter((name) => name.endsWith(".yaml"))
    .flatMap((name) => renderedIn(join(out, name)));
}

function sampleCluster(program: string): string[] {
  return ["mesh", "workloads"].flatMap((name) => {
    const file = join(program, "cluster", `${name}.yaml`);
    return existsSync(file) ? [`--${name}`, file] : [];
  });
}

function renderedIn(file: string): RenderedObject[] {
  const text = readFileSync(file, "utf8");
  const isPatch = /^# A patch of the existing /m.test(text);
  return parseObjects(text)
    .filter(({ kind }) => kind !== "Release")
    .map((object) => ({ object, text, file, isPatch }));
}
