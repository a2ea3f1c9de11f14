import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { SigsciIstioIntegration } from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { isDeferred, isRecord } from "../../src/pulumi/inputs";
import { ProgramError, recordProgram } from "../../src/offline/recording";
import type { RecordedResource, Recording, RecordOptions } from "../../src/offline/recording";

/** The key values of all tests, which must not appear anywhere. */
export const keys = { accessKeyId: "AKID-4711-PLAIN", secretAccessKey: "SECRET-0815-PLAIN" };

/** Arguments of the smallest program. */
export const smallest: SigsciIstioIntegrationArgs = {
  credentials: { site: "shop", ...keys },
  targets: [{ name: "web", namespace: "shop", matchLabels: { app: "web" } }],
};

/** A mesh ConfigMap of the simulated cluster. */
export interface LiveMesh {
  /** The key `mesh`; left out when undefined. */
  text?: string;
  annotations?: Record<string, string>;
  /** default `7` */
  resourceVersion?: string;
}

/** A mesh text without providers. */
export const meshText = "rootNamespace: istio-system\n";

/** Answers reads of the given mesh ConfigMaps, by `<namespace>/<name>`; everything else does not exist. */
export function cluster(meshes: Record<string, LiveMesh>): NonNullable<RecordOptions["reads"]> {
  return (type, id) => {
    const mesh = meshes[id];
    if (type !== "kubernetes:core/v1:ConfigMap" || mesh === undefined) {
      return undefined;
    }
    const [namespace, name] = id.split("/");
    const { text, annotations, resourceVersion = "7" } = mesh;
    const metadata = { namespace, name, resourceVersion, ...(annotations && { annotations }) };
    return { apiVersion: "v1", kind: "ConfigMap", metadata, data: text === undefined ? {} : { mesh: text } };
  };
}

/** A cluster with Istio's default mesh ConfigMap. */
export const defaultCluster = cluster({ "istio-system/istio": { text: meshText } });

/** Runs a program with one component `waf`; arguments are added to those of the smallest program. */
export function recordComponent(
  args: Partial<SigsciIstioIntegrationArgs> = {},
  options: RecordOptions & { componentOptions?: pulumi.ComponentResourceOptions } = {},
): Promise<Recording> {
  return recordProgram(
    () => {
      new SigsciIstioIntegration("waf", { ...smallest, ...args }, options.componentOptions);
    },
    { reads: defaultCluster, ...options },
  );
}

/** The resource of a logical name. */
export function named(recording: Recording, name: string): RecordedResource {
  const [found, ...more] = recording.resources.filter((resource) => resource.name === name);
  assert.ok(found && more.length === 0, `one resource ${name}`);
  return found;
}

/** Logical names of what a resource waits for, sorted. */
export function dependencies(recording: Recording, name: string): string[] {
  return named(recording, name)
    .dependencies.map((urn) => urn.slice(urn.lastIndexOf("::") + 2))
    .sort();
}

/** A refused run: what a user reads, and what reached the engine all the same. */
export interface RefusedRun {
  message: string;
  /** Logical names of the registered resources, sorted. */
  registered: string[];
  /** Everything that is left in plain text: inputs that are not secret, logs and errors. */
  plainText: string;
}

const standstill = "the program waits for a value that never comes";

/** Runs a program that must fail and notes every registration that reached the engine. */
export async function recordRefusal(program: () => void, options: RecordOptions = {}): Promise<RefusedRun> {
  const registered: { name: string; props: unknown }[] = [];
  const waiting = watchStandstill();
  const watched = (): void => {
    waiting.start();
    pulumi.runtime.registerResourceTransform(({ name, props }) => {
      registered.push({ name, props: inPlainText(props) });
      return undefined;
    });
    program();
  };
  try {
    await recordProgram(watched, { reads: defaultCluster, ...options });
  } catch (error) {
    assert.ok(error instanceof ProgramError);
    const { messages, logs, errors } = error;
    const stacks = errors.map((one) => (one instanceof Error ? one.stack : one));
    return {
      message: messages.filter((one) => !one.startsWith(standstill)).join("\n"),
      registered: registered.map(({ name }) => name).sort(),
      plainText: JSON.stringify({ registered, logs, messages, stacks }),
    };
  } finally {
    waiting.release();
  }
  return assert.fail("the program was not refused");
}

// How the protocol marks a secret. Source: Pulumi, "Property values", special signatures.
const signature = { key: "4dabf18193072939515e22adb298388d", secret: "1b47061264138c4ac30d75fd1eb44270" };

/** What would be stored unencrypted: transforms see secrets as Outputs or as the protocol writes them. */
function inPlainText(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(inPlainText);
  }
  if (!isRecord(value)) {
    return isDeferred(value) ? "[output]" : value;
  }
  return value[signature.key] === signature.secret
    ? "[secret]"
    : Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inPlainText(one)]));
}

/**
 * What waits for a refused resource waits for ever. The recording ends such a run when Node has nothing left to do,
 * which never happens under mocha: its timers are always there. So this tells it, a moment after the refusal.
 */
function watchStandstill(): { start: () => void; release: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const refused = (): void => {
    timer ??= setTimeout(() => process.emit("beforeExit", 0), 50);
  };
  return {
    start: () => process.on("unhandledRejection", refused),
    release: () => {
      process.removeListener("unhandledRejection", refused);
      clearTimeout(timer);
    },
  };
}
