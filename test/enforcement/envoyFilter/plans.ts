import type { InspectionArgs } from "../../../src/args/inspection";
import { inspectionSettings } from "../../../src/settings/inspection";
import type { InspectionRuleArgs } from "../../../src/args/targets";
import { localAgent } from "../../../src/enforcement/envoyFilter/agentAddress";
import type { AgentAddress } from "../../../src/enforcement/envoyFilter/agentAddress";
import { AccessLogTransport, FilterPosition, GrpcInspection } from "../../../src/args/envoyFilter";
import type { EnvoyFilterArgs } from "../../../src/args/envoyFilter";
import type { EnvoyFilterPlan } from "../../../src/enforcement/envoyFilter/envoyFilterSpec";
import { BodyMode } from "../../../src/args/externalProcessing";
import type { ExternalProcessingArgs } from "../../../src/args/externalProcessing";
import { externalProcessingSettings } from "../../../src/settings/externalProcessing";
import { envoyFilterSettings } from "../../../src/settings/envoyFilter";

/** What a test changes about a plan. */
export interface PlanChanges {
  name?: string;
  args?: EnvoyFilterArgs;
  inspection?: InspectionArgs;
  rules?: InspectionRuleArgs[];
  grpcPorts?: number[];
  agent?: AgentAddress;
  workloads?: EnvoyFilterPlan["workloads"];
  context?: EnvoyFilterPlan["context"];
  /** Asks by external processing. */
  processing?: ExternalProcessingArgs;
  observed?: boolean;
  responseData?: boolean;
}

/** The agent of component `waf` behind a Service. */
export const serviceAgent: AgentAddress = {
  place: "service",
  host: "sigsci-agent.sigsci.svc.cluster.local",
  port: 9999,
};

/** A plan for pods labelled `app: web` with the agent of component `waf` in the pod, apart from the changes. */
export function planOf(changes: PlanChanges = {}): EnvoyFilterPlan {
  return {
    name: changes.name ?? "web",
    workloads: changes.workloads ?? { labels: { app: "web" } },
    context: changes.context ?? "SIDECAR_INBOUND",
    rules: changes.rules ?? [{}],
    grpcPorts: changes.grpcPorts ?? [],
    agent: changes.agent ?? localAgent(9999),
    inspection: inspectionSettings(changes.inspection),
    settings: envoyFilterSettings(changes.args),
    processing: changes.processing && externalProcessingSettings(changes.processing),
    observed: changes.observed ?? false,
    responseData: changes.responseData ?? true,
  };
}

const everyCondition: InspectionRuleArgs = {
  paths: ["/", "/api/*", "*.html", "*"],
  notPaths: ["/healthz", "/v1/{*}/items/{**}"],
  methods: ["POST", "P*"],
  notMethods: ["OPTIONS", "*"],
  hosts: ["shop.example.com", "*.example.com", "shop.*", "*"],
  notHosts: ["internal.example.com"],
  ports: [8080],
  notPorts: [9090],
  ipBlocks: ["10.0.0.0/8", "2001:db8::/32"],
  notIpBlocks: ["10.1.2.3"],
  remoteIpBlocks: ["192.0.2.1", "::1"],
  notRemoteIpBlocks: ["198.51.100.0/24"],
  headers: [{ name: "X-Inspect", values: ["yes*", "*"], notValues: ["no"] }],
};

const everyArgument: EnvoyFilterArgs = {
  priority: -5,
  position: FilterPosition.BeforeRouter,
  rolloutPercent: 12.5,
  rolloutRuntimeKey: "waf.share",
  excludedPaths: ["/healthz", "/static/*", "*.css", "/users/{*}/avatar"],
  grpc: GrpcInspection.HeadersOnly,
  failOpenHeader: true,
  statPrefix: "waf",
  clearRouteCache: true,
  includePeerCertificate: true,
  allowedHeaders: ["User-Agent", "x-*"],
  disallowedHeaders: ["authorization"],
  encodeRawHeaders: true,
  accessLogTransport: AccessLogTransport.GoogleGrpc,
  logUncheckedRequests: true,
  connectTimeout: "1s",
  circuitBreakers: { maxConnections: 1, maxPendingRequests: 2, maxRequests: 3, maxRetries: 4 },
};

