import { AccessLogTransport, FilterPosition, GrpcInspection } from "../args/envoyFilter";
import type { CircuitBreakersArgs, EnvoyFilterArgs } from "../args/envoyFilter";

type WithoutDefault = "rolloutRuntimeKey" | "allowedHeaders" | "disallowedHeaders";

/** The EnvoyFilter arguments with every default filled in. */
export interface EnvoyFilterSettings
  extends Required<Omit<EnvoyFilterArgs, WithoutDefault>>, Pick<EnvoyFilterArgs, WithoutDefault> {
  /** Limits of our own cluster. */
  circuitBreakers: Required<CircuitBreakersArgs>;
}

/**
 * Prefix of our counters. The guide gives it to its log client.
 *
 * Source: guide, "Adding the Istio EnvoyFilter object".
 */
export const defaultStatPrefix = "sigsci-agent";

/** Far above what one proxy needs; Envoy's 1024 would let busy proxies fail open. */
const defaultLimit = 65_536;

/** Fills in every default. Nothing is checked here. */
export function envoyFilterSettings(args: EnvoyFilterArgs = {}): EnvoyFilterSettings {
  const percent = args.rolloutPercent ?? 100;
  const runtimeKey = args.rolloutRuntimeKey ?? (percent < 100 ? "sigsci-agent.rollout_percent" : undefined);
  return {
    ...args,
    guideCompatible: args.guideCompatible ?? false,
    priority: args.priority ?? 10,
    position: args.position ?? FilterPosition.First,
    rolloutPercent: percent,
    rolloutRuntimeKey: runtimeKey,
    excludedPaths: args.excludedPaths ?? [],
    grpc: args.grpc ?? GrpcInspection.HeadersOnly,
    failOpenHeader: args.failOpenHeader ?? false,
    statPrefix: args.statPrefix ?? defaultStatPrefix,
    clearRouteCache: args.clearRouteCache ?? false,
    includePeerCertificate: args.includePeerCertificate ?? false,
    encodeRawHeaders: args.encodeRawHeaders ?? false,
    accessLogTransport: args.accessLogTransport ?? AccessLogTransport.EnvoyGrpc,
    logUncheckedRequests: args.logUncheckedRequests ?? false,
    connectTimeout: args.connectTimeout ?? "500ms",
    circuitBreakers: {
      maxConnections: args.circuitBreakers?.maxConnections ?? defaultLimit,
      maxPendingRequests: args.circuitBreakers?.maxPendingRequests ?? defaultLimit,
      maxRequests: args.circuitBreakers?.maxRequests ?? defaultLimit,
      maxRetries: args.circuitBreakers?.maxRetries ?? defaultLimit,
    },
  };
}
