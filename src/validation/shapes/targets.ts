import { InspectionMode } from "../../args/inspection";
import { TargetKind, TargetRefKind, WorkloadKind } from "../../args/targets";
import type {
  HeaderConditionArgs,
  InspectionRuleArgs,
  TargetArgs,
  TargetRefArgs,
  WorkloadArgs,
} from "../../args/targets";
import { dnsLabel, dnsSubdomain, labelValue, port } from "../../kubernetes/syntax";
import {
  excludedHost,
  excludedMethod,
  excludedPath,
  headerName,
  httpMethod,
  includedHost,
  includedPath,
  ipBlock,
  wildcardText,
} from "../conditionSyntax";
import type { ArgumentProblem } from "../problem";
import { checked, filled, input, list, map, number, object, oneOf, text } from "../shape";
import type { Shape } from "../shape";
import { day } from "./day";
import { keyReason } from "./labelKey";

const mostReferences = 16;

const excludedPaths = entries(
  text(excludedPath, "Start with / and use * at one end only, for example /api/*.", "/api/*"),
);
const includedPaths = entries(
  text(
    includedPath,
    "Start with / and use * at one end only, for example /api/*, in place of a template.",
    "/api/*",
  ),
);
const inCapitals = "Write the method in capitals, for example POST.";
const methods = entries(text(httpMethod, inCapitals, "POST"));
const excludedMethods = entries(text(excludedMethod, inCapitals, "POST"));
const excludedHosts = entries(
  text(
    excludedHost,
    "Write a host name; use * at one end only, for example *.example.com.",
    "shop.example.com",
  ),
);
const includedHosts = entries(
  text(
    includedHost,
    "Write a host name without a port; use * at one end only. Every port matches.",
    "shop.example.com",
  ),
);
const ports = entries(number(port, "Use 1 to 65535, the port of the container.", 8080));
const blocks = entries(
  text(ipBlock, "Write an IP address or a CIDR block, for example 10.0.0.0/8.", "10.0.0.0/8"),
);
const values = entries(text(wildcardText, "Use * at one end of a value only."));

const header = object<HeaderConditionArgs>({
  fields: {
    name: text(headerName, "Write one header name, for example content-type.", "content-type"),
    values,
    notValues: values,
  },
  required: ["name"],
  example: ["name", "values"],
});

const conditions: Record<keyof InspectionRuleArgs, Shape> = {
  paths: includedPaths,
  notPaths: excludedPaths,
  methods,
  notMethods: excludedMethods,
  hosts: includedHosts,
  notHosts: excludedHosts,
  ports,
  notPorts: ports,
  ipBlocks: blocks,
  notIpBlocks: blocks,
  remoteIpBlocks: blocks,
  notRemoteIpBlocks: blocks,
  headers: entries(checked(header, valueProblems)),
};

const identity = "an AuthorizationPolicy with action CUSTOM cannot match on identities; Istio refuses it";
const claims = "an AuthorizationPolicy with action CUSTOM cannot match on JWT claims; Istio refuses it";
const source =
  "an AuthorizationPolicy with action CUSTOM cannot match on source namespaces; Istio refuses it";

/** What Istio knows but refuses in a CUSTOM policy. Source: Istio, validation of AuthorizationPolicy. */
const refused: Readonly<Record<string, string>> = {
  principals: identity,
  notPrincipals: identity,
  namespaces: source,
  notNamespaces: source,
  serviceAccounts: identity,
  notServiceAccounts: identity,
  trustDomains: identity,
  notTrustDomains: identity,
  requestPrincipals: claims,
  notRequestPrincipals: claims,
  when: "conditions other than on headers, such as JWT claims and identities, cannot be used with action CUSTOM",
};

const objectName = text(dnsSubdomain, "Give the name of the object.", "web");

const oneNamespace = {
  reason: "a target is in one namespace",
  remedy:
    'Give one target for each namespace: [{ name: "web", namespace: "shop" }, { name: "api", namespace: "pay" }].',
};

const label = text(labelValue, "Use a valid Kubernetes label value.", "web");
const labelName = text(keyReason, "Use a valid Kubernetes label key.");

/** Shape of the labels that select pods. */
export const labelsShape = map(label, labelName, "app");

/** Shape of one target. */
export const targetShape = object<TargetArgs>({
  fields: {
    name: text(dnsLabel, "Use lower case letters, digits and hyphens.", "web"),
    namespace: input(text(dnsLabel, "Give the name of a Kubernetes namespace.", "shop")),
    kind: oneOf({ TargetKind }),
    mode: oneOf({ InspectionMode }),
    observeUntil: day,
    matchLabels: input(
      filled(
        map(input(label), labelName, "app"),
        "no label is given, which would mean every workload of the namespace",
        "Leave it out if that is meant.",
      ),
    ),
    workload: object<WorkloadArgs>({
      fields: {
        kind: oneOf({ WorkloadKind }),
        name: text(dnsSubdomain, "Give the name of the workload.", "web"),
      },
      required: ["name"],
    }),
    targetRefs: checked(
      list(
        object<TargetRefArgs>({
          fields: { kind: oneOf({ TargetRefKind }), name: objectName },
          required: ["kind", "name"],
        }),
      ),
      referenceCountProblems,
    ),
    ...conditions,
    grpcPorts: ports,
    rules: filled(
      list(object<InspectionRuleArgs>({ fields: conditions, refused })),
      "no request would be inspected",
      "Leave it out to inspect all.",
    ),
  },
  required: ["name", "namespace"],
  refused: { ...refused, namespaces: oneNamespace },
  otherNames: { labels: "matchLabels", selector: "matchLabels", podSelector: "matchLabels" },
});

function entries(entry: Shape): Shape {
  return filled(list(entry), "the list is empty", "Leave it out.");
}

function valueProblems(value: HeaderConditionArgs, path: string): ArgumentProblem[] {
  return value.values === undefined && value.notValues === undefined
    ? [
        {
          path,
          value,
          reason: "it has neither values nor notValues",
          remedy: 'Give values; ["*"] matches any value.',
        },
      ]
    : [];
}

function referenceCountProblems(value: readonly TargetRefArgs[], path: string): ArgumentProblem[] {
  return value.length === 0 || value.length > mostReferences
    ? [
        {
          path,
          value,
          reason: `Istio takes 1 to ${mostReferences} references`,
          remedy: "Split it into several targets, or leave it out.",
        },
      ]
    : [];
}
