/** How access log entries reach the agent. */
export enum AccessLogTransport {
  /** Envoy's own gRPC client, over the same cluster as the checks. */
  EnvoyGrpc = "EnvoyGrpc",
  /** Google's gRPC library with a connection of its own, as in the guide. */
  GoogleGrpc = "GoogleGrpc",
}

/** Where the check stands among the HTTP filters of a proxy. */
export enum FilterPosition {
  /** In front of all others, as in the guide: the agent also sees what JWT and RBAC rules refuse later. */
  First = "First",
  /** Right before the router: the agent sees only what Istio's own authorization lets pass. */
  BeforeRouter = "BeforeRouter",
}

/**
 * How gRPC requests to the `grpcPorts` of a target are checked: those with the `content-type` of gRPC, `application/grpc`
 * or one that begins with `application/grpc+`. All other requests are checked with their bodies, on these ports too.
 */
export enum GrpcInspection {
  /**
   * Like any other request. With enforcement EnvoyFilter a stream that waits for answers hangs: Envoy holds it until the
   * body is complete.
   */
  Full = "Full",
  /** Path and headers only; nothing is held. */
  HeadersOnly = "HeadersOnly",
  /** Not at all. */
  None = "None",
}

/** Limits on what one proxy may have open to an agent in its own pod. Beyond them the agent counts as failed. */
export interface CircuitBreakersArgs {
  /**
   * Connections.
   *
   * @default 65536; Envoy's own is 1024
   */
  maxConnections?: number;

  /**
   * Requests that wait for a connection.
   *
   * @default 65536; Envoy's own is 1024
   */
  maxPendingRequests?: number;

  /**
   * Requests at the same time: checks and log streams.
   *
   * @default 65536; Envoy's own is 1024
   */
  maxRequests?: number;

  /**
   * Retries at the same time.
   *
   * @default 65536; Envoy's own is 3
   */
  maxRetries?: number;
}

/**
 * How the EnvoyFilters are made, for `enforcement: EnvoyFilter` or `ExternalProcessing`. How a request is checked (timeout, fail open, body,
 * headers logged) stands in `inspection`, which requests in the targets.
 *
 * Fastly's guide: [Adding the Istio EnvoyFilter object](https://www.fastly.com/documentation/guides/next-gen-waf/setup-and-configuration/kubernetes/kubernetes-istio#adding-the-istio-envoyfilter-object-to-inject-the-required-envoy-config-into-the-istio-proxy);
 * Istio: [EnvoyFilter](https://istio.io/latest/docs/reference/config/networking/envoy-filter/); Envoy: [External Authorization](https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter).
 */
export interface EnvoyFilterArgs {
  /**
   * Makes the EnvoyFilter as the guide has it, field by field, for people who must match an existing install: its
   * names, the `google_grpc` logger, a `STRICT_DNS` cluster. Everything else here then stays unset, except
   * `connectTimeout` and `statPrefix`; the agent runs in the pod and every request of the pod is checked.
   * The object itself is named after component and target, so delete the hand-made one first, or each request is checked
   * twice; and `inspection.body.maxBytes` stays ours unless you set it to the guide's 8192.
   *
   * @default false
   */
  guideCompatible?: boolean;

  /**
   * Order among the EnvoyFilters of a proxy, a 32-bit number. Lower ones are applied first, so of two filters
   * that both want to be first the one with the higher number is.
   *
   * @default 10
   */
  priority?: number;

  /**
   * Where the check stands among the HTTP filters.
   *
   * @default FilterPosition.First
   */
  position?: FilterPosition;

  /**
   * Share of the requests that is checked, 0 to 100, in steps of 0.0001. Each request is drawn by itself; the
   * others pass without inspection, and their log entries still reach the agent.
   *
   * @default 100
   */
  rolloutPercent?: number;

  /**
   * Runtime key that overrides `rolloutPercent` in a running proxy, for example through its admin port.
   *
   * @default "sigsci-agent.rollout_percent" when `rolloutPercent` is below 100, none otherwise
   */
  rolloutRuntimeKey?: string;

  /**
   * Paths that are not checked, for every target, next to the target's own `notPaths`: exact (`/healthz`), by
   * prefix (`/static/*`), by suffix (`*.css`) or a template (`/users/{*}/avatar`). The query is not compared.
   *
   * @default none
   */
  excludedPaths?: string[];

  /**
   * How gRPC requests to the `grpcPorts` of the targets are checked; without such ports it is refused. The agent does
   * not look into gRPC payloads behind Envoy, and holding them breaks streams, hence the default.
   *
   * @default GrpcInspection.HeadersOnly
   */
  grpc?: GrpcInspection;

  /**
   * Mark requests that passed because the agent could not be asked, with the request header
   * `x-envoy-auth-failure-mode-allowed: true` for the application. Needs `inspection.failOpen`.
   *
   * @default false
   */
  failOpenHeader?: boolean;

  /**
   * Prefix in the names of our counters and of the marks that our filters set for each other. Two components that
   * add a filter to the same proxy need different ones.
   *
   * @default "sigsci-agent"
   */
  statPrefix?: string;

  /**
   * Choose the route anew when the agent has changed the request's headers.
   *
   * @default false
   */
  clearRouteCache?: boolean;

  /**
   * Send the client's certificate to the agent, if there is one.
   *
   * @default false
   */
  includePeerCertificate?: boolean;

  /**
   * Request headers that are sent to the agent, exact (`user-agent`) or by prefix (`x-*`). What is not sent is not
   * inspected.
   *
   * @default all
   */
  allowedHeaders?: string[];

  /**
   * Request headers that are not sent to the agent, exact or by prefix; wins over `allowedHeaders`.
   *
   * @default none
   */
  disallowedHeaders?: string[];

  /**
   * Send header values as bytes, so that none is changed on the way. Whether the agent reads them is not
   * documented; try it first.
   *
   * @default false
   */
  encodeRawHeaders?: boolean;

  /**
   * How access log entries reach the agent.
   *
   * @default AccessLogTransport.EnvoyGrpc
   */
  accessLogTransport?: AccessLogTransport;

  /**
   * Whether entries of requests that the rules or exclusions keep from the agent are sent to it all the same.
   *
   * @default false
   */
  logUncheckedRequests?: boolean;

  /**
   * How long a connection to an agent in the same pod may take to open, with a unit.
   *
   * @default "500ms"
   */
  connectTimeout?: string;

  /** Limits on what one proxy may have open to an agent in the same pod. */
  circuitBreakers?: CircuitBreakersArgs;
}
