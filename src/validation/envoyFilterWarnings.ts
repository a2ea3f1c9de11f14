import type { InspectionArgs } from "../args/inspection";
import { GrpcInspection } from "../args/envoyFilter";
import type { EnvoyFilterArgs } from "../args/envoyFilter";

/** What is allowed but deserves a warning. */
export function envoyFilterWarnings(
  args: EnvoyFilterArgs,
  inspection: InspectionArgs = {},
  sent = inspection.body?.enabled !== false,
  path = "envoyFilter",
): string[] {
  const { rolloutPercent = 100, grpc } = args;
  return [
    ...warn(
      rolloutPercent < 100,
      `${path}.rolloutPercent is ${rolloutPercent}: all ${rolloutPercent === 0 ? "" : "other "}requests pass without inspection.`,
    ),
    ...warn(
      grpc === GrpcInspection.Full && sent,
      `${path}.grpc is Full: a gRPC stream hangs when its client waits for an answer before it has sent ` +
        "everything.",
    ),
    ...warn(
      grpc === GrpcInspection.None,
      `${path}.grpc is None: whoever sends a content-type of application/grpc to a port in grpcPorts passes uninspected.`,
    ),
    ...warn(
      args.allowedHeaders !== undefined,
      `${path}.allowedHeaders is set: attacks in all other headers are not seen, and the client's address is lost ` +
        "without the header that carries it.",
    ),
    ...warn(
      args.encodeRawHeaders === true,
      `${path}.encodeRawHeaders is true: it is not documented that the agent reads headers in this form.`,
    ),
    ...warn(
      args.failOpenHeader === true && inspection.failOpen === false,
      `${path}.failOpenHeader has no effect while inspection.failOpen is false.`,
    ),
    ...(args.guideCompatible === true ? guideFormWarnings(path, sent) : []),
  ];
}

function guideFormWarnings(path: string, sent: boolean): string[] {
  const start = `${path}.guideCompatible is true:`;
  return [
    ...warn(
      sent,
      `${start} bodies that are not UTF-8 reach the agent mangled, and gRPC streams whose client waits for an ` +
        "answer hang.",
    ),
    `${start} requests through HBONE are not inspected, and more than 1024 checks at the same time in one proxy ` +
      "count as failed.",
  ];
}

function warn(condition: boolean, text: string): string[] {
  return condition ? [text] : [];
}
