/** What the agent's verdict does to a request. */
export enum InspectionMode {
  /** A request that the agent blocks is answered by the proxy. */
  Block = "Block",
  /** The agent sees the same requests, and none is blocked, whatever the agent answers and whether it answers at all. */
  Observe = "Observe",
}

/**
 * How a request is checked.
 *
 * Istio: [MeshConfig.ExtensionProvider](https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-ExtensionProvider).
 */
export interface InspectionArgs {
  /**
   * What the agent's verdict does to a request, for targets that do not say it themselves.
   *
   * @default InspectionMode.Block
   */
  mode?: InspectionMode;

  /**
   * Last day on which targets observe, as `YYYY-MM-DD`: a promise to whoever reviews the program. Nothing changes by itself
   * when it has passed; previews warn then, and the policy `sigsci-observing-ends` of `pulumi-sigsci-istio/policies` refuses.
   *
   * @default none
   */
  observeUntil?: string;

  /**
   * How long a request waits for the agent's answer, with a unit. Always set: Istio's own default is 600 s.
   *
   * @default "200ms"
   */
  timeout?: string;

  /**
   * What happens to a request when the agent cannot be asked or does not answer in time: `true` lets it pass
   * without inspection, `false` answers with `statusOnError`.
   *
   * @default true, as in the guide
   */
  failOpen?: boolean;

  /**
   * HTTP status of a request that is refused because the agent could not be asked: only with `failOpen: false`. With
   * enforcement ExternalProcessing, one that the agent does not answer in time is refused with 504 all the same.
   *
   * @default Istio's own, 403
   */
  statusOnError?: number;

  /** What of the request body is sent to the agent. */
  body?: BodyInspectionArgs;

  /**
   * Request headers sent to the agent with the access log, next to `x-sigsci-request-id` and
   * `x-sigsci-waf-response`, which are always there.
   *
   * @default ["accept", "content-type", "content-length"]
   */
  requestHeadersToLog?: string[];

  /**
   * Response headers sent to the agent with the access log.
   *
   * @default ["date", "server", "content-type", "content-length"]
   */
  responseHeadersToLog?: string[];

  /**
   * Response trailers sent to the agent with the access log.
   *
   * @default none
   */
  responseTrailersToLog?: string[];

  /**
   * Filter state objects sent with the access log.
   *
   * @default Istio's own
   */
  filterStateObjectsToLog?: string[];

  /**
   * Name of the log, as the agent sees it.
   *
   * @default Istio's own, "http_envoy_accesslog"
   */
  logName?: string;

  /**
   * Other access log providers of the mesh that the targets keep: a Telemetry that names a provider replaces
   * the mesh's own ones. `envoy` is Istio's built-in file log on standard output.
   *
   * @default those that the mesh config writes: its `defaultProviders.accessLogging`, or `["envoy"]` where it sets
   * `accessLogFile` only, or none. With strategy Shared, which does not read Istio's own config, `["envoy"]`
   */
  keepAccessLogProviders?: string[];
}

/** What of the request body is sent to the agent. */
export interface BodyInspectionArgs {
  /**
   * Whether the body is sent at all.
   *
   * @default true
   */
  enabled?: boolean;

  /**
   * Bytes of the body that Envoy buffers and sends, 1 to 1048576. What is beyond is not inspected.
   * The guide's 8192 lets an attacker pad past the inspection; Fastly's own modules send 100,000.
   *
   * @default 100000
   */
  maxBytes?: number;

  /**
   * Whether a longer body is sent in part. `false` answers such requests with 413, also with `failOpen`.
   *
   * @default true
   */
  allowPartial?: boolean;

  /**
   * Send the body as bytes. `false` mangles bodies that are not UTF-8.
   *
   * @default true
   */
  packAsBytes?: boolean;
}
