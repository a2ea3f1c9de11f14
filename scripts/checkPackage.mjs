// Checks a packed tarball, unpacked: `node scripts/checkPackage.mjs <folder> [forbidden text…]`. It holds what users need,
// nothing else, and no text that names the machine it was packed on.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";

const [folder, ...forbidden] = process.argv.slice(2);
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"));

const needed = [
  "package.json",
  "README.md",
  "LICENSE",
  "CHANGELOG.md",
  "dist/index.js",
  "dist/index.d.ts",
  "dist/cli/main.js",
  "dist/testing/index.js",
  "dist/policies/index.js",
];
const topLevel = new Set(needed.filter((file) => !file.includes("/")));
// The root stack is the clone's own program: required by mistake, it would start to create things.
const isExpected = (file) =>
  topLevel.has(file) ||
  /^docs\/(reference\/)?[\w-]+\.(md|yaml|schema\.json)$/.test(file) ||
  (/^dist\/.+\.(js|d\.ts|js\.map)$/.test(file) && !file.startsWith("dist/stack/"));

function* problems() {
  for (const file of needed) {
    if (!files.includes(file)) {
      yield `${file} is missing`;
    }
  }
  for (const file of files) {
    if (!isExpected(file)) {
      yield `${file} should not be there`;
    }
    const text = readFileSync(join(folder, file), "utf8");
    for (const word of forbidden) {
      if (text.includes(word)) {
        yield `${file} contains ${word}`;
      }
    }
    if (file.endsWith(".js") && !files.includes(file.replace(/\.js$/, ".d.ts"))) {
      yield `${file} has no types`;
    }
  }
  if ((statSync(join(folder, "dist/cli/main.js")).mode & 0o111) === 0) {
    yield "dist/cli/main.js is not executable";
  }
}

const found = [...problems()];
for (const problem of found) {
  console.error(problem);
}
console.log(`${files.length} files, ${found.length} problems`);
process.exit(found.length === 0 ? 0 : 1);
