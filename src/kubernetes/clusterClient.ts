import { setMaxListeners } from "node:events";
import type { RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { isRecord } from "../pulumi/inputs";
import { pathOf, serverOf, transportOf } from "./apiServer";
import { endCredentialProgram } from "./credentialProgram";
import { at, listAt, textAt, textMapAt } from "./liveObject";
import type { LiveObject } from "./liveObject";
import type { AccessQuestion } from "./rbacRules";
import { RequestFailure } from "./requestFailure";

/** How an object is patched. */
export interface PatchOptions {
  /** `apply` by server-side apply, which takes what other managers own; `merge` by JSON merge patch. */
  strategy: "apply" | "merge";
  /** Who owns the fields afterwards. */
  fieldManager: string;
}

/** The server closed an idle connection just when a request was sent, which it has not seen. */
class IdleConnectionClosed extends Error {}

const pageSize = 500;
const pagesAtMost = 4;
const connectionsAtMost = 8;
const json = "application/json";
const metadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
const patchTypes = { apply: "application/apply-patch+yaml", merge: "application/merge-patch+json" };

interface Request {
  method: "GET" | "POST" | "PATCH";
  path: string;
  query?: Record<string, string | undefined>;
  accept?: string;
  body?: { type: string; content: object };
  /** Whether what has arrived of an answer that goes on is enough. */
  isEnough?: (text: string) => boolean;
}

interface Answer {
  status: number;
  text: string;
}

/** When all that is under way ends. */
interface TimeLimit {
  seconds: number;
  signal: AbortSignal;
}

/**
 * Talks to one API server, JSON in and out, over a few connections that stay open. All requests together end after
 * the time given.
 */
export class ClusterClient {
  private constructor(
    private readonly server: URL,
    private readonly options: RequestOptions,
    private readonly limit: TimeLimit | undefined,
  ) {}

  /**
   * Prepares a client; credentials of an external program are fetched here.
   *
   * @param timeoutSeconds - Seconds for the credentials and all requests together. Default: no end.
   * @throws RequestFailure when the server's address cannot be used, or the credentials do not come.
   */
  static async open(config: KubeConfig, timeoutSeconds?: number): Promise<ClusterClient> {
    const limit = timeoutSeconds === undefined ? undefined : timeLimit(timeoutSeconds);
    const options: RequestOptions = {};
    const cluster = config.getCurrentCluster();
    const server = serverOf(cluster);
    try {
      if (limit !== undefined) {
        endCredentialProgram(config, limit.signal);
      }
      const applied = config.applyToHTTPSOptions(options);
      await (limit === undefined ? applied : Promise.race([applied, credentialsTimeout(limit)]));
    } catch (error) {
      throw error instanceof RequestFailure
        ? error
        : new RequestFailure("unreachable", "the kubeconfig's credentials cannot be had");
    }
    if (cluster?.proxyUrl === undefined) {
      // The library's agent opens a connection for each request.
      const { Agent } = transportOf(server);
      options.agent = new Agent({ keepAlive: true, maxSockets: connectionsAtMost });
    }
    return new ClusterClient(server, options, limit);
  }

  /** The same connections with a time-out of their own for what follows. */
  within(timeoutSeconds: number): ClusterClient {
    return new ClusterClient(this.server, this.options, timeLimit(timeoutSeconds));
  }

  /** Where the API server is. */
  get host(): string {
    return this.server.host;
  }

  /** The same as an address, without credentials that a kubeconfig may write into it. */
  get address(): string {
    return this.server.origin + pathOf(this.server);
  }

  /** Reads one object, or its metadata only; undefined when there is none, or no such kind. */
  async get(path: string, metadata = false): Promise<LiveObject | undefined> {
    return this.sendUnlessMissing({ method: "GET", path, accept: metadata ? metadataOnly : json });
  }

  /** Lists objects, of very many only the first 2,000 unless more pages are asked for; none when there is no such kind. */
  async list(path: string, labelSelector?: string, pages = pagesAtMost): Promise<LiveObject[]> {
    const items: LiveObject[] = [];
    let token: string | undefined;
    for (let page = 0; page < pages && (page === 0 || token !== undefined); page += 1) {
      const query = { limit: String(pageSize), labelSelector, continue: token };
      const answer = await this.sendUnlessMissing({ method: "GET", path, query });
      items.push(...listAt(answer, "items").filter(isRecord));
      const next = textAt(answer, "metadata", "continue");
      token = next === "" ? undefined : next;
    }
    return items;
  }

  /**
   * The versions of one object after one version of it up to another one, in order.
   *
   * @returns fewer when the server has forgotten some, or never had the last one.
   */
  async versionsBetween(
    collection: string,
    name: string,
    first: string,
    last: string,
  ): Promise<LiveObject[]> {
    const query = {
      watch: "true",
      fieldSelector: `metadata.name=${name}`,
      resourceVersion: first,
      timeoutSeconds: "2",
    };
    const isLast = (text: string): boolean =>
      text.split(`"resourceVersion":"${last}"`)[1]?.includes("\n") === true;
    const text = await this.textOf({ method: "GET", path: collection, query, isEnough: isLast });
    const events = text.split("\n").map(parsed);
    return events.map((event) => at(event, "object")).filter(isRecord);
  }

  /** Patches one object, if it still has the `resourceVersion` that the body may name. */
  async patch(path: string, content: object, { strategy, fieldManager }: PatchOptions): Promise<LiveObject> {
    const query = { fieldManager, force: strategy === "apply" ? "true" : undefined };
    return this.send({ method: "PATCH", path, query, body: { type: patchTypes[strategy], content } });
  }

  /** Asks whether the user of the kubeconfig may do something. Every authenticated user may ask; nothing is stored. */
  async may({ group, resource: what, ...question }: AccessQuestion): Promise<boolean> {
    const [resource, subresource] = what.split("/");
    const content = {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: {
        resourceAttributes: {
          group,
          resource,
          ...(subresource !== undefined && { subresource }),
          ...question,
        },
      },
    };
    const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    const answer = await this.sendUnlessMissing({ method: "POST", path, body: { type: json, content } });
    const allowed = at(answer, "status", "allowed");
    if (typeof allowed !== "boolean") {
      throw new RequestFailure("unreachable", `${this.host} does not answer access reviews`);
    }
    return allowed;
  }

  private async sendUnlessMissing(request: Request): Promise<LiveObject | undefined> {
    try {
      return await this.send(request);
    } catch (error) {
      if (error instanceof RequestFailure && error.status === 404) {
        return undefined;
      }
      throw error;
    }
  }

  private async send(request: Request): Promise<LiveObject> {
    const body = parsed(await this.textOf(request));
    if (body === undefined) {
      const what = "something that is no JSON object (HTTP status 200)";
      throw new RequestFailure("unreachable", `${this.host} answers with ${what}`, 200);
    }
    return body;
  }

  private async textOf(request: Request): Promise<string> {
    const { status, text } = await this.exchange(request);
    if (status === 200 || status === 201) {
      return text;
    }
    const isForbidden = status === 401 || status === 403;
    const what = isForbidden ? ` ${request.method} ${request.path}` : "";
    throw new RequestFailure(
      isForbidden ? "forbidden" : "unreachable",
      `${this.host} answers${what} with HTTP status ${status}`,
      status,
      textAt(parsed(text), "message"),
    );
  }

  private async exchange(request: Request): Promise<Answer> {
    try {
      return await this.exchangeOnce(request);
    } catch (error) {
      if (error instanceof IdleConnectionClosed) {
        return this.exchange(request);
      }
      throw error;
    }
  }

  private exchangeOnce({
    method,
    path,
    query = {},
    accept = json,
    body,
    isEnough,
  }: Request): Promise<Answer> {
    const url = new URL(pathOf(this.server) + path, this.server);
    for (const [key, value] of Object.entries(query)) {
      if (value !== undefined) {
        url.searchParams.set(key, value);
      }
    }
    const headers = {
      ...textMapAt(this.options, "headers"),
      accept,
      ...(body && { "content-type": body.type }),
    };
    return new Promise((resolve, reject) => {
      let isAnswered = false;
      // Request and response may both fail; the first decides.
      const fail = (error: NodeJS.ErrnoException): void => {
        if (this.limit?.signal.aborted === true) {
          const reason = `${this.host} did not answer within ${this.limit.seconds} s`;
          reject(new RequestFailure("timeout", reason));
        } else if (request.reusedSocket && !isAnswered && error.code === "ECONNRESET") {
          reject(new IdleConnectionClosed());
        } else {
          const reason = `${this.host} does not answer (${error.code ?? error.name})`;
          reject(new RequestFailure("unreachable", reason));
        }
      };
      const request = transportOf(url).request(
        url,
        { ...this.options, method, headers, signal: this.limit?.signal },
        (response) => {
          isAnswered = true;
          const chunks: Buffer[] = [];
          const answer = (): Answer => {
            return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") };
          };
          response.on("data", (chunk: Buffer) => {
            chunks.push(chunk);
            if (isEnough?.(answer().text) === true) {
              resolve(answer());
              response.destroy();
            }
          });
          response.on("error", fail);
          response.on("end", () => {
            resolve(answer());
          });
        },
      );
      request.on("error", fail);
      request.end(body && JSON.stringify(body.content));
    });
  }
}

function parsed(text: string): LiveObject | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isRecord(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

function timeLimit(seconds: number): TimeLimit {
  const signal = AbortSignal.timeout(seconds * 1000);
  // Each request under way listens to it; Node would take more than ten for a leak and say so to the user.
  setMaxListeners(0, signal);
  return { seconds, signal };
}

function credentialsTimeout({ seconds, signal }: TimeLimit): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => {
      const reason = `the kubeconfig's credentials did not come within ${seconds} s`;
      reject(new RequestFailure("timeout", reason));
    });
  });
}
