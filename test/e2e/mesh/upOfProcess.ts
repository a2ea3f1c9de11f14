import { spawn } from "node:child_process";
import type { ProgramStack } from "../stack/engine";
import { packedProject, packedVariable } from "../stack/packed";
import { onProcessEnd } from "../stack/processEnd";
import { wafProgram } from "./wafProgram";
import type { WafArgs } from "./wafProgram";

/** What another process needs to know of an update. */
interface Update {
  readonly stackName: string;
  readonly projectName: string;
  readonly workDir: string;
  readonly pulumiHome: string | undefined;
  readonly envVars: Record<string, string>;
  readonly args: WafArgs;
}

/**
 * Updates a stack of `wafProgram`, one operation at a time, with the program in a process of its own. A program whose
 * engine is killed goes on for longer than 20 seconds, and the SDK takes what it rejects for rejections of the program
 * that runs by then.
 *
 * @returns what was printed, when the process has ended
 */
export async function upOfProcess({ stack }: ProgramStack, args: WafArgs): Promise<string> {
  const { workDir, pulumiHome, envVars } = stack.workspace;
  const { name: projectName } = await stack.workspace.projectSettings();
  const update: Update = { stackName: stack.name, projectName, workDir, pulumiHome, envVars, args };
  const { folder } = await packedProject();
  const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", __filename], {
    env: { ...process.env, [packedVariable]: folder },
  });
  const forget = onProcessEnd(() => child.kill("SIGKILL"));
  child.stdin.end(JSON.stringify(update));
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (printed += chunk.toString("utf8")));
  }
  await new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => {
      resolve();
    });
  });
  forget();
  return printed;
}

async function updateHere(): Promise<void> {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) {
    text += String(chunk);
  }
  // Written by the function above.
  const { stackName, projectName, workDir, pulumiHome, envVars, args } = JSON.parse(text) as Update;
  const project = await packedProject();
  const stack = await project.automation.LocalWorkspace.selectStack(
    { stackName, projectName, program: wafProgram(project, () => args) },
    { workDir, pulumiHome, secretsProvider: "passphrase", envVars },
  );
  await stack.up({ parallel: 1, color: "never", onOutput: (line) => process.stdout.write(line) });
  // Nothing of the program is waited for.
  process.exit();
}

if (require.main === module) {
  void updateHere();
}
