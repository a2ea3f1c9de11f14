import type * as pulumi from "@pulumi/pulumi";

/**
 * Documented options of the agent. Each becomes an environment variable: `clientIpHeader` is the option
 * `client-ip-header` and the variable `SIGSCI_CLIENT_IP_HEADER`. What is not set here keeps the agent's own
 * default. Durations are written with a unit (`10s`); without one the agent reads milliseconds.
 *
 * Fastly: [Agent configuration](https://www.fastly.com/documentation/reference/ngwaf/agent-config);
 * `sigsci-agent --usage` lists the options of an installed version.
 */
export interface AgentOptionsArgs {
  /**
   * `max-procs`: CPUs that the agent uses, a number or a percentage.
   *
   * @default the CPU limit of `agent.resources`, rounded up
   */
  maxProcs?: pulumi.Input<string>;

  /**
   * `anonymous-ip-secret-key`: salt for anonymous IP addresses. A secret: kept in the Secret next to the keys,
   * so it needs keys given to this component; with an existing Secret use `agent.env` and `valueFrom`.
   *
   * @default the agent uses its secret key
   */
  anonymousIpSecretKey?: pulumi.Input<string>;

  /**
   * `client-ip-header`: request header that holds the client's address.
   *
   * @default "X-Forwarded-For" (the agent's own)
   */
  clientIpHeader?: pulumi.Input<string>;

  /**
   * `context-expiration`: how long a request waits for its response data.
   *
   * @default "10s" (the agent's own)
   */
  contextExpiration?: pulumi.Input<string>;

  /**
   * `cleaner-interval`: how often expired request data is removed.
   *
   * @default "10s" (the agent's own)
   */
  cleanerInterval?: pulumi.Input<string>;

  /**
   * `upload-interval`: how often data is sent to the cloud.
   *
   * @default the agent's own
   */
  uploadInterval?: pulumi.Input<string>;

  /**
   * `inspection-max-content-length`: largest request body, in bytes, that the agent inspects.
   *
   * @default the agent's own
   */
  inspectionMaxContentLength?: pulumi.Input<number>;

  /**
   * `examine-unknown-content-type`: also inspect bodies of unknown content types.
   *
   * @default the agent's own
   */
  examineUnknownContentType?: pulumi.Input<boolean>;

  /**
   * `custom-request-headers`: headers added to a request after inspection, comma separated `name:value` with
   * `$AgentResponse`, `$RequestID` and `$TagList`. Experimental in the agent.
   *
   * @default none
   */
  customRequestHeaders?: pulumi.Input<string>;

  /**
   * `bypass-egress-proxy-for-upstreams`. Experimental in the agent.
   *
   * @default false (the agent's own)
   */
  bypassEgressProxyForUpstreams?: pulumi.Input<boolean>;

  /**
   * `server-hostname`: the agent's name in the console.
   *
   * @default the pod's name
   */
  serverHostname?: pulumi.Input<string>;

  /**
   * `server-flavor`: the server flavor that the agent reports.
   *
   * @default the agent's own
   */
  serverFlavor?: pulumi.Input<string>;

  /**
   * `log-out`: where the agent's log goes.
   *
   * @default the agent's own (standard output in the image)
   */
  logOut?: pulumi.Input<string>;

  /**
   * `waf-data-log`: file or `/dev/stdout` that receives one record for each decision.
   *
   * @default none
   */
  wafDataLog?: pulumi.Input<string>;

  /**
   * `waf-data-log-all`: record every request, not only tagged ones.
   *
   * @default false (the agent's own)
   */
  wafDataLogAll?: pulumi.Input<boolean>;

  /**
   * `statsd-address`: host and port that receive StatsD metrics.
   *
   * @default none
   */
  statsdAddress?: pulumi.Input<string>;

  /**
   * `statsd-metrics`: filter for the metrics that are sent.
   *
   * @default the agent's own
   */
  statsdMetrics?: pulumi.Input<string>;

  /**
   * `debug-log-all-the-things`. Logs request content: not for production.
   *
   * @default false (the agent's own)
   */
  debugLogAllTheThings?: pulumi.Input<boolean>;

  /**
   * `debug-log-blocked-requests`. Experimental in the agent.
   *
   * @default the agent's own
   */
  debugLogBlockedRequests?: pulumi.Input<boolean>;

  /**
   * `rpc-address`: socket of the module protocol. Follows `temporaryVolume.mountPath`.
   *
   * @default "<mount path>/sigsci.sock"
   */
  rpcAddress?: pulumi.Input<string>;

  /**
   * `shared-cache-dir`: cache directory. Follows `temporaryVolume.mountPath`.
   *
   * @default "<mount path>/cache"
   */
  sharedCacheDir?: pulumi.Input<string>;
}
