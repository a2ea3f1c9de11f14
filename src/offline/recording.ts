import { setImmediate } from "node:timers/promises";
import type * as enginePb from "@pulumi/pulumi/proto/engine_pb";
import { watchConfigReads } from "./configReads";
import { createConstructionLog } from "./creationOrder";
import { fillWithPlaceholders } from "./placeholders";
import { ProgramError } from "./programError";
import { loadPulumiSdk, type EngineClient, type PulumiSdk } from "./pulumiSdk";
import type { Properties, RecordedLog, RecordedResource } from "./recordedResource";
import { installRecordingMonitor, type MonitorRecord } from "./recordingMonitor";
import { watchProcessFailures, withFreshState, withoutStackTraces } from "./runIsolation";
import { collectSecrets } from "./secretValue";
import { simulateWorld, type WorldOptions } from "./simulatedWorld";

export { ProgramError } from "./programError";
export type { Properties, RecordedLog, RecordedOptions, RecordedResource } from "./recordedResource";
export { redact, reveal, SecretValue, UNKNOWN } from "./secretValue";

/** How a program is run. Everything has a default. */
export interface RecordOptions extends WorldOptions {
  /** default `project` */
  readonly project?: string;
  /** default `stack` */
  readonly stack?: string;
  /** default `organization` */
  readonly organization?: string;
  /** Configuration; a key without a namespace belongs to the project. */
  readonly config?: Readonly<Record<string, string>>;
  /** Keys of `config` that are secret, spelled as there. */
  readonly secretConfig?: readonly string[];
  /**
   * Full keys of `config` whose value is a placeholder. When given, what else the program requires of the configuration
   * and what it reads of other stacks gets one too, and notes name them all; by default a missing value is an error.
   */
  readonly placeholders?: readonly string[];
  /** Collects the full keys of the configuration that the program reads. */
  readonly configReads?: Set<string>;
  /** Whether errors carry full stack traces (default true); without, a large program takes four fifths of the time. */
  readonly stackTraces?: boolean;
  /** The copy of the SDK the program uses; default the one this package sees. */
  readonly sdk?: PulumiSdk;
}

/** Everything a program told the engine. */
export interface Recording {
  /** in an order of creation: what a resource waits for comes before it, otherwise the program's own order holds */
  readonly resources: readonly RecordedResource[];
  /** info, warnings and errors, in order */
  readonly logs: readonly RecordedLog[];
  /** stack outputs; secrets are `SecretValue` */
  readonly outputs: Properties;
  /** texts of all secret values of the run, configuration included */
  readonly secrets: ReadonlySet<string>;
  /** tokens of provider functions that got an empty answer */
  readonly unansweredCalls: readonly string[];
  /** which values have a placeholder, in sentences for the user */
  readonly notes: readonly string[];
}

const SEVERITIES = [undefined, "info", "warning", "error"] as const;

function createEngine(logs: RecordedLog[]): EngineClient {
  const accept = (_request: unknown, callback: (error: null, response: object) => void): void => {
    callback(null, {});
  };
  return {
    log: (request: enginePb.LogRequest, callback) => {
      const severity = SEVERITIES[request.getSeverity()];
      if (severity !== undefined) {
        logs.push({ severity, message: request.getMessage(), urn: request.getUrn() || undefined });
      }
      callback(null, {});
    },
    setRootResource: accept,
    requirePulumiVersion: accept,
  };
}

function setConfig(sdk: PulumiSdk, project: string, options: RecordOptions): void {
  const qualified = (key: string): string => (key.includes(":") ? key : `${project}:${key}`);
  const config = Object.entries(options.config ?? {}).map(([key, value]) => [qualified(key), value]);
  const secretKeys = (options.secretConfig ?? []).map(qualified);
  sdk.pulumi.runtime.setAllConfig(Object.fromEntries(config) as Record<string, string>, secretKeys);
}

function secretsOf(record: MonitorRecord, options: RecordOptions): Set<string> {
  const secrets = new Set<string>();
  for (const key of options.secretConfig ?? []) {
    const value = options.config?.[key];
    if (value !== undefined) {
      secrets.add(value);
    }
  }
  for (const { inputs, outputs } of record.resources) {
    collectSecrets(inputs, secrets);
    if (outputs !== inputs) {
      collectSecrets(outputs, secrets);
    }
  }
  collectSecrets(record.stackOutputs, secrets);
  return secrets;
}

