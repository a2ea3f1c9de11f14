import { setMaxListeners } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { isRecord } from "../pulumi/inputs";
import { at, listAt, textAt, textMapAt } from "./liveObject";
import type { LiveObject } from "./liveObject";

/** Something that a user may or may not do; `*` stands for everything. */
export interface AccessQuestion {
  /** Verb of the API, for example `patch`. */
  verb: string;
  /** API group, empty for the core group. */
  group: string;
  /** Plural name of the resource. */
  resource: string;
  /** Namespace; undefined for all, or for resources outside of namespaces. */
  namespace?: string;
  /** Name of the one object; undefined for all. */
  name?: string;
}

/** A read that the API server did not answer with what was asked for. */
export class ReadFailure extends Error {
  /**
   * @param kind - `forbidden` for 401 and 403, `unreachable` when nothing answers, `timeout` after the time given.
   * @param message - In words, without credentials.
   */
  constructor(
    readonly kind: "forbidden" | "unreachable" | "timeout",
    message: string,
  ) {
    super(message);
  }
}

const requestsAtOnce = 8;
const pageSize = 500;
const pagesAtMost = 4;
const json = "application/json";
const metadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

/**
 * Reads from an API server, and nothing else: GET, and the reviews by which users ask for their own rights, of which
 * nothing is stored. JSON in, and an end after the time given.
 */
export class ClusterReader {
  private constructor(
    private readonly server: URL,
    private readonly options: https.RequestOptions,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Prepares a reader; credentials of an external program are fetched here.
   *
   * @param config - The kubeconfig.
   * @param timeoutSeconds - Seconds that all reads together may take.
   * @throws ReadFailure when the credentials do not come.
   */
  static async open(config: KubeConfig, timeoutSeconds: number): Promise<ClusterReader> {
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    // Each request under way listens to it; Node would take more than ten for a leak and say so to the user.
    setMaxListeners(0, signal);
    const options: https.RequestOptions = {};
    try {
      await Promise.race([config.applyToHTTPSOptions(options), ended(signal)]);
    } catch (error) {
      throw error instanceof ReadFailure
        ? error
        : new ReadFailure("unreachable", "the kubeconfig's credentials cannot be had");
    }
    return new ClusterReader(new URL(config.getCurrentCluster()?.server ?? ""), options, signal);
  }

  /** Where the API server is. */
  get host(): string {
    return this.server.host;
  }

  /**
   * Reads one object.
   *
   * @param path - Path of the object.
   * @param metadata - Whether its metadata is enough, as for a Secret.
   * @returns undefined when there is none, or no such kind.
   * @throws ReadFailure
   */
  async get(path: string, metadata = false): Promise<LiveObject | undefined> {
    return this.send(path, {}, metadata ? metadataOnly : json);
  }

  /**
   * Lists objects; of very many only the first 2,000.
   *
   * @param path - Path of the list.
   * @param labelSelector - Labels that they must have. Default: none.
   * @returns nothing when there is no such kind.
   * @throws ReadFailure
   */
  async list(path: string, labelSelector?: string): Promise<LiveObject[]> {
    const items: LiveObject[] = [];
    let token: string | undefined;
    for (let page = 0; page < pagesAtMost && (page === 0 || token !== undefined); page += 1) {
      const query = { limit: String(pageSize), labelSelector, continue: token };
      const answer = await this.send(path, query, json);
      items.push(...listAt(answer, "items").filter(isRecord));
      const next = textAt(answer, "metadata", "continue");
      token = next === "" ? undefined : next;
    }
    return items;
  }

  /**
   * Asks whether the user of the kubeconfig may do something. Every authenticated user may ask.
   *
   * @param question - What.
   * @throws ReadFailure
   */
  async may({ group, ...question }: AccessQuestion): Promise<boolean> {
    const answer = await this.send("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {}, json, {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes: { group, ...question } },
    });
    const allowed = at(answer, "status", "allowed");
    if (typeof allowed !== "boolean") {
      throw new ReadFailure("unreachable", `${this.host} does not answer access reviews`);
    }
    return allowed;
  }

  private async send(
    path: string,
    query: Record<string, string | undefined>,
    accept: string,
    sent?: object,
  ): Promise<LiveObject | undefined> {
    const url = new URL(this.server.pathname.replace(/\/$/, "") + path, this.server);
    for (const [key, value] of Object.entries(query)) {
      if (value !== undefined) {
        url.searchParams.set(key, value);
      }
    }
    const { status, text } = await this.exchange(url, accept, sent);
    if (status === 404) {
      return undefined;
    }
    if (status === 401 || status === 403) {
      throw new ReadFailure(
        "forbidden",
        `${this.host} answers ${methodFor(sent)} ${path} with HTTP status ${status}`,
      );
    }
    const body = status === 200 || status === 201 ? parsed(text) : undefined;
    if (body === undefined) {
      throw new ReadFailure("unreachable", `${this.host} answers with HTTP status ${status}`);
    }
    return body;
  }

  private exchange(url: URL, accept: string, sent?: object): Promise<{ status: number; text: string }> {
    const type = sent && { "content-type": json };
    const headers = { ...textMapAt(this.options, "headers"), accept, ...type };
    const transport = url.protocol === "http:" ? http : https;
    return new Promise((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException): void => {
        reject(
          this.signal.aborted
            ? timeout()
            : new ReadFailure("unreachable", `${this.host} does not answer (${error.code ?? error.name})`),
        );
      };
      const request = transport.request(
        url,
        { ...this.options, method: methodFor(sent), headers, signal: this.signal },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", fail);
          response.on("end", () => {
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") });
          });
        },
      );
      request.on("error", fail);
      request.end(sent && JSON.stringify(sent));
    });
  }
}

function methodFor(sent: object | undefined): "GET" | "POST" {
  return sent === undefined ? "GET" : "POST";
}

function parsed(text: string): LiveObject | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isRecord(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

function timeout(): ReadFailure {
  return new ReadFailure("timeout", "the time was over");
}

function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => {
      reject(timeout());
    });
  });
}

/** Works on all items, a few at the same time, so that an API server is not flooded. */
export async function eachAtOnce<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, worker));
}
