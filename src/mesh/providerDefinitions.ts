import { stringify } from "yaml";
import type { ExtensionProvider } from "./extensionProvider";

/** Values of Istio's Helm chart `istiod`, as far as they are ours. */
export interface MeshHelmValues {
  /** The mesh configuration. */
  meshConfig: { extensionProviders: ExtensionProvider[] };
}

/** The providers in the form in which an installation of Istio takes them. */
export interface ExtensionProviderDefinitions {
  /** The entries as plain data. */
  extensionProviders: ExtensionProvider[];
  /** The entries as a YAML list. */
  extensionProvidersYaml: string;
  /**
   * Values for the Helm chart `istiod`. Helm replaces lists and never merges them: an installation with providers of
   * its own lists them beside these.
   */
  helmValues: MeshHelmValues;
  /** `helmValues` as YAML. The Sail operator's resource `Istio` takes the same below `spec.values`. */
  helmValuesYaml: string;
  /** An IstioOperator overlay for `istioctl install -f`. */
  istioOperatorYaml: string;
}

/** Writes providers in the form in which an installation of Istio takes them. */
export function definitionsOf(extensionProviders: ExtensionProvider[]): ExtensionProviderDefinitions {
  const helmValues = { meshConfig: { extensionProviders } };
  const operator = {
    apiVersion: "install.istio.io/v1alpha1",
    kind: "IstioOperator",
    spec: { meshConfig: { extensionProviders } },
  };
  return {
    extensionProviders,
    extensionProvidersYaml: yamlText(extensionProviders),
    helmValues,
    helmValuesYaml: yamlText(helmValues),
    istioOperatorYaml: yamlText(operator),
  };
}

/** Helm and Istio read YAML 1.1, where words such as `on` and `yes` need quotes. */
function yamlText(value: unknown): string {
  return stringify(value, { version: "1.1", lineWidth: 0, indentSeq: false, aliasDuplicateObjects: false });
}
