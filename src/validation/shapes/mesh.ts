import { MeshConfigStrategy } from "../../args/mesh";
import type { MeshArgs, ProviderNamesArgs } from "../../args/mesh";
import { dnsLabel, dnsSubdomain } from "../../kubernetes/syntax";
import type { ArgumentProblem } from "../problem";
import { checked, filled, flag, input, list, object, oneOf, plain, text } from "../shape";

/** Providers that istiod defines itself. Source: Istio, default mesh configuration. */
const builtInProviders: readonly string[] = ["prometheus", "stackdriver", "envoy"];

const configMap = text(dnsSubdomain, "Give the name of the ConfigMap.", "istio");
const provider = text(
  providerName,
  "Use lower case letters, digits and hyphens, at most 63.",
  "waf-ext-authz",
);
const revision = text(dnsLabel, 'Give a revision name, "default" for the unnamed one.', "default");

/** Shape of the mesh arguments. */
export const meshShape = object<MeshArgs>({
  fields: {
    strategy: oneOf({ MeshConfigStrategy }),
    istioNamespace: input(text(dnsLabel, "Give the namespace of istiod.", "istio-system")),
    revisions: filled(checked(list(revision), listedTwice), "no revision is listed", "List at least one."),
    configMapName: plain(
      configMap,
      "a preview refuses a patch whose name is not known yet, so it must be a plain string",
      "Name what installs Istio in the component's option dependsOn: " +
        '{ dependsOn: istiod }; the name stays "istio".',
    ),
    sharedConfigMapName: configMap,
    createSharedConfigMap: flag,
    checkIstiod: flag,
    patchIstiod: flag,
    clusterDomain: text(dnsSubdomain, "Give a DNS name, for example cluster.local.", "cluster.local"),
    providerNames: object<ProviderNamesArgs>({ fields: { extAuthz: provider, accessLog: provider } }),
    adopt: flag,
  },
  example: ["strategy"],
});

function providerName(name: string): string | undefined {
  return builtInProviders.includes(name) ? "Istio defines a provider of this name itself" : dnsLabel(name);
}

function listedTwice(values: readonly string[], path: string): ArgumentProblem[] {
  return values.flatMap((value, index) =>
    values.indexOf(value) < index
      ? [{ path: `${path}[${index}]`, value, reason: "it is listed twice", remedy: "List it once." }]
      : [],
  );
}
