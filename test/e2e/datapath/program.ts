import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { cached, cacheFolder } from "../stack/cache";
import { runCommand } from "../stack/command";
import { withProgress } from "../stack/progress";

const moduleFolder = join(__dirname, "go");
const goEnvironment = { CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "-mod=readonly" };

/**
 * The program with the stub agent, the app and the clients: built with Go once for each state of its source.
 *
 * @returns its path
 * @throws StackError when Go is missing or the build fails
 */
export async function dataPathProgram(): Promise<string> {
  const entry = await cached(`datapath-${fingerprint()}`, async (folder) => {
    await withProgress("stub agent, app and clients", "building with go", async () => {
      await runCommand({
        command: "go",
        args: ["build", "-trimpath", "-ldflags=-s -w", "-o", join(folder, "datapath"), "."],
        cwd: moduleFolder,
        env: goEnvironment,
        logFile: join(cacheFolder(), "logs", "datapath.log"),
        purpose: "building the stub agent",
        ifMissing: "Install Go (1.26 or later).",
      });
    });
  });
  return join(entry, "datapath");
}

function fingerprint(): string {
  const hash = createHash("sha256").update(JSON.stringify([process.platform, process.arch, goEnvironment]));
  const files = readdirSync(moduleFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    hash.update(relative(moduleFolder, file)).update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 12);
}
