import type { RecordedResource } from "../offline/recordedResource";
import { redact } from "../offline/secretValue";

/** What a component leaves to whoever installs Istio. */
export interface ExternalMesh {
  /** logical name of the component */
  readonly component: string;
  /** the values of Istio's Helm chart, as YAML */
  readonly helmValues: string;
}

/** Type token of the component. */
export const COMPONENT_TYPE = "sigsci-istio:index:SigsciIstioIntegration";

/** The components that write no mesh config although their policies need it, with the values that they need. */
export function findExternalMeshes(resources: readonly RecordedResource[]): ExternalMesh[] {
  return resources
    .filter(({ type }) => type === COMPONENT_TYPE)
    .flatMap(({ name, outputs }) => {
      const { helmValuesYaml, meshConfigMaps } = outputs;
      const edited = redact(meshConfigMaps);
      const helmValues = redact(helmValuesYaml);
      return typeof helmValues === "string" && Array.isArray(edited) && edited.length === 0
        ? [{ component: name, helmValues }]
        : [];
    });
}
