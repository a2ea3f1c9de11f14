// Writes the JSON Schemas of what `render --json` and `status --json` print, from their types, and the component schema
// of the plugin for other languages; with --check it only says which of them are stale.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { createGenerator } from "ts-json-schema-generator";
import { componentSchema } from "./componentSchema.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

function schemaOfType(path, type) {
  const config = { path: join(root, path), type, tsconfig: join(root, "tsconfig.json"), topRef: false };
  // New fields may come at any time.
  return createGenerator({ ...config, additionalProperties: true, skipTypeCheck: true }).createSchema(type);
}

const schemas = {
  "docs/render.schema.json": schemaOfType("src/render/difference.ts", "RenderDocument"),
  "docs/status.schema.json": schemaOfType("src/status/report.ts", "StatusReport"),
  "plugin/schema.json": await componentSchema(),
};

let stale = 0;
for (const [file, schema] of Object.entries(schemas)) {
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
