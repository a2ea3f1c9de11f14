// Installs what package-lock.json names, if node_modules does not hold it yet.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Path to version of every package that a lock file names, without those that only some platforms need. */
function lockedVersions(file) {
  let text;
  try {
    text = readFileSync(join(root, file), "utf8");
  } catch (error) {
    if (error.code === "ENOENT") {
      return new Map();
    }
    throw error;
  }
  const packages = Object.entries(JSON.parse(text).packages).filter(([path]) => path !== "");
  return new Map(
    packages.filter(([, { optional }]) => !optional).map(([path, { version }]) => [path, version]),
  );
}

/**
 * Installs what is missing. The content of npm's own record is compared: file times say little after a checkout.
 * Ends the process with npm's exit code if npm fails.
 */
export function installDependencies() {
  const installed = lockedVersions("node_modules/.package-lock.json");
  const wanted = lockedVersions("package-lock.json");
  const missing = [...wanted].filter(([path, version]) => installed.get(path) !== version);
  if (missing.length === 0) {
    return;
  }
  console.log(`install: ${wanted.size} packages from package-lock.json (once, about a minute)`);
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status, error } = spawnSync("npm", args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  if (error !== undefined) {
    console.error(`install: npm cannot be started: ${error.message}`);
  }
  if (status !== 0) {
    process.exit(status ?? 1);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  installDependencies();
}
