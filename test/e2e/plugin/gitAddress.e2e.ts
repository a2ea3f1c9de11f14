import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { commandLine, type CommandLine } from "../pulumi/commandLine";
import { succeeded } from "../pulumi/printed";
import { runCommand } from "../stack/command";
import { createTemporaryFolder, type TemporaryFolder } from "../stack/temporaryFolder";
import { serveGit, type GitServer } from "./gitServer";
import { copySources } from "./installedPlugin";

const schemaFile = resolve(__dirname, "../../../plugin/schema.json");

describe("the plugin by the address of a Git repository", function () {
  this.timeout(600_000);
  let folder: TemporaryFolder;
  let server: GitServer;
  let pulumi: CommandLine;

  before(async () => {
    folder = createTemporaryFolder("git");
    await makeRepository(join(folder.path, "platform/pulumi-sigsci-istio.git"));
    server = await serveGit(folder.path);
    pulumi = await commandLine("/dev/null");
  });
  after(async () => {
    pulumi.dispose();
    await server.stop();
    folder.remove();
  });

  /** The schema of what stands behind an address, in the form that SDKs are generated from. */
  const getSchema = async (address: string): Promise<Schema> => {
    const environment = `env SSL_CERT_FILE=${server.certificate} npm_config_prefer_offline=true`;
    const end = await pulumi.run(folder.path, `${environment} pulumi package get-schema ${address}`);
    succeeded(end);
    return JSON.parse(end.stdout) as Schema;
  };

  it("is cloned at the tag of its version, installed, and named after the owner of the repository", async () => {
    const address = `${server.url}/platform/pulumi-sigsci-istio.git/plugin`;
    const given = await getSchema(`${address}@0.1.0`);
    const checkedIn = JSON.parse(readFileSync(schemaFile, "utf8")) as Schema;
    const { name, version, namespace, pluginDownloadURL, resources, types } = given;
    assert.deepEqual(
      { name, version, namespace, pluginDownloadURL },
      {
        name: checkedIn.name,
        version: "0.1.0",
        namespace: "platform",
        pluginDownloadURL: address.replace("https:", "git:"),
      },
    );
    assert.deepEqual(Object.keys(resources), Object.keys(checkedIn.resources));
    assert.deepEqual(Object.keys(types).sort(), Object.keys(checkedIn.types).sort());
  });
});

interface Schema {
  name: string;
  version: string;
  namespace?: string;
  pluginDownloadURL?: string;
  resources: object;
  types: object;
}

/** A repository with the plugin and what it is compiled from, with the tag of a release. */
async function makeRepository(path: string): Promise<void> {
  mkdirSync(path, { recursive: true });
  copySources(path);
  const author = ["-c", "user.name=e2e", "-c", "user.email=e2e@e2e.example", "-c", "commit.gpgsign=false"];
  for (const args of [
    ["init", "--quiet"],
    ["add", "."],
    [...author, "commit", "--quiet", "--message", "A release"],
    ["-c", "tag.gpgsign=false", "tag", "v0.1.0"],
  ]) {
    await runCommand({
      command: "git",
      args,
      cwd: path,
      logFile: `${path}.log`,
      purpose: "making a repository",
      ifMissing: "Install git.",
    });
  }
}
