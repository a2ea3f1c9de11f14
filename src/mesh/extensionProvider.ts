/** Request body sent with an external authorization check. */
export interface RequestBodyInCheck {
  /** Bytes of the body that are buffered and sent. */
  maxRequestBytes: number;
  /** Whether a longer body is sent in part. */
  allowPartialMessage: boolean;
  /** Whether the body is sent as bytes. */
  packAsBytes: boolean;
}

/** Istio's [`envoyExtAuthzGrpc`](https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-ExtensionProvider-EnvoyExternalAuthorizationGrpcProvider). */
export interface EnvoyExtAuthzGrpc {
  /** Host name of the agent's Service. */
  service: string;
  /** Port of the Service. */
  port: number;
  /** Duration, for example `200ms`. */
  timeout: string;
  /** Whether a request passes when the agent cannot be asked. */
  failOpen: boolean;
  /** HTTP status, as a string, of a request that is refused because the agent could not be asked. */
  statusOnError?: string;
  /** What of the body is sent; none when absent. */
  includeRequestBodyInCheck?: RequestBodyInCheck;
}

/** Istio's [`envoyHttpAls`](https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-ExtensionProvider-EnvoyHttpGrpcV3LogProvider). */
export interface EnvoyHttpAls {
  /** Host name of the agent's Service. */
  service: string;
  /** Port of the Service. */
  port: number;
  /** Name of the log; Istio's own when absent. */
  logName?: string;
  /** Filter state objects to log; Istio's own when absent. */
  filterStateObjectsToLog?: string[];
  /** Request headers to log. */
  additionalRequestHeadersToLog: string[];
  /** Response headers to log. */
  additionalResponseHeadersToLog: string[];
  /** Response trailers to log. */
  additionalResponseTrailersToLog?: string[];
}

/** An entry of `extensionProviders` of the mesh configuration: an external authorizer or an access log. */
export interface ExtensionProvider {
  /** Name that policies and Telemetry resources refer to. */
  name: string;
  /** The external authorizer; excludes `envoyHttpAls`. */
  envoyExtAuthzGrpc?: EnvoyExtAuthzGrpc;
  /** The access log; excludes `envoyExtAuthzGrpc`. */
  envoyHttpAls?: EnvoyHttpAls;
}
