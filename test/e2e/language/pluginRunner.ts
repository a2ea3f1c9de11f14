import { spawn, type ChildProcess } from "node:child_process";
import * as grpc from "@grpc/grpc-js";
import { InstallDependenciesResponse, RunPluginResponse } from "@pulumi/pulumi/proto/language_pb";
import { runnerModule } from "./programRunner";

/** A plugin or policy pack whose source is a Node.js package, and how the engine wants it started. */
export interface PluginRun {
  /** `analyzer` for a policy pack. */
  readonly kind: string;
  /** Folder of `PulumiPlugin.yaml`, or of `PulumiPolicy.yaml`. */
  readonly directory: string;
  /** Folder that it runs in. */
  readonly workingDirectory: string;
  readonly args: readonly string[];
  /** Each as `NAME=value`. */
  readonly environment: readonly string[];
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
});

/**
 * Runs a plugin with the runner that its own `@pulumi/pulumi` brings along, until the engine wants no more of it. That of
 * policy packs has the engine before the program, and reads a `tsconfig.json` where it is started.
 *
 * @param run - The plugin.
 * @param call - Where its output goes, and at the end its exit code.
 */
export function runPlugin(run: PluginRun, call: grpc.ServerWritableStream<unknown, RunPluginResponse>): void {
  const isPack = run.kind === "analyzer";
  const script = runnerModule(run.directory, isPack ? "run-policy-pack" : "run-plugin");
  if (script === undefined) {
    call.emit("error", failure("The Pulumi SDK has not been installed in the plugin. Run pulumi install."));
    return;
  }
  const env = Object.fromEntries([...run.environment, "PULUMI_NODEJS_TYPESCRIPT=true"].map(variable));
  const args = isPack ? [...run.args, run.directory] : [run.directory, ...run.args];
  const child = spawn("node", [script, ...args], {
    cwd: isPack ? run.directory : run.workingDirectory,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.on("data", (data: Uint8Array) => call.write(new RunPluginResponse().setStdout(data)));
  child.stderr.on("data", (data: Uint8Array) => call.write(new RunPluginResponse().setStderr(data)));
  ended(child, call, (code) => {
    call.write(new RunPluginResponse().setExitcode(code));
    call.end();
  });
}

/**
 * Installs what the package of a program or plugin depends on, with the command of the real host.
 *
 * @param directory - Folder of `package.json`.
 * @param call - Where the output goes.
 */
export function installDependencies(
  directory: string,
  call: grpc.ServerWritableStream<unknown, InstallDependenciesResponse>,
): void {
  const child = spawn("npm", ["install", "--loglevel=error"], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.on("data", (data: Uint8Array) =>
    call.write(new InstallDependenciesResponse().setStdout(data)),
  );
  child.stderr.on("data", (data: Uint8Array) =>
    call.write(new InstallDependenciesResponse().setStderr(data)),
  );
  ended(child, call, (code) => {
    if (code === 0) {
      call.end();
    } else {
      call.emit("error", failure(`npm install failed with exit code ${code}`));
    }
  });
}

function ended(
  child: ChildProcess,
  call: grpc.ServerWritableStream<unknown, unknown>,
  end: (code: number) => void,
): void {
  running.add(child);
  call.on("cancelled", () => child.kill());
  child.once("error", ({ message }) => call.emit("error", failure(message)));
  // Not "exit": the last lines may come after it.
  child.once("close", (code) => {
    running.delete(child);
    if (!call.cancelled) {
      end(code ?? 1);
    }
  });
}

/** How a stream of gRPC ends badly. */
function failure(details: string): Partial<grpc.StatusObject> {
  return { code: grpc.status.UNKNOWN, details };
}

function variable(text: string): [string, string] {
  const end = text.indexOf("=");
  return [text.slice(0, end), text.slice(end + 1)];
}
