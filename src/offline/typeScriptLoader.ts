import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { keepExtensions } from "./moduleLoading";
import { Refusal } from "./refusal";

/** The part of ts-node that is used; versions 7 (which Pulumi brings along) to 11 have it. */
interface TsNode {
  register(options: object): unknown;
}

function resolveFirst(name: string, folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    try {
      return createRequire(join(folder, "index.js")).resolve(name);
    } catch {
      // Not there: the next folder may have it; the caller reports if none does.
    }
  }
  return undefined;
}

/** The copy Pulumi ships for programs that install none, as `pulumi up` would use it. */
function vendored(pulumiFolder: string | undefined, name: string): string | undefined {
  if (pulumiFolder === undefined) {
    return undefined;
  }
  const path = join(pulumiFolder, "vendor", name);
  return existsSync(path) ? path : undefined;
}

/**
 * Makes `require` understand TypeScript without checking types, with the program's own ts-node and typescript, else
 * ours, else the copies inside `@pulumi/pulumi`.
 * @returns a function that takes the change back
 * @throws Refusal naming what to install if there is no ts-node or no typescript
 */
export function registerTypeScript(folder: string): () => void {
  const places = [folder, __dirname];
  const pulumiEntry = resolveFirst("@pulumi/pulumi", places);
  const pulumiFolder = pulumiEntry === undefined ? undefined : dirname(pulumiEntry);
  const tsNode = resolveFirst("ts-node", places) ?? vendored(pulumiFolder, "ts-node@7.0.1");
  const compiler =
    resolveFirst("typescript", places) ?? vendored(pulumiFolder, join("typescript@3.8.3", "typescript.js"));
  if (tsNode === undefined || compiler === undefined) {
    throw new Refusal(
      `the program is written in TypeScript, and no compiler was found.\n` +
        `Install one beside the program: npm install --save-dev typescript ts-node`,
    );
  }
  const restore = keepExtensions();
  // The exports of a module at a computed path are unknown to the compiler.
  const compilerHook = createRequire(__filename)(tsNode) as TsNode;
  // Only what every version from Pulumi's own 3.8 on knows, whatever the program's tsconfig says.
  compilerHook.register({
    transpileOnly: true,
    compiler,
    cwd: folder,
    dir: folder,
    compilerOptions: { module: "CommonJS", moduleResolution: "node", target: "ES2020", sourceMap: false },
  });
  return restore;
}