/** Waits until the program's registrations, and the rejections they caused, have all come in. */
async function drain(sdk: PulumiSdk, record: MonitorRecord): Promise<void> {
  let seen: number;
  do {
    seen = record.resources.length;
    await sdk.pulumi.runtime.disconnect();
    await setImmediate();
    await setImmediate();
  } while (record.resources.length > seen);
}

/** The program waits for something that cannot come. */
class Standstill extends Error {
  public constructor() {
    super("the program waits for a value that never comes: an Output or a promise never resolves");
  }
}

/** Fails when Node has nothing left to do although the program still waits for something. */
function watchForStandstill(): { readonly standstill: Promise<never>; release(): void } {
  let fail: () => void = () => undefined;
  const standstill = new Promise<never>((_resolve, reject) => {
    fail = () => {
      reject(new Standstill());
    };
  });
  process.once("beforeExit", fail);
  return { standstill, release: () => process.removeListener("beforeExit", fail) };
}

async function run(
  program: () => unknown,
  sdk: PulumiSdk,
  record: MonitorRecord,
  failures: Set<unknown>,
): Promise<void> {
  const guard = watchForStandstill();
  const note = (error: unknown): void => {
    // After a failure, what depends on it waits for ever; that is no news of its own.
    if (!(error instanceof Standstill) || failures.size === 0) {
      failures.add(error);
    }
  };
  // The SDK types the callback's result as any; whatever the program returns becomes the stack's outputs.
  const init = async (): Promise<object | undefined> => (await program()) as object | undefined;
  try {
    await Promise.race([sdk.pulumi.runtime.runInPulumiStack(init), guard.standstill]).catch(note);
    await Promise.race([drain(sdk, record), guard.standstill]).catch(note);
  } finally {
    guard.release();
  }
}

async function record(program: () => unknown, sdk: PulumiSdk, options: RecordOptions): Promise<Recording> {
  const project = options.project ?? "project";
  const unansweredCalls = new Set<string>();
  const logs: RecordedLog[] = [];
  setConfig(sdk, project, options);
  const monitorRecord = await installRecordingMonitor(sdk, simulateWorld(options, unansweredCalls), {
    project,
    stack: options.stack ?? "stack",
    organization: options.organization ?? "organization",
    preview: options.preview ?? false,
  });
  sdk.state.getStore().settings.engine = createEngine(logs);
  const restoreStackTraces = options.stackTraces === false ? withoutStackTraces(sdk) : undefined;
  const placeholders = options.placeholders && fillWithPlaceholders(sdk, options.placeholders);
  const unwatchConfig = watchConfigReads(sdk, options.configReads ?? new Set());
  const watch = watchProcessFailures();
  const construction = createConstructionLog(sdk.pulumi);
  const watchedProgram = (): unknown => {
    construction.start();
    return program();
  };
  try {
    await run(watchedProgram, sdk, monitorRecord, watch.failures);
  } finally {
    watch.release();
    restoreStackTraces?.();
    placeholders?.restore();
    unwatchConfig();
  }
  const secrets = secretsOf(monitorRecord, options);
  const notes = placeholders?.notes(project) ?? [];
  if (watch.failures.size > 0 || logs.some(({ severity }) => severity === "error")) {
    throw new ProgramError([...watch.failures], logs, secrets, notes);
  }
  const resources = construction.arrange(monitorRecord.resources);
  const outputs = monitorRecord.stackOutputs;
  return {
    resources,
    logs,
    outputs,
    secrets,
    unansweredCalls: [...unansweredCalls],
    notes,
  };
}

let lastRun: Promise<unknown> = Promise.resolve();

/**
 * Runs a Pulumi program in this process, with neither engine nor cluster, and records what it asks for. Can be called
 * any number of times; runs in one process take place one after another, because failures surface process-wide. So a
 * recorded program must not wait for another recording.
 * @param program creates resources; what it returns becomes `outputs`
 * @throws ProgramError if the program fails in any way that would fail `pulumi up`
 */
export function recordProgram(program: () => unknown, options: RecordOptions = {}): Promise<Recording> {
  const sdk = options.sdk ?? loadPulumiSdk();
  const start = (): Promise<Recording> => withFreshState(sdk, () => record(program, sdk, options));
  const result = lastRun.then(start, start);
  lastRun = result;
  return result;
}
