import type { SigsciIstioIntegrationArgs } from "../../src/args/integration";
import type { AccessQuestion } from "../../src/kubernetes/rbacRules";
import { RequestFailure } from "../../src/kubernetes/requestFailure";
import { neededRights } from "../../src/preflight/rights";
import type { Right } from "../../src/preflight/rights";
import type { KnownTarget } from "../../src/preflight/subject";
import { integrationSettings } from "../../src/settings/integration";
import { storefront } from "./objects";

const keys = { site: "shop-prod", accessKeyId: "access", secretAccessKey: "secret" };
/** What is known of the component. */
export const places = {
  agent: { namespace: "sigsci" },
  istioNamespace: "istio-system",
  meshes: [{ id: "istio-system/istio" }],
};

/** The rights that a component needs. */
export function rights(
  args: Partial<SigsciIstioIntegrationArgs> = {},
  targets: KnownTarget[] = [storefront],
  meshes = places.meshes,
): Right[] {
  const settings = integrationSettings("waf", { credentials: keys, targets, ...args });
  return neededRights(settings, { ...places, meshes, targets });
}

/** A right in one line. */
export const line = ({ verb, group, resource, namespace = "", name = "*" }: AccessQuestion): string =>
  `${verb} ${group}/${resource} ${namespace}/${name}`;

/** Both verbs of an object of ours. */
export const both = (what: string, namespace: string, name = "*"): string[] => [
  `create ${what} ${namespace}/*`,
  `patch ${what} ${namespace}/${name}`,
];

/** An API server that is asked for rights. */
export interface AccessReviews {
  /** The questions so far, one line each. */
  readonly asked: string[];
  may: (question: AccessQuestion) => Promise<boolean>;
}

/** An API server that allows some questions, and has none of the rest. */
export function cluster(allows: (question: AccessQuestion) => boolean | RequestFailure): AccessReviews {
  const asked: string[] = [];
  return {
    asked,
    may: (question: AccessQuestion) =>
      Promise.resolve().then(() => {
        asked.push(line(question));
        const answer = allows(question);
        if (answer instanceof RequestFailure) {
          throw answer;
        }
        return answer;
      }),
  };
}

/** What RBAC says, where a Role grants a resource in one namespace. */
export const inNamespaces =
  (...namespaces: string[]) =>
  ({ verb, namespace }: AccessQuestion): boolean =>
    verb !== "*" && namespace !== undefined && namespaces.includes(namespace);
