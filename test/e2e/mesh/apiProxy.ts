import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { request as requestTls } from "node:https";
import { join } from "node:path";
import type { Cluster } from "../stack/cluster";
import { readKubeconfig, writeKubeconfig } from "../stack/kubeconfig";
import { pickFreePorts } from "../stack/ports";

/** A write that an engine sent to the API server; dry runs do not count. */
export interface ApiWrite {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
}

/** Where a write is held: before the API server has it, or between its answer and the engine. */
export type HoldingPoint = "before" | "after";

/** A write that is being held. */
export interface HeldWrite {
  readonly write: ApiWrite;
  /** Lets it go on. */
  release(): void;
  /** Cuts the connection: what the API server does not have yet, it never gets. */
  drop(): void;
}

/** Stands between an engine and the API server, whatever provider the engine uses. */
export interface ApiProxy {
  /** Path of a kubeconfig that leads through the proxy. */
  readonly kubeconfig: string;
  /** The writes since the last {@link ApiProxy.reset}, in order. */
  readonly writes: readonly ApiWrite[];
  /** Forgets the writes, and what was to be held. */
  reset(): void;
  /**
   * Holds the first write that is chosen.
   *
   * @param choose - Gets the write and its number since the last reset, from 1.
   * @returns the write, once it is held
   */
  hold(point: HoldingPoint, choose: (write: ApiWrite, number: number) => boolean): Promise<HeldWrite>;
  /** Ends it and every connection. */
  stop(): Promise<void>;
}

interface Hold {
  readonly point: HoldingPoint;
  readonly choose: (write: ApiWrite, number: number) => boolean;
  readonly reached: (held: HeldWrite) => void;
}

/**
 * Starts a proxy in front of a cluster's API server.
 *
 * @param cluster - The cluster.
 * @param kubeconfig - Credentials to go with it. Default: the administrator's.
 */
export async function startApiProxy(cluster: Cluster, kubeconfig = cluster.kubeconfig): Promise<ApiProxy> {
  const { credentials } = readKubeconfig(kubeconfig);
  const [port = 0] = await pickFreePorts(1);
  const proxy = new HoldingProxy(cluster, credentials.token);
  await proxy.listen(port);
  const path = join(cluster.folder, `proxy-${port}.kubeconfig`);
  // The proxy itself speaks plain HTTP on loopback, over which Kubernetes' own clients send no token: it adds it.
  writeKubeconfig(path, { server: `http://127.0.0.1:${port}`, ...credentials, user: "proxied" });
  return {
    kubeconfig: path,
    writes: proxy.writes,
    reset: () => {
      proxy.reset();
    },
    hold: (point, choose) => proxy.holdNext(point, choose),
    stop: () => proxy.stop(),
  };
}

class HoldingProxy {
  readonly writes: ApiWrite[] = [];
  private hold: Hold | undefined;
  private readonly server: Server;

  constructor(
    private readonly cluster: Cluster,
    private readonly token: string,
  ) {
    this.server = createServer((request, response) => {
      // The client sees a cut connection, as it would without a proxy.
      this.pass(request, response).catch(() => response.destroy());
    });
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(port, "127.0.0.1", resolve);
    });
  }

  reset(): void {
    this.writes.length = 0;
    this.hold = undefined;
  }

  holdNext(point: HoldingPoint, choose: Hold["choose"]): Promise<HeldWrite> {
    return new Promise((reached) => {
      this.hold = { point, choose, reached };
    });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const hold = this.holdOf(request);
    const body = await bodyOf(request);
    if (hold?.hold.point === "before") {
      await holdNow(hold);
    }
    const answer = await this.ask(request, body);
    if (hold?.hold.point === "after") {
      await holdNow(hold);
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.on("error", () => response.destroy());
    response.on("close", () => answer.destroy());
    answer.pipe(response);
  }

  private holdOf(request: IncomingMessage): { hold: Hold; write: ApiWrite } | undefined {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://proxy");
    const { method = "GET" } = request;
    if (method === "GET" || searchParams.has("dryRun")) {
      return undefined;
    }
    const write = { method, path: pathname };
    const { hold } = this;
    const number = this.writes.push(write);
    if (hold?.choose(write, number) !== true) {
      return undefined;
    }
    this.hold = undefined;
    return { hold, write };
  }

  private ask(request: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const { method, url = "/" } = request;
    const headers = { ...request.headers, authorization: `Bearer ${this.token}` };
    return new Promise((resolve, reject) => {
      const options = { method, agent: false, ca: this.cluster.authority, headers };
      const forwarded = requestTls(new URL(url, this.cluster.server), options, resolve);
      forwarded.on("error", reject);
      forwarded.end(body);
    });
  }
}

function holdNow({ hold, write }: { hold: Hold; write: ApiWrite }): Promise<void> {
  return new Promise((resolve, reject) => {
    const drop = (): void => {
      reject(new Error("the connection was cut"));
    };
    hold.reached({ write, release: resolve, drop });
  });
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  // A request without an encoding gives buffers.
  for await (const part of request) {
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
}
