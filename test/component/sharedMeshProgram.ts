import { parse } from "yaml";
import { MeshConfigStrategy } from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import type { Recording, RecordOptions } from "../../src/offline/recording";
import { named, recordComponent, smallest } from "./program";

/** Arguments of the strategy Shared. */
export const shared: Partial<SigsciIstioIntegrationArgs> = { mesh: { strategy: MeshConfigStrategy.Shared } };
/** Logical name of the shared ConfigMap. */
export const base = "sigsci-istio-sigsci-mesh-config";
/** Names of the providers of component `waf`. */
export const waf = ["waf-access-log", "waf-ext-authz"];
/** Arguments of a second component. */
export const pay = {
  ...smallest,
  ...shared,
  namespace: "sigsci-pay",
  targets: [{ name: "pay", namespace: "pay" }],
};

/** What the simulated cluster has. */
export interface Live {
  /** Variables of istiod, by the id of its Deployment. */
  istiods?: Record<string, object[]>;
  /** What the container of istiod reads its variables from. */
  envFrom?: object[];
  /** Annotations of the Deployments. */
  annotations?: Record<string, string>;
  /** The shared ConfigMap by id, when it is not the one that the program has just made. */
  configMaps?: Record<string, { mesh?: string; annotations?: Record<string, string> }>;
}

/** The list `env` with the variable. */
export const variable = (value = "sigsci-mesh-config"): object[] => [{ name: "SHARED_MESH_CONFIG", value }];

/** Answers reads of istiod and of the shared ConfigMap; everything else does not exist. */
export const reads =
  ({
    istiods = { "istio-system/istiod": variable() },
    annotations,
    envFrom,
    configMaps = {},
  }: Live = {}): NonNullable<RecordOptions["reads"]> =>
  (type, id) => {
    const [namespace, name] = id.split("/");
    const metadata = { namespace, name, resourceVersion: "9" };
    const env = type === "kubernetes:apps/v1:Deployment" ? istiods[id] : undefined;
    if (env !== undefined) {
      const container = { name: "discovery", env, ...(envFrom && { envFrom }) };
      const spec = { replicas: 1, template: { spec: { containers: [container] } } };
      return { apiVersion: "apps/v1", kind: "Deployment", metadata: { ...metadata, annotations }, spec };
    }
    const found = type === "kubernetes:core/v1:ConfigMap" ? configMaps[id] : undefined;
    const data = found?.mesh === undefined ? {} : { data: { mesh: found.mesh } };
    return found && { apiVersion: "v1", kind: "ConfigMap", metadata: { ...metadata, ...found }, ...data };
  };

/** Runs a program with one component `waf`, whose istiod reads the shared ConfigMap unless told otherwise. */
export const record = (
  args: Partial<SigsciIstioIntegrationArgs> = {},
  options: RecordOptions = {},
): Promise<Recording> => recordComponent({ ...shared, ...args }, { reads: reads(), ...options });

/** What a component writes into the shared ConfigMap. */
export interface Written {
  metadata: { name: string; namespace: string; annotations: Record<string, string> };
  data: { mesh: string };
}

/** The patch of the shared ConfigMap. The recorder echoes what the component registers; the tests assert its fields. */
export const written = (recording: Recording, name = "waf-mesh-shared"): Written =>
  named(recording, name).inputs as unknown as Written;

/** Names of the providers in a mesh text, sorted. */
export const providersIn = (text: string): string[] => {
  const config = parse(text) as { extensionProviders: { name: string }[] | null };
  return (config.extensionProviders ?? []).map(({ name }) => name).sort();
};
