// Writes the JSON Schemas of what `render --json` and `status --json` print, from their types; with --check it only says
// which of them are stale.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { createGenerator } from "ts-json-schema-generator";

const root = fileURLToPath(new URL("..", import.meta.url));
const documents = [
  { file: "docs/render.schema.json", path: "src/render/difference.ts", type: "RenderDocument" },
  { file: "docs/status.schema.json", path: "src/status/report.ts", type: "StatusReport" },
];

let stale = 0;
for (const { file, path, type } of documents) {
  const config = { path: join(root, path), type, tsconfig: join(root, "tsconfig.json"), topRef: false };
  // New fields may come at any time.
  const schema = createGenerator({ ...config, additionalProperties: true, skipTypeCheck: true }).createSchema(
    type,
  );
  const target = join(root, file);
  const text = await format(JSON.stringify(schema), { ...(await resolveConfig(target)), filepath: target });
  if (!process.argv.includes("--check")) {
    writeFileSync(target, text);
  } else if (readFileSync(target, "utf8") !== text) {
    console.error(`${file} is stale: run \`npm run docs\``);
    stale += 1;
  }
}
process.exitCode = stale === 0 ? 0 : 1;
