import {
  request as requestPlain,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { request as requestTls } from "node:https";

/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/** How to ask an API server. */
export interface Credentials {
  readonly token: string;
  /** Certificate of the server's authority, PEM. */
  readonly authority: string;
}

/** What to send. */
export interface Sending {
  /** Default: GET. */
  readonly method?: string;
  readonly contentType?: string;
  readonly body?: string;
  /** Default: none. */
  readonly credentials?: Credentials;
}

const limitMilliseconds = 10_000;

/**
 * One request to a server on this machine, with a limit of 10 seconds.
 *
 * @throws the network's error when there is no answer
 */
export async function askUrl(url: string, sending: Sending = {}): Promise<Answer> {
  const { method = "GET", contentType, body, credentials } = sending;
  const options: RequestOptions & { ca?: string } = {
    method,
    agent: false,
    timeout: limitMilliseconds,
    ca: credentials?.authority,
    headers: {
      ...(credentials === undefined ? {} : { authorization: `Bearer ${credentials.token}` }),
      ...(contentType === undefined ? {} : { "content-type": contentType }),
    },
  };
  const open = url.startsWith("https:") ? requestTls : requestPlain;
  return new Promise((resolve, reject) => {
    const request = open(url, options, (response) => {
      readBody(response).then((text) => {
        resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers });
      }, reject);
    });
    request.on("timeout", () => request.destroy(new Error(`no answer from ${url} within 10 s`)));
    request.on("error", reject);
    request.end(body);
  });
}

/** Whether a GET of `url` is answered with 200. */
export async function isAnsweredOk(url: string, credentials?: Credentials): Promise<boolean> {
  return (await askUrl(url, { credentials })).status === 200;
}

async function readBody(response: IncomingMessage): Promise<string> {
  let body = "";
  response.setEncoding("utf8");
  for await (const chunk of response) {
    body += String(chunk);
  }
  return body;
}
