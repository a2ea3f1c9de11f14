import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";

/** What the engine did, or would do, with one resource. */
export interface Step {
  /** `create`, `update`, `delete`, `same`, `read`, `create-replacement`, `replace`, `delete-replaced`, ... */
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  /** Logical name: the last part of the URN. */
  readonly name: string;
  /** Properties that differ, as the engine names them. Empty unless something differs. */
  readonly diffs: readonly string[];
  /** Kind of difference by property path, if the provider said so. */
  readonly detailedDiff: Readonly<Record<string, string>>;
}

/** A message of the engine, a provider or the program. */
export interface Diagnostic {
  readonly severity: "info" | "info#err" | "warning" | "error";
  /** Resource that the message is about; undefined when it is about none. */
  readonly urn: string | undefined;
  readonly message: string;
}

/** What happened in one preview, up, refresh or destroy. */
export interface RunReport {
  /** Steps in the order in which they began. */
  readonly steps: readonly Step[];
  /** Steps in the order in which they were done. In a preview nothing waits, so there it says little. */
  readonly finished: readonly Step[];
  /** Steps that failed. */
  readonly failed: readonly Step[];
  /** Number of resources by operation, from the engine's summary. Empty when the run failed early. */
  readonly counts: Readonly<Record<string, number>>;
  readonly diagnostics: readonly Diagnostic[];
  /** All the events as the engine sent them. */
  readonly events: readonly EngineEvent[];
  /** What the command printed. */
  readonly stdout: string;
}

/** The diagnostics as one text, a line for each: `severity: message`. */
export function diagnosticsText(report: RunReport): string {
  return report.diagnostics.map(({ severity, message }) => `${severity}: ${message.trim()}`).join("\n");
}

/** The steps that change something: all but `same`, `read` and the like. */
export function changes(report: RunReport): Step[] {
  const idle = new Set(["same", "read", "read-discard", "refresh"]);
  return report.steps.filter(({ op }) => !idle.has(op));
}

// The engine's log comes the same way, with a severity that the SDK's types do not name: "debug".
const severities = new Set<string>(["info", "info#err", "warning", "error"]);

/** Makes a report from what the engine sent. */
export function reportOf(events: readonly EngineEvent[], stdout: string): RunReport {
  const summary = events.find(({ summaryEvent }) => summaryEvent !== undefined)?.summaryEvent;
  return {
    steps: events.flatMap(({ resourcePreEvent: event }) => (event ? [stepOf(event.metadata)] : [])),
    finished: events.flatMap(({ resOutputsEvent: event }) => (event ? [stepOf(event.metadata)] : [])),
    failed: events.flatMap(({ resOpFailedEvent: event }) => (event ? [stepOf(event.metadata)] : [])),
    counts: { ...summary?.resourceChanges },
    diagnostics: events.flatMap(({ diagnosticEvent: event }) =>
      event !== undefined && event.ephemeral !== true && severities.has(event.severity)
        ? [{ severity: event.severity, urn: event.urn, message: withoutColours(event.message) }]
        : [],
    ),
    events,
    stdout,
  };
}

function stepOf(metadata: StepEventMetadata): Step {
  const detailed = Object.entries(metadata.detailedDiff ?? {});
  return {
    op: metadata.op,
    urn: metadata.urn,
    type: metadata.type,
    name: metadata.urn.split("::").at(-1) ?? "",
    diffs: metadata.diffs ?? [],
    detailedDiff: Object.fromEntries(detailed.map(([path, { diffKind }]) => [path, diffKind])),
  };
}

/** The engine marks colours in its messages with tags like `<{%reset%}>`. */
function withoutColours(message: string): string {
  return message.replaceAll(/<\{%[^%]*%\}>/g, "");
}
