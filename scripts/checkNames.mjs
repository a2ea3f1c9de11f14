// No tracked file may name the machine it was written on: its package registries or its folders.
// `node scripts/checkNames.mjs [further text…]`
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** What a command prints; nothing if the tool is not here. */
function output(command, args) {
  return spawnSync(command, args, { cwd: root, encoding: "utf8" }).stdout ?? "";
}

/** The hosts this machine gets packages from, as its tools are set up. */
function registryHosts() {
  const settings = [
    output("npm", ["config", "get", "registry"]),
    output("go", ["env", "GOPROXY"]),
    output("python3", ["-m", "pip", "config", "list"]),
    process.env.PIP_INDEX_URL ?? "",
  ];
  return settings.flatMap((text) =>
    [...text.matchAll(/https?:\/\/(?:[^@/\s]*@)?([^/\s'",]+)/g)].map(([, host]) => host),
  );
}

/** The user's folder, unless every machine has it. */
const home = homedir() === "/root" ? [] : [homedir()];
const forbidden = [...new Set([...registryHosts(), root, ...home, ...process.argv.slice(2)])];
// The lock file is written by npm and names no host; see .npmrc.
const files = output("git", ["ls-files"])
  .split("\n")
  .filter((file) => file !== "");
if (files.length === 0) {
  throw new Error("git ls-files names no file");
}
const hits = files.flatMap((file) => {
  const text = readFileSync(join(root, file), "utf8");
  return forbidden.filter((word) => text.includes(word)).map((word) => `${file} names ${word}`);
});
for (const hit of hits) {
  console.error(hit);
}
console.log(`${files.length} files, ${forbidden.length} names looked for, ${hits.length} found`);
process.exit(hits.length === 0 ? 0 : 1);
