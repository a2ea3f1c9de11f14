import { mkdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import * as localAutomation from "@pulumi/pulumi/automation";
import type { ConfigMap, OutputMap, PulumiFn, Stack } from "@pulumi/pulumi/automation";
import { endEngineProcesses } from "./engineProcesses";
import { reasonOf } from "./failure";
import { findPart } from "./findPart";
import { forgetLostPrograms } from "./lostPrograms";
import { fillPluginCache, pluginSettings } from "./plugins";
import { onProcessEnd } from "./processEnd";
import { diagnosticsText, reportOf, type RunReport } from "./runReport";
import { createTemporaryFolder } from "./temporaryFolder";

/** The Automation API of some copy of the Pulumi SDK. */
export type Automation = typeof localAutomation;

/** How a program is run; everything has a default. */
export interface StackOptions {
  /** Path of the kubeconfig that default providers use. Default: none, so that nobody's own cluster is touched. */
  readonly kubeconfig?: string;
  /**
   * The Automation API to run with: of the same installation that the program takes its SDK from.
   * Default: that of the work tree.
   */
  readonly automation?: Automation;
  /** Default: `e2e`. */
  readonly projectName?: string;
  /** Default: `test`. */
  readonly stackName?: string;
  /** Stack configuration. Default: none. */
  readonly config?: ConfigMap;
  /** More environment variables for the engine and its providers; they win over the suite's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Folder that holds the state, for stacks that refer to each other. Default: one of its own. */
  readonly backend?: string;
}

/** An operation on a stack that failed, with all that was seen until then. */
export class RunFailure extends Error {
  constructor(
    readonly operation: string,
    readonly report: RunReport,
    override readonly cause: unknown,
  ) {
    super(`${operation} failed:\n${diagnosticsText(report) || reasonOf(cause)}`);
    this.name = "RunFailure";
  }
}

/** A stack with an inline program. Its operations throw {@link RunFailure}. */
export interface ProgramStack {
  /** The Automation API's own stack, for everything else. */
  readonly stack: Stack;
  /** Folder with the state files. */
  readonly backend: string;
  /** The program that the next operations run. */
  setProgram(program: PulumiFn): void;
  preview(): Promise<RunReport>;
  up(): Promise<RunReport & { readonly outputs: OutputMap }>;
  refresh(): Promise<RunReport>;
  destroy(): Promise<RunReport>;
  /**
   * Ends what is under way and removes state and settings; what the stack made in a cluster stays.
   * Safe to call twice.
   */
  dispose(): void;
}

type Listeners = Required<Pick<localAutomation.UpOptions, "onEvent" | "onOutput" | "color">>;

/**
 * Sets up a vanilla Automation API stack for an inline program: real engine, state in a scratch folder,
 * secrets encrypted by passphrase, nothing fetched and nobody's settings read.
 *
 * @throws StackError when there is no engine
 */
export async function withStack(program: PulumiFn, options: StackOptions = {}): Promise<ProgramStack> {
  await putEngineOnPath();
  forgetLostPrograms();
  const folder = createTemporaryFolder("engine");
  const backend = options.backend ?? join(folder.path, "state");
  const home = join(folder.path, "home");
  for (const path of [backend, home]) {
    mkdirSync(path, { recursive: true });
  }
  await fillPluginCache(home);
  const endEngine = (): void => {
    endEngineProcesses(home);
  };
  const forget = onProcessEnd(endEngine);
  const dispose = (): void => {
    forget();
    endEngine();
    folder.remove();
  };
  const { automation = localAutomation, projectName = "e2e", stackName = "test" } = options;
  const envVars = { ...engineEnvironment(home, backend, options.kubeconfig), ...options.env };
  try {
    const stack = await automation.LocalWorkspace.createOrSelectStack(
      { stackName, projectName, program },
      { workDir: folder.path, pulumiHome: home, secretsProvider: "passphrase", envVars },
    );
    await stack.setAllConfig(options.config ?? {});
    return programStack(stack, backend, dispose);
  } catch (error) {
    dispose();
    throw error;
  }
}

function programStack(stack: Stack, backend: string, dispose: () => void): ProgramStack {
  return {
    stack,
    backend,
    setProgram: (program) => {
      stack.workspace.program = program;
    },
    preview: async () => (await run("preview", (listeners) => stack.preview(listeners))).report,
    up: async () => {
      const { report, result } = await run("up", (listeners) => stack.up(listeners));
      return { ...report, outputs: result.outputs };
    },
    refresh: async () => (await run("refresh", (listeners) => stack.refresh(listeners))).report,
    destroy: async () => (await run("destroy", (listeners) => stack.destroy(listeners))).report,
    dispose,
  };
}

async function run<T>(
  operation: string,
  start: (listeners: Listeners) => Promise<T>,
): Promise<{ report: RunReport; result: T }> {
  const events: localAutomation.EngineEvent[] = [];
  let stdout = "";
  try {
    const result = await start({
      color: "never",
      onEvent: (event) => {
        events.push(event);
      },
      onOutput: (text) => {
        stdout += text;
      },
    });
    return { report: reportOf(events, stdout), result };
  } catch (error) {
    throw new RunFailure(operation, reportOf(events, stdout), error);
  }
}

function engineEnvironment(
  home: string,
  backend: string,
  kubeconfig: string | undefined,
): Record<string, string> {
  return {
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: "e2e-passphrase",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    ...pluginSettings,
    // The Kubernetes provider has Helm built in, which reads the user's settings otherwise.
    HELM_CACHE_HOME: home,
    HELM_CONFIG_HOME: home,
    HELM_DATA_HOME: home,
    // An empty file is no cluster; an unset variable would be the user's own.
    KUBECONFIG: kubeconfig ?? "/dev/null",
  };
}

/** The Automation API asks the `pulumi` on this process's own PATH for its version, so PATH itself must lead to it. */
async function putEngineOnPath(): Promise<void> {
  const engine = dirname((await findPart("pulumi")).path);
  const rest = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== engine);
  process.env.PATH = [engine, ...rest].join(delimiter);
}
