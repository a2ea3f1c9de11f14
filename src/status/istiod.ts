import type { KubeConfig } from "@kubernetes/client-node";
import { revisionKey } from "../kubernetes/injection";
import { at, labelsOf, listAt, nameOf, namespaceOf, textAt, type LiveObject } from "../kubernetes/liveObject";
import { PortForward } from "../kubernetes/portForward";
import { RequestFailure } from "../kubernetes/requestFailure";
import { isRecord } from "../pulumi/inputs";
import type { ProxyType } from "./proxyConfig";

/** What istiod says of a proxy that is connected to it. */
export interface ConnectedProxy {
  /** `<pod>.<namespace>`. */
  readonly id: string;
  readonly type: ProxyType;
  /** Its words about a configuration that it refused. */
  readonly refusal: string | undefined;
  /** Whether it has answered the last push of what holds filters and clusters. */
  readonly isAcknowledged: boolean;
}

const debugPort = 15_014;
const timeoutMs = 30_000;

/** A replica of istiod, whose debug pages are read. */
export class Istiod {
  /** Its connections, once they are needed. */
  private connections: Promise<unknown> | undefined;

  private constructor(
    /** For people: `<namespace>/<pod>`, or the address that the user gave. */
    readonly name: string,
    /** Undefined for an address. */
    readonly revision: string | undefined,
    private readonly url: string,
    private readonly forward: PortForward | undefined,
  ) {}

  /** One behind an address, such as a port-forward that somebody has made. */
  static at(url: string): Istiod {
    return new Istiod(url, undefined, url.replace(/\/$/, ""), undefined);
  }

  /** One in a pod, through the API server. istiod answers requests from its own loopback address without a token. */
  static async inPod(config: KubeConfig, pod: LiveObject): Promise<Istiod> {
    const target = { namespace: namespaceOf(pod), pod: nameOf(pod), port: debugPort };
    const forward = await PortForward.open(config, target);
    const revision = labelsOf(pod)[revisionKey] ?? "default";
    return new Istiod(`${target.namespace}/${target.pod}`, revision, forward.url, forward);
  }

  /** Every proxy that is connected to this replica; each is connected to one. */
  async proxies(): Promise<ConnectedProxy[]> {
    const answer = await this.get("/debug/syncz");
    if (!Array.isArray(answer)) {
      throw new RequestFailure(
        "unreachable",
        `${this.name} lists no proxies: it is no istiod, or a very old one`,
      );
    }
    return answer.map(connectedProxy);
  }

  /**
   * The configuration that it has for a proxy; undefined when the proxy has gone. It looks for a connection with the text
   * in its name, and does not say which one it took.
   *
   * @param others - The proxies that are connected to this replica.
   */
  async configOf({ id: proxy, type }: ConnectedProxy, others: Iterable<string>): Promise<unknown> {
    const start = `${proxy}-`;
    const isAmbiguous = [...others].some((one) => one !== proxy && `${one}-`.includes(start));
    const connection = isAmbiguous ? await this.connectionOf(start) : start;
    if (connection === undefined) {
      return undefined;
    }
    // The routes of what other proxies receive are in their listeners.
    const types = `LDS,CDS,EDS${type === "router" ? ",RDS" : ""}`;
    const path = `/debug/config_dump?types=${types}&proxyID=${encodeURIComponent(connection)}`;
    try {
      return await this.get(path);
    } catch (error) {
      if (error instanceof RequestFailure && error.status === 404) {
        return undefined;
      }
      throw error;
    }
  }

  /** Name of the connection of a proxy. */
  private async connectionOf(start: string): Promise<string | undefined> {
    this.connections ??= this.get("/debug/adsz");
    const clients = listAt(await this.connections, "clients");
    const names = clients.flatMap((client) => textAt(client, "connectionId") ?? []);
    return names.find((name) => name.startsWith(start) && /^\d+$/.test(name.slice(start.length)));
  }

  /** Namespace of the policies that reach every namespace. */
  async rootNamespace(): Promise<string | undefined> {
    return textAt(await this.get("/debug/mesh"), "rootNamespace");
  }

  /** Ends the connections to it. */
  close(): void {
    this.forward?.close();
  }

  private async get(path: string): Promise<unknown> {
    let response: Response;
    try {
      response = await fetch(this.url + path, { signal: AbortSignal.timeout(timeoutMs) });
    } catch (error) {
      const reason = `${this.name} does not answer (${textAt(at(error, "cause"), "code") ?? textAt(error, "name") ?? ""})`;
      throw this.forward?.explain(reason) ?? new RequestFailure("unreachable", reason);
    }
    const text = await response.text();
    if (!response.ok) {
      const reason = `${this.name} answers ${path.split("?")[0] ?? ""} with HTTP status ${response.status}`;
      throw new RequestFailure(
        response.status === 401 ? "forbidden" : "unreachable",
        reason,
        response.status,
      );
    }
    try {
      return JSON.parse(text);
    } catch {
      throw new RequestFailure("unreachable", `${this.name} answers with something that is no JSON`);
    }
  }
}

// What an EnvoyFilter or a policy changes. Endpoints come and go with the pods of everybody, and are no proof.
const resources = ["Listener", "Cluster", "TypedExtensionConfig"];

function connectedProxy(entry: unknown): ConnectedProxy {
  const known = at(entry, "resources");
  const states = Object.entries(isRecord(known) ? known : {}).filter(([type]) =>
    resources.some((name) => type.endsWith(`.${name}`)),
  );
  const refusals = states
    .flatMap(([, state]) => textAt(state, "lastError") ?? [])
    .filter((words) => words !== "");
  const type = textAt(entry, "proxy_type");
  // istiods before 1.24 have these fields only.
  const pairs = [
    ...states.map(([, state]) => [textAt(state, "sent"), textAt(state, "acked")]),
    ...["listener", "cluster"].map((name) => [textAt(entry, `${name}_sent`), textAt(entry, `${name}_acked`)]),
  ];
  return {
    id: textAt(entry, "proxy") ?? "",
    type: type === "router" || type === "waypoint" ? type : "sidecar",
    refusal: refusals.length === 0 ? undefined : inShort(refusals.join("; ")),
    isAcknowledged:
      pairs.every(([sent, acked]) => sent === acked) && pairs.some(([sent = ""]) => sent !== ""),
  };
}

/** An Envoy quotes the whole configuration before it says what is wrong with it. */
function inShort(words: string): string {
  const [start = ""] = words.split("\n", 1);
  const end = words.trim().split("\n").at(-1) ?? "";
  const listeners = /^Error adding\/updating [^:]*/.exec(start)?.[0];
  return end === start || listeners === undefined ? words.trim().replace(/\s+/g, " ") : `${listeners}${end}`;
}
