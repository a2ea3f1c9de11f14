import { spawn } from "node:child_process";
import type { ChildProcess, SpawnOptions } from "node:child_process";
import type { KubeConfig } from "@kubernetes/client-node";
import { isRecord } from "../pulumi/inputs";
import { listAt } from "./liveObject";

/**
 * Ends the program that fetches the credentials of a kubeconfig when a signal comes; it would keep the run alive until
 * it ends by itself. The library has no way to say so: the function with which it starts the program is replaced. Where
 * a version of the library has none, nothing is changed.
 */
export function endCredentialProgram(config: KubeConfig, signal: AbortSignal): void {
  for (const authenticator of listAt(config, "authenticators")) {
    if (isRecord(authenticator) && "execFn" in authenticator) {
      authenticator.execFn = (
        command: string,
        args: string[] = [],
        options: SpawnOptions = {},
      ): ChildProcess => spawn(command, args, { ...options, signal });
    }
  }
}
