import * as grpc from "@grpc/grpc-js";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { PluginAttach, PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { servePlugin, unary as pluginUnary } from "./pluginServer";
import { withoutNulls, type Json, type JsonObject } from "./values";

/**
 * Thrown when an object exists in the cluster but did not become ready, or could not be updated to the wanted state.
 * The engine keeps `state` and shows `reasons`.
 */
export class PartialFailure extends Error {
  constructor(
    readonly id: string,
    message: string,
    readonly reasons: readonly string[],
    readonly state: JsonObject,
    readonly inputs?: JsonObject,
  ) {
    super(message);
  }
}

/** Writes one line to the engine's display. */
export type Log = (severity: "info" | "warning", urn: string, message: string, ephemeral?: boolean) => void;

/** The calls of the provider protocol that the stand-ins answer; all others answer "unimplemented". */
export interface Provider {
  readonly version: string;
  checkConfig(request: proto.CheckRequest): Promise<proto.CheckResponse>;
  diffConfig(request: proto.DiffRequest): Promise<proto.DiffResponse>;
  configure(request: proto.ConfigureRequest): Promise<proto.ConfigureResponse>;
  check(request: proto.CheckRequest): Promise<proto.CheckResponse>;
  diff(request: proto.DiffRequest): Promise<proto.DiffResponse>;
  create(request: proto.CreateRequest): Promise<proto.CreateResponse>;
  read(request: proto.ReadRequest): Promise<proto.ReadResponse>;
  update(request: proto.UpdateRequest): Promise<proto.UpdateResponse>;
  delete(request: proto.DeleteRequest): Promise<void>;
  cancel?(): void;
}

/** The properties of a message as JSON: null members dropped, secret marks kept. */
export function fromStruct(struct: Struct | undefined): JsonObject {
  // A Struct holds JSON by definition; the declaration of toJavaScript is looser.
  return withoutNulls(struct?.toJavaScript() ?? {});
}

/** JSON as the properties of a message. */
export function toStruct(properties: JsonObject): Struct {
  return Struct.fromJavaScript(withoutNulls(properties));
}

/**
 * Serves a provider on a free loopback port and prints that port, which is how the engine finds it.
 * The first command line argument is the address of the engine; the process ends with its parent.
 */
export async function serve(makeProvider: (log: Log) => Provider): Promise<void> {
  let engine = connect(process.argv[2]);
  const provider = makeProvider((severity, urn, message, ephemeral = false) => {
    const request = new LogRequest();
    request.setSeverity(severity === "info" ? LogSeverity.INFO : LogSeverity.WARNING);
    request.setUrn(urn);
    request.setMessage(message);
    request.setEphemeral(ephemeral);
    // A lost status line must not fail the operation that it reports on.
    engine?.log(request, () => undefined);
  });
  await servePlugin(ResourceProviderService, {
    ...handlers(provider),
    attach: unary((request: PluginAttach) => {
      engine = connect(request.getAddress());
      return Promise.resolve(new Empty());
    }),
  });
}

function connect(address: string | undefined): EngineClient | undefined {
  return address ? new EngineClient(address, grpc.credentials.createInsecure()) : undefined;
}

function handlers(provider: Provider): grpc.UntypedServiceImplementation {
  return {
    checkConfig: unary((request: proto.CheckRequest) => provider.checkConfig(request)),
    diffConfig: unary((request: proto.DiffRequest) => provider.diffConfig(request)),
    configure: unary((request: proto.ConfigureRequest) => provider.configure(request)),
    check: unary((request: proto.CheckRequest) => provider.check(request)),
    diff: unary((request: proto.DiffRequest) => provider.diff(request)),
    create: unary((request: proto.CreateRequest) => provider.create(request)),
    read: unary((request: proto.ReadRequest) => provider.read(request)),
    update: unary((request: proto.UpdateRequest) => provider.update(request)),
    delete: unary(async (request: proto.DeleteRequest) => {
      await provider.delete(request);
      return new Empty();
    }),
    cancel: unary(() => {
      provider.cancel?.();
      return Promise.resolve(new Empty());
    }),
    getPluginInfo: unary(() => {
      const info = new PluginInfo();
      info.setVersion(provider.version);
      return Promise.resolve(info);
    }),
    getSchema: unary(() => {
      const schema = new proto.GetSchemaResponse();
      schema.setSchema("{}");
      return Promise.resolve(schema);
    }),
  };
}

function unary<Request, Response>(
  answer: (request: Request) => Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return pluginUnary(answer, rpcError);
}

/** `grpc-status-details-bin` carries structured details; the engine reads the state of a partial failure from it. */
function rpcError(error: unknown): Partial<grpc.StatusObject> {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new grpc.Metadata();
  if (error instanceof PartialFailure) {
    const detail = new ErrorResourceInitFailed();
    detail.setId(error.id);
    detail.setProperties(toStruct(error.state));
    detail.setReasonsList([...error.reasons]);
    if (error.inputs) {
      detail.setInputs(toStruct(error.inputs));
    }
    const packed = new Any();
    packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new Status();
    status.setCode(grpc.status.UNKNOWN);
    status.setMessage(message);
    status.addDetails(packed);
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  }
  return { code: grpc.status.UNKNOWN, details: message, metadata };
}

/** Reads one provider setting: the engine's value, else the environment variable, else false. */
export function booleanSetting(
  variables: ReadonlyMap<string, string>,
  key: string,
  environmentVariable: string,
  fallback = false,
): boolean {
  const value = variables.get(key) ?? process.env[environmentVariable];
  return value === undefined ? fallback : value === "true";
}

/** A check response that passes the given inputs on, without failures. */
export function checked(inputs: JsonObject): proto.CheckResponse {
  const response = new proto.CheckResponse();
  response.setInputs(toStruct(inputs));
  return response;
}

/** Narrows a JSON value to an object; anything else gives an empty one. */
export function objectOrEmpty(value: Json | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
