import fc from "fast-check";
import type { ExtensionProvider } from "../../src/mesh/extensionProvider";
import { ownerAnnotation, ownerMark } from "../../src/kubernetes/ownership";
import type { Annotations } from "../../src/kubernetes/ownership";
import type { MeshConfigMap, MeshContribution } from "../../src/mesh/planMeshEdit";
import { extensionProviders } from "./text/meshTexts";

/** A small external authorizer. */
export function authorizer(name: string, timeout = "200ms"): ExtensionProvider {
  return { name, envoyExtAuthzGrpc: { service: "waf.sigsci.svc", port: 9999, timeout, failOpen: true } };
}

/** What the component `shop/prod/waf` with id `0a1b` wants, unless told otherwise. */
export function contribution(
  providers: readonly ExtensionProvider[],
  given: Partial<MeshContribution> = {},
): MeshContribution {
  const owner = { component: "shop/prod/waf", id: "0a1b" };
  return { owner, providers, adopt: false, teardown: false, ...given };
}

/** The ConfigMap `istio-system/istio`. */
export function meshConfigMap(text: string | undefined, annotations: Annotations = {}): MeshConfigMap {
  return { id: "istio-system/istio", text, annotations };
}

/** Annotations that give providers to the component of a contribution. */
export function marksOf({ owner }: MeshContribution, ...providers: string[]): Record<string, string> {
  return Object.fromEntries(providers.map((name) => [ownerAnnotation(name), ownerMark(owner)]));
}

/** The lines of a small external authorizer in a mesh text. */
export function entryLines(name: string, timeout = "200ms"): string[] {
  return [
    `- name: ${name}`,
    "  envoyExtAuthzGrpc:",
    "    service: waf.sigsci.svc",
    "    port: 9999",
    `    timeout: ${timeout}`,
    "    failOpen: true",
  ];
}

/** Annotations that hold the definitions of small external authorizers. */
export function definitions(...names: string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => [
      `entry.pulumi-sigsci-istio/${name}`,
      `{"name":"${name}","envoyExtAuthzGrpc":{"service":"waf.sigsci.svc","port":9999,"timeout":"200ms","failOpen":true}}`,
    ]),
  );
}

/** One to three providers with different names. */
export const providerLists: fc.Arbitrary<ExtensionProvider[]> = fc.uniqueArray(extensionProviders, {
  minLength: 1,
  maxLength: 3,
  selector: (one) => one.name,
});
