import { isRecord } from "../../pulumi/inputs";
import { at, textAt } from "../../kubernetes/liveObject";

/** A file that is no mesh text and no mesh ConfigMap, although a mesh configuration may be in it. */
export interface ForeignFile {
  /** What it is, for example `Helm values (key meshConfig)`. */
  readonly what: string;
  /** Where the entries go there, in full sentences. */
  readonly remedy: string;
}

// Top-level keys of Istio's charts that are no fields of a mesh configuration. Source: Istio, charts base and istiod.
const chartKeys = new Set(
  (
    "_internal_defaults_do_not_edit autoscaleEnabled autoscaleMax autoscaleMin base defaultRevision defaults env gateways " +
    "global hub image istio_cni istiodRemote meshConfig ownerName pilot profile replicaCount resources revision " +
    "revisionTags sidecarInjectorWebhook tag telemetry ztunnel"
  ).split(" "),
);

// Source: Istio, MeshConfig in mesh/v1alpha1/config.proto of its API.
const meshFields = new Set(
  (
    "accessLogEncoding accessLogFile accessLogFormat ca caCertificates certificates configSources connectTimeout " +
    "defaultConfig defaultDestinationRuleExportTo defaultHttpRetryPolicy defaultProviders defaultServiceExportTo " +
    "defaultTrafficPolicy defaultVirtualServiceExportTo disableEnvoyListenerLog discoverySelectors dnsRefreshRate " +
    "enableAutoMtls enableEnvoyAccessLogService enablePrometheusMerge enableTracing extensionProviders h2UpgradePolicy " +
    "hboneIdleTimeout inboundClusterStatName inboundTrafficPolicy ingressClass ingressControllerMode ingressSelector " +
    "ingressService localityLbSetting meshMTLS outboundClusterStatName outboundTrafficPolicy pathNormalization " +
    "protocolDetectionTimeout proxyHttpPort proxyInboundListenPort proxyListenPort rootNamespace " +
    "serviceEntryVisibility serviceScopeConfigs serviceSettings tcpKeepalive tlsDefaults trustDomain " +
    "trustDomainAliases verifyCertificateAtClient zoneAwareLbSetting"
  )
    .split(" ")
    .map(plain),
);

/** Istio takes a field's name with underscores too. */
function plain(field: string): string {
  return field.replaceAll("_", "").toLowerCase();
}

/** Where the entries go in the objects from which Istio is installed, and the output that holds them in that form. */
const installations: Readonly<Record<string, readonly [what: string, path: string, output: string]>> = {
  IstioOperator: ["an IstioOperator", "spec.meshConfig", "istioOperatorYaml"],
  HelmRelease: ["a HelmRelease of Flux", "spec.values.meshConfig", "helmValuesYaml"],
  HelmChart: ["a HelmChart of k3s", "spec.valuesContent, below meshConfig", "helmValuesYaml"],
  Application: ["an Application of Argo CD", "the values of its chart, below meshConfig", "helmValuesYaml"],
  Istio: ["an Istio resource of the Sail operator", "spec.values.meshConfig", "helmValuesYaml"],
  IstioRevision: ["an IstioRevision of the Sail operator", "spec.values.meshConfig", "helmValuesYaml"],
  ServiceMeshControlPlane: ["a ServiceMeshControlPlane", "spec.techPreview.meshConfig", "helmValuesYaml"],
};

/**
 * Recognises by its shape a YAML document that must not be taken for a mesh text: entries written at its top would be
 * ignored, or would break it.
 *
 * @param document - As plain data.
 * @returns undefined for a mesh text, and for every object of another kind.
 */
export function foreignFile(document: unknown): ForeignFile | undefined {
  if (Array.isArray(document)) {
    return document.some((item) => at(item, "op") !== undefined && at(item, "path") !== undefined)
      ? patch("a JSON patch")
      : undefined;
  }
  if (!isRecord(document)) {
    return undefined;
  }
  const kind = textAt(document, "kind");
  if (kind !== undefined) {
    return byKind(kind);
  }
  if (isRecord(at(document, "spec", "meshConfig"))) {
    return installation("an IstioOperator without kind", "spec.meshConfig", "istioOperatorYaml");
  }
  if (isRecord(at(document, "spec", "values", "meshConfig"))) {
    return installation("a patch of Helm values", "spec.values.meshConfig", "helmValuesYaml");
  }
  if (["data", "spec", "metadata"].some((key) => isRecord(document[key]))) {
    return patch("a patch without kind");
  }
  if (["resources", "patches", "configMapGenerator"].some((key) => Array.isArray(document[key]))) {
    return byKind("Kustomization");
  }
  return helmValues(document);
}

function byKind(kind: string): ForeignFile | undefined {
  if (kind === "Kustomization") {
    return patch("a Kustomization");
  }
  const found = Object.hasOwn(installations, kind) ? installations[kind] : undefined;
  return found && installation(...found);
}

function helmValues(document: Readonly<Record<string, unknown>>): ForeignFile | undefined {
  const keys = Object.keys(document);
  const own = keys.find((key) => chartKeys.has(key));
  if (own !== undefined) {
    const key = "meshConfig" in document ? "meshConfig" : own;
    return installation(`Helm values (key ${key})`, "meshConfig", "helmValuesYaml");
  }
  // Of a chart that has istiod's as a part.
  const part = keys.find((key) => isRecord(at(document, key, "meshConfig")));
  if (part !== undefined) {
    return installation(`Helm values (key ${part}.meshConfig)`, `${part}.meshConfig`, "helmValuesYaml");
  }
  // A field that is not known, of a newer Istio, stands beside known ones.
  return keys.length === 0 || keys.some((key) => meshFields.has(plain(key)))
    ? undefined
    : otherValues(document, keys);
}

function otherValues(document: Readonly<Record<string, unknown>>, keys: readonly string[]): ForeignFile {
  for (const key of keys) {
    const inner = document[key];
    const own = isRecord(inner) ? Object.keys(inner).find((one) => chartKeys.has(one)) : undefined;
    if (own !== undefined) {
      return installation(`Helm values (key ${key}.${own})`, `${key}.meshConfig`, "helmValuesYaml");
    }
  }
  const { remedy } = patch("");
  return {
    what: `${keys.length === 1 ? "the key" : "the keys"} ${keys.slice(0, 5).join(", ")}${keys.length > 5 ? ", …" : ""}`,
    remedy: `A mesh configuration has keys such as defaultConfig and rootNamespace. ${remedy}`,
  };
}

function installation(what: string, path: string, output: string): ForeignFile {
  return {
    what,
    remedy:
      `There the entries go to ${path}.extensionProviders: take them from the component's output ${output}, and set ` +
      "`mesh: { strategy: MeshConfigStrategy.External }`, which leaves the mesh ConfigMap to the installation.",
  };
}

function patch(what: string): ForeignFile {
  return {
    what,
    remedy:
      "Give the whole ConfigMap (apiVersion: v1, kind: ConfigMap, with the text under data.mesh), or that text alone; the " +
      "entries go to extensionProviders in it.",
  };
}

/** What is said of a file in which there is nothing else. */
export function foreignFileMessage(label: string, { what, remedy }: ForeignFile): string {
  return `${label} holds ${what}, not a mesh configuration. ${remedy}`;
}
