/** A request that the API server did not answer with what was asked for. The message is free of credentials. */
export class RequestFailure extends Error {
  constructor(
    /** `forbidden` for 401 and 403, `unreachable` for every other answer and for none, `timeout` for none in time. */
    readonly kind: "forbidden" | "unreachable" | "timeout",
    message: string,
    /** HTTP status; undefined when there was no answer. */
    readonly status?: number,
    /** The server's own words. */
    readonly reason?: string,
  ) {
    super(message);
  }
}
