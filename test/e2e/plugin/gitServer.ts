import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { runCommand } from "../stack/command";
import { onProcessEnd } from "../stack/processEnd";

/** Git repositories on this machine, served as a host of Git does: the engine clones by HTTPS only. */
export interface GitServer {
  /** `https://localhost:<port>`; a repository follows by its path. */
  readonly url: string;
  /** File with the certificate, for `SSL_CERT_FILE`. */
  readonly certificate: string;
  /** Ends the server. */
  stop(): Promise<void>;
}

/**
 * Serves the bare repositories below a folder, in which key and certificate are written too.
 *
 * @throws StackError when openssl is missing
 */
export async function serveGit(folder: string): Promise<GitServer> {
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  await runCommand({
    command: "openssl",
    args: ["req", "-x509", ...curve, "-days", "2", ...name, "-keyout", key, "-out", certificate],
    logFile: join(folder, "openssl.log"),
    purpose: "making a certificate",
    ifMissing: "Install openssl.",
  });
  const server = createServer(
    { key: readFileSync(key), cert: readFileSync(certificate) },
    (request, response) => {
      answer(folder, request, response);
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  // A server that listens on TCP has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://localhost:${port}`,
    certificate,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** Git's own CGI program does the work. */
function answer(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? "/", "https://localhost");
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"],
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const forget = onProcessEnd(() => child.kill("SIGKILL"));
  const chunks: Buffer[] = [];
  request.pipe(child.stdin);
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.once("error", (error) => {
    response.writeHead(500).end(error.message);
  });
  child.once("close", () => {
    forget();
    const whole = Buffer.concat(chunks);
    const end = whole.indexOf("\r\n\r\n");
    const fields = whole.toString("latin1", 0, end).split("\r\n");
    const headers = fields.map((field): [string, string] => [
      field.split(": ")[0] ?? "",
      field.replace(/^.*?: /, ""),
    ]);
    const { Status: status = "200", ...others } = Object.fromEntries(headers);
    response.writeHead(Number.parseInt(status), others).end(whole.subarray(end + 4));
  });
}
