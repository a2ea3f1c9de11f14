// Validates Kubernetes objects with Monokle: `node runMonokle.mjs <folder with node_modules>`, the objects as a JSON
// list on standard input, what was found as a JSON list on standard output. A process of its own, as Monokle is an
// ES module from another folder.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// Those that need no network. Not `metadata`: it asks for a label `app.kubernetes.io/managed`, which no standard knows.
const plugins = {
  "pod-security-standards": true,
  practices: true,
  "resource-links": true,
  "yaml-syntax": true,
};

const require = createRequire(join(process.argv[2], "package.json"));
const { createDefaultMonokleValidator, processRefs, ResourceParser } = await import(
  pathToFileURL(join(process.argv[2], "node_modules/@monokle/validation/lib/node.js"))
);
const { stringify } = require("yaml");

const validator = createDefaultMonokleValidator();
await validator.preload({ plugins });
// Every rule, also those that are off by default: the restricted profile is among them.
const all = Object.entries(validator.rules).flatMap(([plugin, rules]) =>
  rules.map(({ name }) => [`${plugin}/${name}`, "err"]),
);
await validator.preload({ plugins, rules: Object.fromEntries(all) });
const resources = JSON.parse(readFileSync(0, "utf8")).map((content, index) => ({
  id: String(index),
  fileId: String(index),
  filePath: `${index}.yaml`,
  fileOffset: 0,
  name: content.metadata.name,
  namespace: content.metadata.namespace,
  apiVersion: content.apiVersion,
  kind: content.kind,
  content,
  text: stringify(content),
}));
// The plugin for links judges only those that were looked for before.
processRefs(resources, new ResourceParser());
const { runs } = await validator.validate({ resources });
const found = runs.flatMap(({ tool, results }) =>
  results.map(({ rule, message, locations: [, { physicalLocation, logicalLocations }] }) => {
    const plugin = tool.extensions[rule.toolComponent.index];
    return {
      check: `${plugin.name}/${plugin.rules[rule.index].name}`,
      index: Number(physicalLocation.artifactLocation.uri),
      path: logicalLocations.find(({ kind }) => kind === "element")?.fullyQualifiedName ?? "",
      message: message.text,
    };
  }),
);
process.stdout.write(JSON.stringify({ rules: all.length, found }));
