import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import type { TrafficKind } from "./traffic";

/** One request of a client. Times are in milliseconds since 1970. */
export interface JournalRequest {
  /** Number of the connection. */
  readonly connection: number;
  readonly sentAt: number;
  /** Status of the answer, or the way the request failed. */
  readonly outcome: string;
  /** Questions of Envoy about it that reached an agent. */
  readonly checks: number;
}

/** One operation of the engine. Times are in milliseconds since 1970. */
export interface Phase {
  readonly name: string;
  readonly startedAt: number;
  readonly returnedAt: number;
}

/** Requests of one kind that were sent in a stretch of time. */
export class Stretch {
  constructor(
    readonly title: string,
    readonly requests: readonly JournalRequest[],
  ) {}

  /** Those that got another answer than the app's, or none. */
  get failed(): readonly JournalRequest[] {
    return this.requests.filter(({ outcome }) => outcome !== "200");
  }

  /** Those that did not reach an agent exactly once. */
  get notInspectedOnce(): readonly JournalRequest[] {
    return this.requests.filter(({ checks }) => checks !== 1);
  }

  /** Asserts that there are requests, and that all have been answered by the app. */
  assertAnswered(): void {
    assert.ok(this.requests.length > 0, `${this.title}: nobody has asked`);
    assert.deepEqual(tally(this.failed.map(({ outcome }) => outcome)), {}, this.title);
  }

  /** Asserts that there are requests, and that an agent was asked about each, be it more than once. */
  assertInspected(): void {
    assert.ok(this.requests.length > 0, `${this.title}: nobody has asked`);
    const passed = this.requests.filter(({ checks }) => checks === 0);
    assert.equal(passed.length, 0, `${this.title}: not inspected`);
  }

  /** Asserts that there are requests, and that an agent was asked this often about each. */
  assertChecks(expected: 0 | 1): void {
    assert.ok(this.requests.length > 0, `${this.title}: nobody has asked`);
    const others = this.requests.filter(({ checks }) => checks !== expected);
    assert.deepEqual(tally(others.map(({ checks }) => `${checks} checks`)), {}, this.title);
  }
}

/** What the clients of a rollout met, by the phases of the rollout. */
export class Journal {
  constructor(
    private readonly phases: readonly Phase[],
    private readonly requests: Readonly<Record<TrafficKind, readonly JournalRequest[]>>,
  ) {}

  /** Everything, from the first request to the last. */
  all(kind: TrafficKind): Stretch {
    return new Stretch(`${kind} connections`, this.requests[kind]);
  }

  /** From the return of one phase to the start of another; without one, to the end. */
  between(kind: TrafficKind, after: string, before?: string): Stretch {
    const from = this.phase(after).returnedAt;
    const to = before === undefined ? Infinity : this.phase(before).startedAt;
    const title = `${kind} connections between ${after} and ${before ?? "the end"}`;
    return new Stretch(title, this.sent(kind, from, to));
  }

  /** While a phase went on. */
  during(kind: TrafficKind, name: string): Stretch {
    const { startedAt, returnedAt } = this.phase(name);
    return new Stretch(`${kind} connections during ${name}`, this.sent(kind, startedAt, returnedAt));
  }

  /** A line for each kind and phase: how many requests, how many failed, how many the agents have seen. */
  describe(): string {
    const kinds = Object.keys(this.requests) as TrafficKind[];
    return this.phases
      .flatMap(({ name, startedAt, returnedAt }, index) => {
        const next = this.phases[index + 1]?.name;
        const seconds = ((returnedAt - startedAt) / 1000).toFixed(1);
        return kinds.map((kind) => {
          const [meanwhile, after] = [this.during(kind, name), this.between(kind, name, next)];
          return `${name.padEnd(16)} ${seconds.padStart(5)} s  ${kind.padEnd(6)} ${numbers(meanwhile)}; then ${numbers(after)}`;
        });
      })
      .join("\n");
  }

  private sent(kind: TrafficKind, from: number, to: number): JournalRequest[] {
    return this.requests[kind].filter(({ sentAt }) => sentAt >= from && sentAt < to);
  }

  private phase(name: string): Phase {
    const found = this.phases.find((phase) => phase.name === name);
    if (found === undefined) {
      throw new Error(`no phase is called ${name}`);
    }
    return found;
  }
}

/**
 * Joins what a client sent with what the agents were asked.
 *
 * @param requests path of the journal of a load
 * @param checks path of the journal of the agents
 */
export function readRequests(requests: string, checks: string): JournalRequest[] {
  const asked = tally(lines(checks).map(([id = ""]) => id));
  return lines(requests).map(([id = "", sentAt, , ...outcome]) => ({
    connection: Number(id.split("-").at(-2)),
    sentAt: Number(sentAt),
    outcome: outcome.join(" "),
    checks: asked[id] ?? 0,
  }));
}

/** How often each value occurs. */
export function tally(values: readonly (string | number)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) {
    counts[value] = (counts[value] ?? 0) + 1;
  }
  return counts;
}

function numbers({ requests, failed, notInspectedOnce }: Stretch): string {
  return `${requests.length} requests, ${failed.length} failed, ${notInspectedOnce.length} not inspected once`;
}

function lines(file: string): string[][] {
  // No agent was asked before the first one has started.
  if (!existsSync(file)) {
    return [];
  }
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(" "));
}
