import { connect } from "node:net";
import { connect as connectHttp2, type OutgoingHttpHeaders } from "node:http2";

const limitMs = 5000;

/**
 * Sends bytes as they are, which an HTTP client would not, and reads the status of the answer.
 *
 * @param lines of the head; an empty line follows them
 */
export async function askRaw(
  host: string,
  port: number,
  lines: readonly string[],
  body = "",
): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let answer = "";
    socket.setTimeout(limitMs, () => socket.destroy(new Error(`no answer to ${lines.join(" / ")}`)));
    socket.once("error", reject);
    socket.once("close", () => {
      reject(new Error(`closed without an answer to ${lines.join(" / ")}`));
    });
    socket.on("data", (data: Buffer) => {
      answer += data.toString("latin1");
      const status = /^HTTP\/1\.1 (\d{3})[^]*\r\n\r\n/.exec(answer)?.[1];
      if (status !== undefined) {
        resolve(Number(status));
        socket.destroy();
      }
    });
    socket.write(Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`, "latin1"));
  });
}

/** Sends a request by HTTP/2 without TLS, and reads the status of the answer. */
export async function askHttp2(
  host: string,
  port: number,
  headers: OutgoingHttpHeaders,
  body = "",
): Promise<number> {
  const session = connectHttp2(`http://${host}:${port}`);
  try {
    return await new Promise((resolve, reject) => {
      session.once("error", reject);
      const stream = session.request(headers, { endStream: body === "" });
      stream.once("error", reject);
      stream.once("response", (answer) => {
        resolve(Number(answer[":status"]));
      });
      stream.setTimeout(limitMs, () => {
        reject(new Error(`no answer to ${JSON.stringify(headers)}`));
      });
      if (body !== "") {
        stream.end(body);
      }
    });
  } finally {
    session.destroy();
  }
}
