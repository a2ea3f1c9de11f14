import { isRecord } from "../../pulumi/inputs";
import { Refusal } from "../../offline/refusal";

/** A request to the API server, in the words of its roles. */
export interface ApiRequest {
  readonly verb: "get" | "list" | "patch";
  /** Plural name of the resource. */
  readonly resource: string;
  /** Group of the API; empty for the core. */
  readonly group: string;
  /** undefined for all namespaces. */
  readonly namespace?: string;
  /** Name of the object; undefined for a list. */
  readonly name?: string;
}

/**
 * HTTP status of a refused request; undefined when there was no answer.
 *
 * @param error - What the client threw.
 */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "number" ? error.code : undefined;
}

/**
 * The failure of a request for people: what, why and the way out.
 *
 * @param error - What the client threw.
 * @param request - What was asked.
 * @param server - URL of the API server.
 */
export function clusterRefusal(error: unknown, request: ApiRequest, server: string): Refusal {
  const { verb, resource, namespace, name } = request;
  const where = namespace === undefined ? "in all namespaces" : `in namespace ${namespace}`;
  const what = `${verb} ${resource}${name === undefined ? "" : `/${name}`} ${where}`;
  switch (statusOf(error)) {
    case undefined:
      return new Refusal(`cannot reach ${server}: ${reasonOf(error)}. Check --context and --kubeconfig.`);
    case 401:
      return new Refusal(`${server} does not know you (401). Log in again, or choose another --context.`);
    case 403:
      return new Refusal(`no permission: ${what}. ${ruleFor(request)}`);
    case 404:
      return new Refusal(
        `${what}: there is none. \`kubectl get configmaps -n ${namespace ?? ""}\` lists those of Istio; choose ` +
          "with --namespace, --revision or --config-map.",
      );
    default:
      return new Refusal(`${what}: ${reasonOf(error)}`);
  }
}

/** In flow style, which stays valid YAML however its lines are broken. */
function ruleFor({ verb, resource, group, namespace, name }: ApiRequest): string {
  const role = namespace === undefined ? "a ClusterRole" : `a Role in namespace ${namespace}`;
  const names = name === undefined ? "" : `resourceNames: ["${name}"], `;
  return (
    `Ask for ${role} with this rule:\n` +
    `{ apiGroups: ["${group}"], resources: ["${resource}"], ${names}verbs: ["${verb}"] }`
  );
}

/** The message of the API server's Status, or of the error. */
function reasonOf(error: unknown): string {
  const body = error instanceof Error && "body" in error ? error.body : undefined;
  const status = typeof body === "string" ? parsed(body) : body;
  if (isRecord(status) && typeof status.message === "string") {
    return status.message;
  }
  return error instanceof Error ? error.message : String(error);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
