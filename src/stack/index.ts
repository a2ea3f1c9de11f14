import * as pulumi from "@pulumi/pulumi";
import { SigsciIstioIntegration } from "../index";
import type {
  AgentArgs,
  Enforcement,
  EnvoyFilterArgs,
  ExistingSecretArgs,
  InspectionArgs,
  MeshArgs,
  Placement,
  PreflightArgs,
  SidecarPlacementArgs,
  TargetArgs,
} from "../index";
import { refuseUnknownKeys } from "./configurationKeys";

// The root stack of a clone: the component's arguments are configuration keys of the same names. What `--path` stores
// may be of any type; the component checks every argument at run time and names the ones it refuses.
const config = new pulumi.Config();
refuseUnknownKeys(Object.keys(pulumi.runtime.allConfig()), config.name);

const existingSecret = config.getObject<ExistingSecretArgs>("existingSecret");

const waf = new SigsciIstioIntegration(config.get("name") ?? "waf", {
  credentials:
    existingSecret === undefined
      ? {
          site: config.require("site"),
          accessKeyId: config.requireSecret("accessKeyId"),
          secretAccessKey: config.requireSecret("secretAccessKey"),
        }
      : {
          existingSecret,
          site: config.get("site"),
          accessKeyId: config.getSecret("accessKeyId"),
          secretAccessKey: config.getSecret("secretAccessKey"),
        },
  targets: config.requireObject<TargetArgs[]>("targets"),
  namespace: config.get("namespace"),
  createNamespace: config.getBoolean("createNamespace"),
  placement: config.get<Placement>("placement"),
  enforcement: config.get<Enforcement>("enforcement"),
  sidecar: config.getObject<SidecarPlacementArgs>("sidecar"),
  agent: config.getObject<AgentArgs>("agent"),
  inspection: config.getObject<InspectionArgs>("inspection"),
  envoyFilter: config.getObject<EnvoyFilterArgs>("envoyFilter"),
  mesh: config.getObject<MeshArgs>("mesh"),
  preflight: config.getObject<PreflightArgs>("preflight"),
  labels: config.getObject<Record<string, string>>("labels"),
  annotations: config.getObject<Record<string, string>>("annotations"),
  teardown: config.getBoolean("teardown"),
});

// Empty where Pulumi would warn of a stack output that is undefined.
export const namespace = waf.namespace.apply((name) => name ?? "");
export const serviceHost = waf.serviceHost;
export const servicePort = waf.servicePort;
export const secretName = waf.secretName;
export const providerNames = pulumi
  .all([waf.extAuthzProviderName, waf.accessLogProviderName])
  .apply((names) => names.filter((name) => name !== undefined));
export const extensionProviders = waf.extensionProviders;
export const meshConfigMaps = waf.meshConfigMaps;
export const authorizationPolicies = waf.authorizationPolicies;
export const telemetries = waf.telemetries;
export const envoyFilters = waf.envoyFilters;
export const coverage = waf.coverage;
export const notInspected = waf.notInspected;
export const helmValuesYaml = waf.helmValuesYaml.apply((text) => text ?? "");
