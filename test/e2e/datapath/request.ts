import { Agent, request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";

/** One HTTP request. */
export interface Question {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Default GET. */
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Buffer | string;
  /** Default: a connection of its own, closed afterwards. */
  readonly agent?: Agent;
  /** Address to ask from. Default: the system's choice. */
  readonly localAddress?: string;
  /** Longest wait for the whole answer in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** From the start of the request to the end of the answer, in milliseconds. */
  readonly milliseconds: number;
}

/** Sends one request and reads the whole answer. */
export async function ask(question: Question): Promise<Answer> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: question.host,
        port: question.port,
        path: question.path,
        method: question.method ?? "GET",
        headers: question.headers,
        agent: question.agent ?? false,
        localAddress: question.localAddress,
        signal: AbortSignal.timeout(question.timeoutMs ?? 10_000),
      },
      (response) => {
        text(response).then((body) => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body,
            milliseconds: performance.now() - started,
          });
        }, reject);
      },
    );
    asked.once("error", reject);
    asked.end(question.body);
  });
}
