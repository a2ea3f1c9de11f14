// Whether docs/reference is what the doc comments say now, and whether each relative link of a document leads somewhere.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

function run(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) {
    throw new Error(`${command} ${args.join(" ")}: ${stdout}${stderr}`);
  }
  return stdout;
}

function contentOf(folder) {
  const names = readdirSync(folder, { recursive: true }).sort();
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

function* staleFiles() {
  const folder = mkdtempSync(join(tmpdir(), "reference-"));
  try {
    run(process.execPath, ["node_modules/typedoc/bin/typedoc", "--logLevel", "Warn", "--out", folder]);
    const wanted = contentOf(folder);
    const present = contentOf(join(root, "docs", "reference"));
    for (const name of new Set([...wanted.keys(), ...present.keys()])) {
      if (wanted.get(name) !== present.get(name)) {
        yield `docs/reference/${name} is stale: run \`npm run docs\``;
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const withoutCode = (text) =>
  text.replace(/^```.*?^```$/gms, "").replace(/`[^`\n]*`/g, (code) => code.slice(1, -1));

/** What a git host makes of the headings, and the anchors that a page sets itself. */
function anchorsOf(text) {
  const seen = new Map();
  const headings = [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => {
    const slug = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, "")
      .replaceAll(" ", "-");
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
  return new Set([...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id)]);
}

function* brokenLinks(file) {
  const text = readFileSync(join(root, file), "utf8");
  for (const [, target] of withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) {
      continue;
    }
    const [path, anchor] = target.split("#");
    const found = path === "" ? join(root, file) : resolve(root, dirname(file), path);
    const kind = statSync(found, { throwIfNoEntry: false });
    if (kind === undefined || relative(root, found).startsWith("..")) {
      yield `${file}: there is no ${target}`;
    } else if (
      anchor !== undefined &&
      !(kind.isFile() && anchorsOf(readFileSync(found, "utf8")).has(anchor))
    ) {
      yield `${file}: ${target} names no heading`;
    }
  }
}

const documents = run("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"])
  .trim()
  .split("\n");
const problems = [...staleFiles(), ...documents.flatMap((file) => [...brokenLinks(file)])];
for (const problem of problems) {
  console.error(problem);
}
console.log(`${documents.length} documents, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
