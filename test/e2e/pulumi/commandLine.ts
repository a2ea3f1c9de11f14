import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { endEngineProcesses } from "../stack/engineProcesses";
import { findPart } from "../stack/findPart";
import { fillPluginCache, pluginSettings } from "../stack/plugins";
import { onProcessEnd } from "../stack/processEnd";
import { createTemporaryFolder } from "../stack/temporaryFolder";

/** A `pulumi` command that has ended by itself. */
export interface CommandEnd {
  /** Exit code; null when it was ended by a signal. */
  readonly code: number | null;
  /** What it printed on both channels, in the order in which it came. */
  readonly output: string;
  readonly stdout: string;
}

/** The Pulumi CLI of somebody who has nothing set up yet: home and state of its own, no terminal. */
export interface CommandLine {
  /** The kubeconfig of the environment, for the next commands. */
  kubeconfig: string;
  /**
   * Runs a line such as `pulumi preview`, with the quotes of a shell, in a folder.
   *
   * @throws Error when it has not ended after five minutes
   */
  run(folder: string, command: string): Promise<CommandEnd>;
  /** All that was printed up to now, and every file of state and home. */
  everythingStored(): string[];
  /** Ends what is under way and removes home and state. */
  dispose(): void;
}

// An `up` with its preview takes half a minute on two idle cores, and several times that beside other tests.
const longestSeconds = 300;

/**
 * Sets up a {@link CommandLine}: state in files, secrets encrypted by passphrase, nothing fetched.
 *
 * @param kubeconfig - Path of the kubeconfig that `KUBECONFIG` names.
 * @throws StackError when there is no engine
 */
export async function commandLine(kubeconfig: string): Promise<CommandLine> {
  const engine = dirname((await findPart("pulumi")).path);
  const folder = createTemporaryFolder("pulumi");
  const [home, state] = [join(folder.path, "home"), join(folder.path, "state")];
  for (const path of [home, state]) {
    mkdirSync(path);
  }
  await fillPluginCache(home);
  const printed: string[] = [];
  const forget = onProcessEnd(() => {
    endEngineProcesses(home);
  });
  const line: CommandLine = {
    kubeconfig,
    run: async (cwd, command) => {
      const env = { ...environment(engine), ...settings(home, state), KUBECONFIG: line.kubeconfig };
      const end = await runToItsEnd(command, { cwd, env });
      printed.push(end.output);
      return end;
    },
    everythingStored: () => [...printed, ...[home, state].flatMap(filesBelow)],
    dispose: () => {
      forget();
      endEngineProcesses(home);
      folder.remove();
    },
  };
  return line;
}

/** The environment of this process with the engine first on PATH. */
function environment(engine: string): NodeJS.ProcessEnv {
  return { ...process.env, PATH: [engine, process.env.PATH].join(delimiter) };
}

function settings(home: string, state: string): NodeJS.ProcessEnv {
  return {
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: "e2e-passphrase",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    ...pluginSettings,
    // What a small CI container has. Node 20 fills gigabytes with an error whose stack names a file right below
    // `node_modules/@scope`, as stacks through `apply` do.
    NODE_OPTIONS: "--max-old-space-size=1000",
  };
}

function runToItsEnd(command: string, options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    // Without `exec` it would be the shell that is ended when time is up.
    const child = spawn("sh", ["-c", `exec ${command}`], { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let [output, stdout] = ["", ""];
    const forget = onProcessEnd(() => child.kill("SIGKILL"));
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${command} has not ended after ${longestSeconds} s:\n${output}`));
    }, longestSeconds * 1000);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      forget();
      resolve({ code, output, stdout });
    });
  });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"));
}
