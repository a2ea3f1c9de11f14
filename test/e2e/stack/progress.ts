/** Seconds between two signs of life of one piece of work. */
const intervalSeconds = 15;

/** Prints one line of the suite's own. */
export function say(line: string): void {
  process.stdout.write(`[stack] ${line}\n`);
}

/**
 * Does a piece of work and says so: at its start, every 15 seconds, and at its end with the time it took.
 *
 * @param subject what is worked on, for example "pulumi 3.259.0"
 * @param activity what happens to it, for example "building with go"
 */
export async function withProgress<T>(subject: string, activity: string, work: () => Promise<T>): Promise<T> {
  const start = Date.now();
  const elapsed = (): string => `${Math.round((Date.now() - start) / 1000)} s`;
  say(`${subject}: ${activity}`);
  const timer = setInterval(() => {
    say(`${subject}: ${activity}, ${elapsed()}`);
  }, intervalSeconds * 1000);
  try {
    const result = await work();
    say(`${subject}: ready after ${elapsed()}`);
    return result;
  } finally {
    clearInterval(timer);
  }
}