const gateway = {
  context: "GATEWAY",
  workloads: { targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "public" }] },
} as const;

/** One plan for each form that an EnvoyFilter can take; other programs judge them. */
export const variants: Readonly<Record<string, PlanChanges>> = {
  defaults: {},
  "every-argument": {
    args: everyArgument,
    grpcPorts: [9000],
    inspection: {
      timeout: "1m30.5s",
      failOpen: true,
      statusOnError: 503,
      body: { maxBytes: 1024, allowPartial: false, packAsBytes: false },
      requestHeadersToLog: ["User-Agent"],
      responseHeadersToLog: [],
      responseTrailersToLog: ["grpc-status"],
      filterStateObjectsToLog: ["upstream_peer"],
      logName: "waf",
    },
  },
  "every-condition": { rules: [everyCondition, { paths: ["/login"] }] },
  "every-condition-grpc": { rules: [everyCondition, { paths: ["/login"] }, {}], grpcPorts: [9000, 9001] },
  "left-out": {
    rules: [
      {
        notPaths: ["/healthz", "/static/*", "/users/{*}/avatar"],
        notMethods: ["OPTIONS"],
        notHosts: ["internal.example.com"],
        notPorts: [9090],
        headers: [{ name: "X-Skip", notValues: ["yes*"] }],
      },
    ],
  },
  "every-error-status": { inspection: { failOpen: false, statusOnError: 511 } },
  "rollout-whole": { args: { rolloutPercent: 25 } },
  "rollout-none": { args: { rolloutPercent: 0 } },
  grpc: { grpcPorts: [9000] },
  "grpc-full": { grpcPorts: [9000], args: { grpc: GrpcInspection.Full } },
  "grpc-none": { grpcPorts: [9000], args: { grpc: GrpcInspection.None } },
  "no-body": { inspection: { body: { enabled: false } } },
  "no-response-data": { responseData: false },
  "whole-namespace": { workloads: {} },
  service: { agent: serviceAgent },
  "service-google": { agent: serviceAgent, args: { accessLogTransport: AccessLogTransport.GoogleGrpc } },
  gateway: { ...gateway, agent: serviceAgent },
  "gateway-by-label": { context: "GATEWAY", workloads: { labels: { istio: "ingressgateway" } } },
  "external-processing": { processing: {} },
  "external-processing-every-argument": {
    args: {
      priority: -5,
      position: FilterPosition.BeforeRouter,
      rolloutPercent: 12.5,
      excludedPaths: ["/healthz", "/static/*", "/users/{*}/avatar"],
      statPrefix: "waf",
      clearRouteCache: true,
      allowedHeaders: ["User-Agent", "x-*"],
      disallowedHeaders: ["authorization"],
    },
    grpcPorts: [9000],
    inspection: { timeout: "1m30.5s", failOpen: false, statusOnError: 503 },
    processing: {
      requestBody: BodyMode.Buffered,
      responseBody: BodyMode.BufferedPartial,
      changeableHeaders: ["x-team", "x-sigsci-*"],
    },
  },
  "external-processing-every-condition": {
    rules: [everyCondition, { paths: ["/login"] }, {}],
    grpcPorts: [9000, 9001],
    processing: { requestBody: BodyMode.Streamed, responseBody: BodyMode.Streamed },
  },
  "external-processing-observed": { processing: {}, observed: true, inspection: { failOpen: false } },
  "external-processing-headers": { processing: { requestBody: BodyMode.None }, responseData: false },
  "external-processing-service": { processing: {}, agent: serviceAgent },
  "external-processing-gateway": { ...gateway, processing: {}, agent: serviceAgent },
  guide: { args: { guideCompatible: true }, inspection: { timeout: "0.2s", body: { maxBytes: 8192 } } },
  "guide-changed": {
    args: { guideCompatible: true, connectTimeout: "1s", statPrefix: "waf" },
    inspection: { timeout: "1s", failOpen: false, body: { enabled: false }, logName: "waf" },
    responseData: false,
  },
};
