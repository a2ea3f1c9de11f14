import { join } from "node:path";
import { addresses, ports } from "../addresses";
import type { Clients, Load, LoadOptions } from "../client";
import { readRequests, type JournalRequest } from "./journal";

/** How connections are used. */
export const trafficKinds = {
  /** Open connections, each asking some 25 times a second. */
  busy: { concurrency: 8, rate: 200 },
  /** A new connection for each request. */
  fresh: { concurrency: 8, rate: 100, keepAlive: false },
  /** Open connections, each idle for 5 s between two requests. */
  idle: { concurrency: 40, rate: 8 },
} satisfies Record<string, Partial<LoadOptions>>;

/** Name of a way to use connections. */
export type TrafficKind = keyof typeof trafficKinds;

/** Longest time between two requests of one connection, in milliseconds, with some to spare. */
export const longestPauseMs = 6000;

const kinds = Object.keys(trafficKinds) as TrafficKind[];

/** Clients that ask the workload, of every kind at once, from the moment this is made. */
export class Traffic {
  private readonly loads: readonly Load[];

  /**
   * @param clients the clients
   * @param folder folder for their journals
   * @param checks path of the agents' journal
   */
  constructor(
    clients: Clients,
    private readonly folder: string,
    private readonly checks: string,
  ) {
    const url = `http://${addresses.workload}:${ports.http}/plain`;
    this.loads = kinds.map((kind) =>
      clients.load({ ...trafficKinds[kind], url, durationMs: 600_000, journal: join(folder, kind) }),
    );
  }

  /** Ends the clients and gives all that they asked. May be called twice. */
  async end(): Promise<Record<TrafficKind, JournalRequest[]>> {
    for (const load of this.loads) {
      await load.stop();
    }
    const read = (kind: TrafficKind): JournalRequest[] => readRequests(join(this.folder, kind), this.checks);
    return { busy: read("busy"), fresh: read("fresh"), idle: read("idle") };
  }
}
