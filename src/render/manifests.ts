import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Document } from "yaml";
import { kubernetesObject, objectId, type KubernetesObject } from "./kubernetesObject";
import { isDashboard, monitoringFiles, monitoringFolder } from "./monitoringFiles";
import type { RecordedResource } from "../offline/recordedResource";
import { Refusal, UsageProblem } from "../offline/refusal";
import { redact, redactSecretObject } from "../offline/secretValue";
import { isRecord } from "../pulumi/inputs";

/** One Kubernetes object as a file. */
export interface Manifest {
  /** `<kind>-<namespace>-<name>.yaml`, in lower case; `monitoring/…` for what is no object */
  readonly file: string;
  readonly text: string;
}

const MARK = "# Written by pulumi-sigsci-istio render";

function comment(object: KubernetesObject): string {
  const lines = [`${MARK}; secret values are left out.`];
  if (object.isPatch) {
    lines.push(
      `# A patch of the existing ${object.kind} ${objectId(object)}: only the fields below change.`,
      `# Not to be applied as a whole object; by hand: kubectl apply --server-side --force-conflicts`,
    );
  }
  return `${lines.join("\n")}\n`;
}

function withName(object: KubernetesObject, metadata: unknown): Record<string, unknown> {
  const given = isRecord(metadata) ? metadata : {};
  const named = {
    name: object.name,
    ...(object.namespace === undefined ? {} : { namespace: object.namespace }),
  };
  return { ...named, ...given, ...named };
}

function content(object: KubernetesObject): Record<string, unknown> {
  const { inputs } = object.resource;
  const shown = object.kind === "Secret" ? redactSecretObject(inputs) : redact(inputs);
  return {
    ...(isRecord(shown) ? shown : {}),
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: withName(object, redact(inputs.metadata)),
  };
}

function fileName(object: KubernetesObject): string {
  const parts = [object.kind, object.namespace, object.name].filter((part) => part !== undefined);
  return parts
    .join("-")
    .toLowerCase()
    .replace(/[^a-z0-9.-]/g, "_");
}

/**
 * The manifest of every Kubernetes object a program creates or patches, in order of creation. What it only reads is
 * left out. Two objects that would share a file name get a number.
 */
export function toManifests(resources: readonly RecordedResource[]): Manifest[] {
  const taken = new Map<string, number>();
  return resources.flatMap((resource) => {
    const object = kubernetesObject(resource);
    if (object === undefined || resource.isRead) {
      return [];
    }
    const base = fileName(object);
    const count = (taken.get(base) ?? 0) + 1;
    taken.set(base, count);
    const { apiVersion, kind, metadata, ...rest } = content(object);
    const document = new Document({ apiVersion, kind, metadata, ...rest }, { aliasDuplicateObjects: false });
    const text = comment(object) + document.toString({ lineWidth: 0 });
    return [{ file: `${base}${count === 1 ? "" : `-${count}`}.yaml`, text }];
  });
}

/** The manifests, and what goes to Prometheus and Grafana by other ways. */
export function toFiles(resources: readonly RecordedResource[]): Manifest[] {
  return [...toManifests(resources), ...monitoringFiles(resources, MARK)];
}

function isOurs(path: string): boolean {
  if (!statSync(path).isFile()) {
    return false;
  }
  const text = readFileSync(path, "utf8");
  return (path.endsWith(".yaml") && text.startsWith(MARK)) || (path.endsWith(".json") && isDashboard(text));
}

/** The files of a folder, and those in its folder for monitoring. */
function filesIn(folder: string): string[] {
  const monitoring = join(folder, monitoringFolder);
  const top = existsSync(folder) ? readdirSync(folder) : [];
  return existsSync(monitoring) && statSync(monitoring).isDirectory()
    ? [
        ...top.filter((name) => name !== monitoringFolder),
        ...readdirSync(monitoring).map((name) => `${monitoringFolder}/${name}`),
      ]
    : top;
}

/**
 * Writes manifests into a folder, which is created if need be, and removes what an earlier render left there.
 * @returns names of the removed files
 * @throws UsageProblem if the folder holds anything a render did not write; nothing is changed then
 * @throws Refusal if it cannot be written to
 */
export function writeManifests(folder: string, manifests: readonly Manifest[]): string[] {
  try {
    const present = filesIn(folder);
    const foreign = present.find((name) => !isOurs(join(folder, name)));
    if (foreign !== undefined) {
      throw new UsageProblem(
        `--out ${folder}: the folder holds ${foreign}, which no render wrote; choose an empty folder`,
      );
    }
    const within = (name: string): boolean => name.startsWith(`${monitoringFolder}/`);
    const hasMonitoring = manifests.some(({ file }) => within(file));
    mkdirSync(hasMonitoring ? join(folder, monitoringFolder) : folder, { recursive: true });
    const written = new Set(manifests.map(({ file }) => file));
    const stale = present.filter((name) => !written.has(name));
    for (const name of stale) {
      rmSync(join(folder, name));
    }
    if (!hasMonitoring && present.some(within)) {
      rmSync(join(folder, monitoringFolder), { recursive: true });
    }
    for (const { file, text } of manifests) {
      writeFileSync(join(folder, file), text);
    }
    return stale;
  } catch (error) {
    if (error instanceof Refusal) {
      throw error;
    }
    throw new Refusal(`--out ${folder}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
