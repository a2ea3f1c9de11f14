import { delimiter, join, resolve } from "node:path";
import { runCommand } from "../stack/command";
import { findPart } from "../stack/findPart";

const schemaFile = resolve(__dirname, "../../../plugin/schema.json");

/**
 * Generates the SDK for Python and installs it, as `pulumi package add` does. Nothing is fetched.
 *
 * @param folder - Where; it is the caller's to remove.
 * @returns the `PYTHONPATH` of programs that use it
 */
export async function installPythonSdk(folder: string): Promise<string> {
  const packages = (await findPart("pulumi-python")).path;
  const [sdk, target] = [join(folder, "sdk"), join(folder, "site-packages")];
  const run = async (command: string, args: readonly string[]): Promise<void> => {
    await runCommand({
      command,
      args,
      env: { PYTHONPATH: packages },
      logFile: join(folder, "sdk.log"),
      purpose: "installing the SDK for Python",
      ifMissing: `Install ${command}.`,
    });
  };
  await run((await findPart("generate-sdk")).path, [schemaFile, "python", sdk]);
  const offline = ["--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"];
  await run("python3", ["-m", "pip", "install", "--quiet", ...offline, "--target", target, sdk]);
  return [target, packages].join(delimiter);
}
