import { ImagePullPolicy } from "../args/image";
import type { AgentImageArgs } from "../args/image";
import type {
  AgentArgs,
  NetworkPolicyArgs,
  ShutdownArgs,
  StartupProbeArgs,
  TemporaryVolumeArgs,
} from "../args/agent";
import type { CredentialsArgs, ExistingSecretArgs } from "../args/credentials";
import type { AgentOptionsArgs } from "../args/agentOptions";
import { SidecarForm } from "../args/sidecar";
import type { SidecarPlacementArgs } from "../args/sidecar";
import { Enforcement, Placement } from "../args/integration";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
import { AccessLogTransport, FilterPosition, GrpcInspection } from "../args/envoyFilter";
import type { CircuitBreakersArgs, EnvoyFilterArgs } from "../args/envoyFilter";
import type { BodyInspectionArgs, InspectionArgs } from "../args/inspection";
import { TargetKind, TargetRefKind, WorkloadKind } from "../args/targets";
import type {
  HeaderConditionArgs,
  InspectionRuleArgs,
  TargetArgs,
  TargetRefArgs,
  WorkloadArgs,
} from "../args/targets";
import { MeshConfigStrategy } from "../args/mesh";
import type { MeshArgs, ProviderNamesArgs } from "../args/mesh";
import { PreflightCheck } from "../args/preflight";
import type { PreflightArgs } from "../args/preflight";
import {
  flag,
  input,
  kubernetesObject,
  list,
  map,
  number,
  object,
  oneOf,
  plain,
  secretText,
  text,
  unshown,
} from "./shape";
import type { Shape } from "./shape";

const texts = list(text);
const inputText = input(text);
const inputTexts = map(inputText);

const image = object<AgentImageArgs>({
  fields: {
    repository: inputText,
    version: inputText,
    tag: inputText,
    digest: inputText,
    local: flag,
    pullPolicy: oneOf(ImagePullPolicy),
  },
});

const options = object<AgentOptionsArgs>({
  fields: {
    maxProcs: inputText,
    anonymousIpSecretKey: input(secretText),
    clientIpHeader: inputText,
    contextExpiration: inputText,
    cleanerInterval: inputText,
    uploadInterval: inputText,
    inspectionMaxContentLength: input(number),
    examineUnknownContentType: input(flag),
    customRequestHeaders: inputText,
    bypassEgressProxyForUpstreams: input(flag),
    serverHostname: inputText,
    serverFlavor: inputText,
    logOut: inputText,
    wafDataLog: inputText,
    wafDataLogAll: input(flag),
    statsdAddress: inputText,
    statsdMetrics: inputText,
    debugLogAllTheThings: input(flag),
    debugLogBlockedRequests: input(flag),
    rpcAddress: inputText,
    sharedCacheDir: inputText,
  },
});

const agent = object<AgentArgs>({
  fields: {
    name: text,
    image,
    port: number,
    replicas: number,
    expectResponseData: flag,
    options,
    extraOptions: inputTexts,
    env: unshown(list(input(kubernetesObject))),
    resources: input(kubernetesObject),
    temporaryVolume: object<TemporaryVolumeArgs>({ fields: { mountPath: text, sizeLimit: inputText } }),
    startupProbe: object<StartupProbeArgs>({
      fields: { enabled: flag, port: number, periodSeconds: number, failureThreshold: number },
    }),
    shutdown: object<ShutdownArgs>({
      fields: { preStopSleepSeconds: number, terminationGracePeriodSeconds: number },
    }),
    networkPolicy: object<NetworkPolicyArgs>({ fields: { fromNamespaces: list(inputText), toCidrs: texts } }),
    serviceAccountName: inputText,
    imagePullSecrets: list(inputText),
    priorityClassName: inputText,
    nodeSelector: inputTexts,
    tolerations: list(input(kubernetesObject)),
    affinity: input(kubernetesObject),
    podSecurityContext: input(kubernetesObject),
    podLabels: inputTexts,
    podAnnotations: inputTexts,
  },
});

const credentials = object<CredentialsArgs>({
  fields: {
    site: inputText,
    accessKeyId: input(secretText),
    secretAccessKey: input(secretText),
    existingSecret: object<ExistingSecretArgs>({
      fields: { name: inputText, accessKeyIdKey: text, secretAccessKeyKey: text },
      required: ["name"],
    }),
  },
});

const inspection = object<InspectionArgs>({
  fields: {
    timeout: text,
    failOpen: flag,
    statusOnError: number,
    body: object<BodyInspectionArgs>({
      fields: { enabled: flag, maxBytes: number, allowPartial: flag, packAsBytes: flag },
    }),
    requestHeadersToLog: texts,
    responseHeadersToLog: texts,
    responseTrailersToLog: texts,
    filterStateObjectsToLog: texts,
    logName: text,
    keepAccessLogProviders: texts,
  },
});

