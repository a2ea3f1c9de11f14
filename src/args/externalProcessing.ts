/** What of a body Envoy sends to the agent, and when. */
export enum BodyMode {
  /** Nothing. */
  None = "None",
  /**
   * Envoy sends each piece of the body as it comes, and passes it on once the agent has answered. A body of any length is
   * inspected as a whole, and what comes before the piece that is blocked has reached the application by then.
   */
  Streamed = "Streamed",
  /**
   * Envoy holds the whole body until the agent has answered, so that nothing of a blocked one reaches the application. A
   * body that is longer than Envoy's buffer, 1 MiB by default, is answered with 413.
   */
  Buffered = "Buffered",
  /**
   * Envoy holds the body up to the limit of its buffer, 1 MiB by default, sends that, and passes the rest uninspected.
   * Envoy 1.40 loses the end of many bodies that are a little longer than its buffer: such an upload hangs.
   */
  BufferedPartial = "BufferedPartial",
}

/**
 * What is sent to the agent and what it may change, for `enforcement: ExternalProcessing`. Timeout and fail open stand in
 * `inspection`, where and for which requests the filter stands in `envoyFilter` and the targets.
 *
 * Envoy: [External Processing](https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_proc_filter).
 */
export interface ExternalProcessingArgs {
  /**
   * What of the request body is sent. Which modes the agent understands is not documented; try another one first.
   *
   * @default BodyMode.Streamed
   */
  requestBody?: BodyMode;

  /**
   * What of the response body is sent. Anything but `None` holds responses or slows them down.
   *
   * @default BodyMode.None
   */
  responseBody?: BodyMode;

  /**
   * Headers that the agent may set or remove, exact (`x-team`) or by prefix (`x-sigsci-*`): in requests, in responses,
   * and in the answers to blocked requests. What else it sets is dropped and counted as `rejected_header_mutations`;
   * with `[]` that is everything, also where its redirects lead.
   *
   * @default ["x-sigsci-*", "location"], and the names in `agent.options.customRequestHeaders`
   */
  changeableHeaders?: string[];
}
