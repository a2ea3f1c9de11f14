import { parseAllDocuments } from "yaml";
import { askUrl, type Credentials } from "./http";
import { readKubeconfig } from "./kubeconfig";

/** A Kubernetes object of any kind, as plain data. */
export interface PlainObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

/** How objects are written. */
export interface ApplyOptions {
  /** Field manager, which owns what is written. Default: `e2e`. */
  readonly fieldManager?: string;
  /** Whether fields are taken away from other managers. Default: true. */
  readonly force?: boolean;
  /** Whether nothing is stored. Default: false. */
  readonly dryRun?: boolean;
}

/** The API server refused an object. */
export class ApplyRefused extends Error {
  constructor(
    object: PlainObject,
    /** HTTP status. */
    readonly status: number,
    body: string,
  ) {
    super(`${object.kind} ${object.metadata.name} was refused (${status}): ${messageOf(body)}`);
    this.name = "ApplyRefused";
  }
}

/**
 * Writes objects by server-side apply, one after the other, with strict validation of their fields.
 *
 * The text is sent as it is: a typed client would drop the fields that it does not know before the API server
 * sees them.
 *
 * @param kubeconfig path of a file that the suite wrote
 * @throws ApplyRefused when the API server refuses one
 */
export async function applyObjects(
  kubeconfig: string,
  objects: readonly PlainObject[],
  options: ApplyOptions = {},
): Promise<void> {
  const { server, credentials } = readKubeconfig(kubeconfig);
  const { fieldManager = "e2e", force = true, dryRun = false } = options;
  const query = new URLSearchParams({ fieldManager, force: String(force), fieldValidation: "Strict" });
  if (dryRun) {
    query.set("dryRun", "All");
  }
  for (const object of objects) {
    const path = await objectPath(server, credentials, object);
    const { status, body } = await askUrl(`${server}${path}?${query.toString()}`, {
      method: "PATCH",
      contentType: "application/apply-patch+yaml",
      body: JSON.stringify(object),
      credentials,
    });
    if (status >= 300) {
      throw new ApplyRefused(object, status, body);
    }
  }
}

/** Makes a namespace unless it is there. */
export async function ensureNamespace(kubeconfig: string, name: string): Promise<void> {
  await applyObjects(kubeconfig, [{ apiVersion: "v1", kind: "Namespace", metadata: { name } }]);
}

/**
 * The Kubernetes objects in a YAML text.
 *
 * @throws Error when a document is not valid YAML or not an object with apiVersion, kind and a name
 */
export function parseObjects(text: string): PlainObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) {
      throw error;
    }
    const value: unknown = document.toJS();
    if (value === null) {
      return [];
    }
    if (!isPlainObject(value)) {
      throw new Error(`not a Kubernetes object: ${JSON.stringify(value)}`);
    }
    return [value];
  });
}

/**
 * The path of an object. The API server is asked where objects of its kind are, as a new definition may have been
 * installed.
 *
 * @throws ApplyRefused when there is no such kind
 */
export async function objectPath(
  server: string,
  credentials: Credentials,
  object: PlainObject,
): Promise<string> {
  const { apiVersion, kind, metadata } = object;
  const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const { status, body } = await askUrl(`${server}${base}`, { credentials });
  const resource = resourcesIn(body).find((candidate) => candidate.kind === kind);
  if (resource === undefined) {
    throw new ApplyRefused(object, status, `the API server has no ${kind} in ${apiVersion}`);
  }
  const folder = resource.namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
  return `${base}${folder}/${resource.name}/${metadata.name}`;
}

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

function resourcesIn(body: string): Resource[] {
  const list: unknown = JSON.parse(body);
  if (!isRecord(list) || !Array.isArray(list.resources)) {
    return [];
  }
  return list.resources.filter(isResource).filter(({ name }) => !name.includes("/"));
}

function isResource(value: unknown): value is Resource {
  return (
    isRecord(value) &&
    typeof value.name === "string" &&
    typeof value.kind === "string" &&
    typeof value.namespaced === "boolean"
  );
}

function isPlainObject(value: unknown): value is PlainObject {
  return (
    isRecord(value) &&
    typeof value.apiVersion === "string" &&
    typeof value.kind === "string" &&
    isRecord(value.metadata) &&
    typeof value.metadata.name === "string"
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** The message of the API server's Status, or the body itself. */
function messageOf(body: string): string {
  try {
    const status: unknown = JSON.parse(body);
    return isRecord(status) && typeof status.message === "string" ? status.message : body;
  } catch {
    return body;
  }
}
