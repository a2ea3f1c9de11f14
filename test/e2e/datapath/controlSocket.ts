import { request } from "node:http";
import { text } from "node:stream/consumers";

/**
 * Asks one of our own peers over its control socket.
 *
 * @param method and path as the peer's Go source defines them
 * @returns the answer's JSON
 * @throws Error when the peer does not answer 200
 */
export async function control(
  socketPath: string,
  method: "GET" | "POST" | "PUT",
  path: string,
  body?: unknown,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path }, (response) => {
      text(response).then((answer) => {
        if (response.statusCode === 200) {
          resolve(JSON.parse(answer));
        } else {
          reject(new Error(`${method} ${path}: ${response.statusCode ?? "no status"} ${answer.trim()}`));
        }
      }, reject);
    });
    asked.once("error", reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
