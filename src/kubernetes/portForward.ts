import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { Writable } from "node:stream";
import type { KubeConfig } from "@kubernetes/client-node";
import { textAt } from "./liveObject";
import { RequestFailure } from "./requestFailure";
import { isRecord } from "../pulumi/inputs";

/** A port of a pod. */
export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** What is used of a WebSocket, whose own types the client library does not bring. */
interface Connection {
  onclose: () => void;
  onerror: () => void;
  close: () => void;
}

function isConnection(value: unknown): value is Connection {
  return isRecord(value) && typeof value.close === "function";
}

/**
 * A port of a pod that can be reached on 127.0.0.1 through the API server, as `kubectl port-forward` makes it. In the
 * pod the connections come from its own loopback address.
 */
export class PortForward {
  /** Why the last connection failed. */
  private failure: RequestFailure | undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    /** Where it is reached. */
    readonly url: string,
  ) {}

  /** Listens on a free port of 127.0.0.1; the API server is asked when something connects. */
  static async open(config: KubeConfig, target: PodPort): Promise<PortForward> {
    const { PortForward: Forwarder } = await import("@kubernetes/client-node");
    const forwarder = new Forwarder(config);
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    // A server that listens on a port has such an address.
    const { port } = server.address() as AddressInfo;
    const forward = new PortForward(server, `http://127.0.0.1:${port}`);
    server.on("connection", (socket) => void forward.connect(forwarder, target, socket));
    return forward;
  }

  /** What a failed request means, in words about the pod where these are known. */
  explain(reason: string): RequestFailure {
    return this.failure ?? new RequestFailure("unreachable", reason);
  }

  /** Ends it, and every connection through it. */
  close(): void {
    this.server.close();
    for (const socket of this.sockets) {
      socket.destroy();
    }
  }

  /** What the node says when nothing listens in the pod: the connection opens all the same. */
  private refusals(id: string): Writable {
    return new Writable({
      write: (words: Buffer, _, done) => {
        const said = words.toString("utf8").trim().replace(/\s+/g, " ");
        this.failure = new RequestFailure("unreachable", `${id}: ${said}`);
        done();
      },
    });
  }

  private async connect(
    forwarder: Pick<import("@kubernetes/client-node").PortForward, "portForward">,
    { namespace, pod, port }: PodPort,
    socket: Socket,
  ): Promise<void> {
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    // What ends a connection is told to whoever waits for an answer.
    socket.on("error", () => undefined);
    const id = `pods/portforward ${namespace}/${pod}`;
    try {
      const refused = this.refusals(id);
      const connection: unknown = await forwarder.portForward(
        namespace,
        pod,
        [port],
        socket,
        refused,
        socket,
      );
      if (!isConnection(connection)) {
        throw new Error("no WebSocket");
      }
      connection.onclose = () => socket.destroy();
      connection.onerror = () => socket.destroy();
      socket.on("close", () => {
        connection.close();
      });
    } catch (error) {
      const said = textAt(error, "message") ?? "";
      const isForbidden = /\b40[13]\b/.test(said);
      this.failure = isForbidden
        ? new RequestFailure("forbidden", `the API server refuses create ${id}`, 403)
        : new RequestFailure("unreachable", `the API server opens no connection to ${id} (${said})`);
      socket.destroy();
    }
  }
}
