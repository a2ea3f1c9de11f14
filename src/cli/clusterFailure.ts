import { Refusal } from "../offline/refusal";
import { KubeconfigError } from "../kubernetes/kubeconfig";
import { describeRule } from "../kubernetes/rbacRules";
import type { RequestFailure } from "../kubernetes/requestFailure";

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

/** The failure of a request for people: what, why and the way out. */
export function clusterRefusal(failure: RequestFailure, request: ApiRequest, server: string): Refusal {
  const { verb, resource, namespace, name } = request;
  const where = namespace === undefined ? "in all namespaces" : `in namespace ${namespace}`;
  const what = `${verb} ${resource}${name === undefined ? "" : `/${name}`} ${where}`;
  switch (failure.status) {
    case undefined:
      return new Refusal(`cannot reach ${server}: ${failure.message}. Check --context and --kubeconfig.`);
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
      return new Refusal(`${what}: ${failure.reason ?? failure.message}`);
  }
}

/** In flow style, which stays valid YAML however its lines are broken. */
function ruleFor({ verb, resource, group, namespace, name }: ApiRequest): string {
  const role = namespace === undefined ? "a ClusterRole" : `a Role in namespace ${namespace}`;
  const names = name === undefined ? [] : [name];
  const rule = describeRule({ group, resources: [resource], names, verbs: [verb] });
  return `Ask for ${role} with this rule:\n${rule}`;
}

/**
 * A kubeconfig that cannot be used, for people who can choose another one.
 *
 * @param flag - What a command takes in place of a cluster, for example `--file`.
 */
export function kubeconfigRefusal(
  { problem, message, contexts }: KubeconfigError,
  { kubeconfig }: { kubeconfig?: string },
  flag?: string,
): Refusal {
  const orElse = flag === undefined ? "" : `, or use ${flag}`;
  const { inUse } = contexts;
  const others = contexts.all.filter((name) => name !== inUse);
  const wayOut =
    others.length === 0
      ? "Choose another file with --kubeconfig."
      : `Choose one with --context: ${others.join(", ")}.`;
  const file = `cannot read the kubeconfig${kubeconfig === undefined ? "" : ` ${kubeconfig}`}`;
  switch (problem) {
    case "no client":
      return new Refusal(`access to a cluster needs Node 20.19 or newer. Use a newer Node${orElse}.`);
    case "missing":
      return new Refusal(`${file}: there is none. Choose one with --kubeconfig${orElse}.`);
    case "unreadable":
      return new Refusal(`${file}: it is no kubeconfig`);
    case "no current context":
      return new Refusal(`${message}. ${wayOut}`);
    case "no context":
      return new Refusal(`the kubeconfig has no context ${inUse}. ${wayOut}`);
    case "no cluster":
      return new Refusal(`the kubeconfig has no cluster for its context ${inUse}. ${wayOut}`);
    default:
      return new Refusal(message);
  }
}
