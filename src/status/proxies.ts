import { setTimeout as delay } from "node:timers/promises";
import { RequestFailure } from "../kubernetes/requestFailure";
import { inParallel } from "./inParallel";
import type { ConnectedProxy, Istiod } from "./istiod";
import type { ProxyView } from "./judgePod";
import { readProxyConfig, UnknownShape, type ProxyConfig } from "./proxyConfig";
import type { IstiodStatus } from "./report";

/** What all replicas of istiod say. */
export interface KnownProxies {
  readonly istiods: readonly IstiodStatus[];
  /** By `<pod>.<namespace>`. */
  readonly views: ReadonlyMap<string, ProxyView>;
}

interface Connection {
  readonly proxy: ConnectedProxy;
  readonly istiod: Istiod;
}

interface Connections {
  readonly found: ReadonlyMap<string, Connection>;
  readonly istiods: readonly IstiodStatus[];
}

const atOnce = 8;
const looks = 4;
const betweenLooksMs = 1000;

/**
 * Asks every replica of istiod about the proxies of some pods.
 *
 * @param wanted - `<pod>.<namespace>` of each.
 * @param progress - Told how many configurations have been read.
 */
export async function askAboutProxies(
  istiods: readonly Istiod[],
  wanted: readonly string[],
  progress: (read: number, of: number) => void,
): Promise<KnownProxies> {
  const before = await connections(istiods);
  const connected = wanted.filter((id) => before.found.has(id));
  let read = 0;
  const configs = new Map(
    await inParallel(connected, atOnce, async (id): Promise<[string, ReadConfig]> => {
      const config = await readConfig(id, before.found);
      read += 1;
      progress(read, connected.length);
      return [id, config];
    }),
  );
  // Whoever has acknowledged everything after its configuration was printed has that configuration, or a later one.
  const after = await settled(istiods, connected);
  const views = wanted.map((id): [string, ProxyView] => [id, viewOf(configs.get(id), after, id)]);
  return { istiods: after.istiods, views: new Map(views) };
}

async function connections(istiods: readonly Istiod[]): Promise<Connections> {
  const found = new Map<string, Connection>();
  const states = await Promise.all(
    istiods.map(async (istiod): Promise<IstiodStatus> => {
      try {
        const proxies = await istiod.proxies();
        for (const proxy of proxies) {
          found.set(proxy.id, { proxy, istiod });
        }
        return { name: istiod.name, proxies: proxies.length, problem: null };
      } catch (error) {
        if (!(error instanceof RequestFailure)) {
          throw error;
        }
        return { name: istiod.name, proxies: null, problem: error.message };
      }
    }),
  );
  return { found, istiods: states };
}

/** Looks again while a push is under way. */
async function settled(istiods: readonly Istiod[], wanted: readonly string[]): Promise<Connections> {
  for (let look = 1; ; look += 1) {
    const now = await connections(istiods);
    const isSettled = wanted.every((id) => {
      const proxy = now.found.get(id)?.proxy;
      return proxy === undefined || proxy.isAcknowledged || proxy.refusal !== undefined;
    });
    if (isSettled || look === looks) {
      return now;
    }
    await delay(betweenLooksMs);
  }
}

type ReadConfig = { readonly config: ProxyConfig } | { readonly problem: string };

async function readConfig(id: string, found: Connections["found"]): Promise<ReadConfig> {
  const connection = found.get(id);
  try {
    const dump = await connection?.istiod.configOf(connection.proxy, found.keys());
    return dump === undefined || connection === undefined
      ? { problem: "its proxy disconnected meanwhile" }
      : { config: readProxyConfig(dump, connection.proxy.type) };
  } catch (error) {
    if (error instanceof RequestFailure || error instanceof UnknownShape) {
      return { problem: error.message };
    }
    throw error;
  }
}

function viewOf(read: ReadConfig | undefined, { found, istiods }: Connections, id: string): ProxyView {
  const proxy = found.get(id)?.proxy;
  const silent = istiods.filter(({ problem }) => problem !== null);
  if (proxy === undefined || read === undefined) {
    return silent.length > 0 || istiods.length === 0
      ? { finding: { id: "not-seen", text: "the istiod of its proxy could not be asked" } }
      : { finding: { id: "not-connected", text: "its proxy is connected to no istiod" } };
  }
  return "problem" in read
    ? { finding: { id: "not-seen", text: read.problem } }
    : { config: read.config, refusal: proxy.refusal, isAcknowledged: proxy.isAcknowledged };
}
