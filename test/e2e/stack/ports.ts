import { createServer } from "node:net";
import { isSystemError, StackError } from "./failure";

// Below the range from which Linux takes the ports of outgoing connections, so that none of those gets in the way.
const lowest = 20_000;
const highest = 32_000;

// Test processes that run side by side each pick from their own remainder class: between the look at a port and its use
// another one could take it.
const stride = 16;
const remainder = Number(process.env.MOCHA_WORKER_ID ?? 0) % stride;
const candidates = (highest - lowest) / stride;

/** Whether a program could listen on this TCP port of 127.0.0.1 now. */
export async function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => {
      if (isSystemError(error, "EADDRINUSE") || isSystemError(error, "EACCES")) {
        resolve(false);
      } else {
        reject(error);
      }
    });
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/**
 * Picks free TCP ports of 127.0.0.1, all different.
 *
 * @throws StackError when there are not enough
 */
export async function pickFreePorts(count: number): Promise<number[]> {
  const picked: number[] = [];
  // The random start keeps suites that run side by side apart.
  const start = Math.floor(Math.random() * candidates);
  for (let tried = 0; tried < candidates && picked.length < count; tried += 1) {
    const port = lowest + ((start + tried) % candidates) * stride + remainder;
    if (await isPortFree(port)) {
      picked.push(port);
    }
  }
  if (picked.length === count) {
    return picked;
  }
  throw new StackError(
    `Only ${picked.length} of ${count} ports needed are free between ${lowest} and ${highest} on 127.0.0.1.`,
    "End the programs that hold them, or run the suite in a network namespace of its own (unshare -n).",
  );
}

/**
 * Makes sure that `user` can listen on `port`.
 *
 * @throws StackError when the port is taken
 */
export async function requireFreePort(port: number, user: string): Promise<void> {
  if (await isPortFree(port)) {
    return;
  }
  throw new StackError(
    `Port ${port} on 127.0.0.1 is taken, so ${user} cannot listen on it.`,
    "End the program that holds it, or name no port to have a free one picked.",
  );
}
