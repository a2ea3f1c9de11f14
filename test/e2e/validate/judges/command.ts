import { spawn } from "node:child_process";

/**
 * What a judge prints on its standard output, parsed as JSON. Judges end with another code than 0 when they find
 * something, so only what they print counts.
 *
 * @param input text for its standard input
 * @throws Error when it prints no JSON, with all that it printed
 */
export async function judgement(command: string, args: readonly string[], input = ""): Promise<unknown> {
  const { out, err } = await run(command, args, input);
  try {
    return JSON.parse(out);
  } catch {
    throw new Error(`${command} gave no judgement: ${out}${err}`);
  }
}

async function run(
  command: string,
  args: readonly string[],
  input: string,
): Promise<{ out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { timeout: 60_000 });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (piece: string) => (out += piece));
    child.stderr.setEncoding("utf8").on("data", (piece: string) => (err += piece));
    child.once("error", reject);
    child.stdin.once("error", reject);
    child.once("close", () => {
      resolve({ out, err });
    });
    child.stdin.end(input);
  });
}
