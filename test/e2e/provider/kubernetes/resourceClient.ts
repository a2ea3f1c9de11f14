import { isObject, type JsonObject } from "../values";
import { hasReason, type ApiClient } from "./apiClient";
import { apiVersionOf, at, gvkOf, namespaceOf, stringAt, type GroupVersionKind } from "./objects";

/** Thrown when the API server does not serve a kind. */
export class NoMatchError extends Error {
  constructor(gvk: GroupVersionKind) {
    super(`no matches for kind "${gvk.kind}" in version "${apiVersionOf(gvk)}"`);
  }
}

/** How the API server serves a kind. */
interface Served {
  readonly plural: string;
  readonly namespaced: boolean;
}

/** Options of a server-side apply. */
export interface ApplyOptions {
  readonly fieldManager: string;
  readonly force: boolean;
  readonly dryRun: boolean;
}

/** Finds out how kinds are served and reaches single objects of any kind. */
export class ResourceClients {
  private readonly discovered = new Map<string, Promise<Map<string, Served>>>();

  constructor(private readonly api: ApiClient) {}

  /** Forgets what was discovered: needed after a CustomResourceDefinition was created. */
  reset(): void {
    this.discovered.clear();
  }

  /**
   * True when objects of the kind live in a namespace.
   * @throws NoMatchError when the kind is not served
   */
  async isNamespaced(gvk: GroupVersionKind): Promise<boolean> {
    return (await this.served(gvk)).namespaced;
  }

  /** True when the API server serves the kind. */
  async exists(gvk: GroupVersionKind): Promise<boolean> {
    try {
      await this.served(gvk);
      return true;
    } catch (error) {
      if (error instanceof NoMatchError) {
        return false;
      }
      throw error;
    }
  }

  /**
   * Access to the objects of one kind in the namespace of the given object ("default" when it names none).
   * @throws NoMatchError when the kind is not served
   */
  async forObject(object: JsonObject): Promise<ResourceClient> {
    return this.forKind(gvkOf(object), namespaceOf(object));
  }

  /** The same for a kind and a namespace. */
  async forKind(gvk: GroupVersionKind, namespace: string): Promise<ResourceClient> {
    const { plural, namespaced } = await this.served(gvk);
    const scope = namespaced ? `/namespaces/${namespace === "" ? "default" : namespace}` : "";
    return new ResourceClient(this.api, `${rootOf(gvk)}${scope}/${plural}`);
  }

  private async served(gvk: GroupVersionKind): Promise<Served> {
    const root = rootOf(gvk);
    let list = this.discovered.get(root);
    if (!list) {
      list = this.discover(root);
      this.discovered.set(root, list);
    }
    const found = (await list).get(gvk.kind);
    if (found) {
      return found;
    }
    // A definition may have arrived since; a negative answer is never kept.
    this.discovered.delete(root);
    throw new NoMatchError(gvk);
  }

  private async discover(root: string): Promise<Map<string, Served>> {
    const result = new Map<string, Served>();
    try {
      const { resources } = await this.api.send({ method: "GET", path: root });
      for (const resource of Array.isArray(resources) ? resources : []) {
        const plural = stringAt(resource, "name");
        // A slash marks a subresource such as `deployments/status`.
        if (plural === "" || plural.includes("/")) {
          continue;
        }
        result.set(stringAt(resource, "kind"), { plural, namespaced: at(resource, "namespaced") === true });
      }
    } catch (error) {
      if (!hasReason(error, "NotFound") && !isPlainNotFound(error)) {
        throw error;
      }
    }
    return result;
  }
}

/** Reaches the objects of one kind in one scope. All methods throw StatusError with the server's text. */
export class ResourceClient {
  constructor(
    private readonly api: ApiClient,
    private readonly path: string,
  ) {}

  get(name: string): Promise<JsonObject> {
    return this.api.send({ method: "GET", path: `${this.path}/${name}` });
  }

  async list(): Promise<JsonObject[]> {
    const { items } = await this.api.send({ method: "GET", path: this.path });
    return (Array.isArray(items) ? items : []).filter((item) => isObject(item));
  }

  create(body: JsonObject, fieldManager: string, dryRun: boolean): Promise<JsonObject> {
    return this.api.send({ method: "POST", path: this.path, query: writeQuery(fieldManager, dryRun), body });
  }

  replace(name: string, body: JsonObject, fieldManager: string, dryRun: boolean): Promise<JsonObject> {
    const query = writeQuery(fieldManager, dryRun);
    return this.api.send({ method: "PUT", path: `${this.path}/${name}`, query, body });
  }

  /** Server-side apply. */
  apply(name: string, body: JsonObject, options: ApplyOptions): Promise<JsonObject> {
    return this.api.send({
      method: "PATCH",
      path: `${this.path}/${name}`,
      query: { ...writeQuery(options.fieldManager, options.dryRun), force: String(options.force) },
      // JSON is YAML, so the body needs no other form than everywhere else.
      contentType: "application/apply-patch+yaml",
      body,
    });
  }

  jsonPatch(name: string, operations: JsonObject[]): Promise<JsonObject> {
    const contentType = "application/json-patch+json";
    return this.api.send({ method: "PATCH", path: `${this.path}/${name}`, contentType, body: operations });
  }

  delete(name: string, propagationPolicy: string): Promise<JsonObject> {
    return this.api.send({ method: "DELETE", path: `${this.path}/${name}`, query: { propagationPolicy } });
  }
}

function writeQuery(fieldManager: string, dryRun: boolean): Record<string, string> {
  return { fieldManager, fieldValidation: "Warn", ...(dryRun ? { dryRun: "All" } : {}) };
}

function rootOf(gvk: GroupVersionKind): string {
  return gvk.group === "" ? `/api/${gvk.version}` : `/apis/${gvk.group}/${gvk.version}`;
}

function isPlainNotFound(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("404 page not found");
}
