import * as http from "node:http";
import * as https from "node:https";
import { isObject, type Json, type JsonObject } from "../values";
import type { Connection } from "./kubeconfig";
import { at, stringAt } from "./objects";

/** An answer of the API server other than success; the message is the server's own text. */
export class StatusError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    readonly details: JsonObject,
  ) {
    super(message);
  }

  /** The field that a cause of the given type names, or undefined. */
  causeField(type: string): string | undefined {
    const causes = this.details.causes;
    const cause = Array.isArray(causes) ? causes.find((item) => at(item, "reason") === type) : undefined;
    return cause === undefined ? undefined : stringAt(cause, "field");
  }
}

/** True for an answer of the API server with this reason, e.g. `NotFound` or `Conflict`. */
export function hasReason(error: unknown, reason: string): error is StatusError {
  return error instanceof StatusError && error.reason === reason;
}

/** One request to the API server. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Json;
  /** Media type of the body, default `application/json`. */
  readonly contentType?: string;
}

const REQUEST_TIMEOUT_MS = 60_000;

/** Plain access to the API server that a kubeconfig points at: one connection pool, JSON in and out. */
export class ApiClient {
  private readonly server: URL;
  private readonly agent: http.Agent;
  private readonly authorization: Record<string, string>;

  constructor(connection: Connection) {
    this.server = new URL(connection.server);
    const { protocol } = this.server;
    this.agent =
      protocol === "https:"
        ? new https.Agent({ ...connection.tls, keepAlive: true })
        : new http.Agent({ keepAlive: true });
    this.authorization = connection.token === "" ? {} : { authorization: `Bearer ${connection.token}` };
  }

  /**
   * Sends a request and returns the JSON object of the answer.
   * @throws StatusError when the server refuses, with its own message
   */
  async send(request: ApiRequest): Promise<JsonObject> {
    const { status, text } = await this.exchange(request);
    const body = parseBody(text);
    if (status >= 200 && status < 300) {
      return body;
    }
    const message = stringAt(body, "message") || text.trim() || `HTTP status ${status}`;
    const details = at(body, "details");
    throw new StatusError(status, stringAt(body, "reason"), message, isObject(details) ? details : {});
  }

  private exchange(request: ApiRequest): Promise<{ status: number; text: string }> {
    const url = new URL(this.server.pathname.replace(/\/$/, "") + request.path, this.server);
    for (const [key, value] of Object.entries(request.query ?? {})) {
      url.searchParams.set(key, value);
    }
    const payload = request.body === undefined ? undefined : JSON.stringify(request.body);
    const options: https.RequestOptions = {
      agent: this.agent,
      method: request.method,
      headers: {
        ...this.authorization,
        accept: "application/json",
        "user-agent": "pulumi-kubernetes-stand-in",
        ...(payload === undefined ? {} : { "content-type": request.contentType ?? "application/json" }),
      },
      timeout: REQUEST_TIMEOUT_MS,
    };
    const transport = url.protocol === "https:" ? https : http;
    return new Promise((resolve, reject) => {
      const outgoing = transport.request(url, options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") });
        });
      });
      outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer from ${url.host} in time`)));
      outgoing.on("error", reject);
      outgoing.end(payload);
    });
  }
}

function parseBody(text: string): JsonObject {
  try {
    const body: unknown = JSON.parse(text);
    // What JSON.parse returns for an object is a JsonObject by construction.
    return isObject(body) ? body : {};
  } catch {
    // Some proxies and very early errors answer in plain text; the caller falls back to that text.
    return {};
  }
}