const mesh = object<MeshArgs>({
  fields: {
    strategy: oneOf(MeshConfigStrategy),
    istioNamespace: inputText,
    revisions: texts,
    configMapName: plain(
      text,
      "a preview refuses a patch whose name is not known yet, so it must be a plain string",
      "Name what installs Istio in the component's option dependsOn: " +
        '{ dependsOn: istiod }; the name stays "istio".',
    ),
    sharedConfigMapName: text,
    createSharedConfigMap: flag,
    checkIstiod: flag,
    patchIstiod: flag,
    clusterDomain: text,
    providerNames: object<ProviderNamesArgs>({ fields: { extAuthz: text, accessLog: text } }),
    adopt: flag,
  },
});

const envoyFilter = object<EnvoyFilterArgs>({
  fields: {
    guideCompatible: flag,
    priority: number,
    position: oneOf(FilterPosition),
    rolloutPercent: number,
    rolloutRuntimeKey: text,
    excludedPaths: texts,
    grpc: oneOf(GrpcInspection),
    failOpenHeader: flag,
    statPrefix: text,
    clearRouteCache: flag,
    includePeerCertificate: flag,
    allowedHeaders: texts,
    disallowedHeaders: texts,
    encodeRawHeaders: flag,
    accessLogTransport: oneOf(AccessLogTransport),
    logUncheckedRequests: flag,
    connectTimeout: text,
    circuitBreakers: object<CircuitBreakersArgs>({
      fields: { maxConnections: number, maxPendingRequests: number, maxRequests: number, maxRetries: number },
    }),
  },
});

const ruleFields: Record<keyof InspectionRuleArgs, Shape> = {
  paths: texts,
  notPaths: texts,
  methods: texts,
  notMethods: texts,
  hosts: texts,
  notHosts: texts,
  ports: list(number),
  notPorts: list(number),
  ipBlocks: texts,
  notIpBlocks: texts,
  remoteIpBlocks: texts,
  notRemoteIpBlocks: texts,
  headers: list(
    object<HeaderConditionArgs>({
      fields: { name: text, values: texts, notValues: texts },
      required: ["name"],
    }),
  ),
};

const identity = "an AuthorizationPolicy with action CUSTOM cannot match on identities; Istio refuses it";
const claims = "an AuthorizationPolicy with action CUSTOM cannot match on JWT claims; Istio refuses it";

/** What Istio knows but refuses in a CUSTOM policy. Source: Istio, validation of AuthorizationPolicy. */
const refusedConditions: Readonly<Record<string, string>> = {
  principals: identity,
  notPrincipals: identity,
  namespaces: "an AuthorizationPolicy with action CUSTOM cannot match on source namespaces; Istio refuses it",
  notNamespaces:
    "an AuthorizationPolicy with action CUSTOM cannot match on source namespaces; Istio refuses it",
  serviceAccounts: identity,
  notServiceAccounts: identity,
  trustDomains: identity,
  notTrustDomains: identity,
  requestPrincipals: claims,
  notRequestPrincipals: claims,
  when: "conditions other than on headers, such as JWT claims and identities, cannot be used with action CUSTOM",
};

const rule = object<InspectionRuleArgs>({ fields: ruleFields, refused: refusedConditions });

const target = object<TargetArgs>({
  fields: {
    ...ruleFields,
    name: text,
    namespace: inputText,
    kind: oneOf(TargetKind),
    matchLabels: map(text),
    workload: object<WorkloadArgs>({
      fields: { kind: oneOf(WorkloadKind), name: text },
      required: ["name"],
    }),
    targetRefs: list(
      object<TargetRefArgs>({
        fields: { kind: oneOf(TargetRefKind), name: text },
        required: ["kind", "name"],
      }),
    ),
    rules: list(rule),
  },
  required: ["name", "namespace"],
  refused: refusedConditions,
});

/** Shape of the arguments of preflight. */
export const preflightShape = object<PreflightArgs>({
  fields: {
    enabled: flag,
    kubeconfig: input(secretText),
    context: text,
    timeoutSeconds: number,
    ignore: list(oneOf(PreflightCheck)),
  },
});

/** Shape of the component's arguments. */
export const integrationShape: Shape = object<SigsciIstioIntegrationArgs>({
  fields: {
    credentials: unshown(credentials),
    targets: list(target),
    namespace: inputText,
    createNamespace: flag,
    placement: oneOf(Placement),
    enforcement: oneOf(Enforcement),
    sidecar: object<SidecarPlacementArgs>({
      fields: { form: oneOf(SidecarForm), securityContext: input(kubernetesObject) },
    }),
    agent,
    inspection,
    envoyFilter,
    mesh,
    labels: inputTexts,
    annotations: inputTexts,
    preflight: preflightShape,
    teardown: flag,
  },
  required: ["credentials", "targets"],
});
