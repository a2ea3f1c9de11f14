import type * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { servePlugin, unary } from "./pluginServer";
import { withoutNulls, type JsonObject } from "./values";

/** The calls of the provider protocol that the stand-in answers; all others answer "unimplemented". */
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

/** Serves a provider on a free loopback port and prints that port, which is how the engine finds it. */
export async function serve(provider: Provider): Promise<void> {
  await servePlugin(ResourceProviderService, {
    ...handlers(provider),
    attach: unary(() => Promise.resolve(new Empty())),
  });
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
    cancel: unary(() => Promise.resolve(new Empty())),
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

/** A check response that passes the given inputs on, without failures. */
export function checked(inputs: JsonObject): proto.CheckResponse {
  const response = new proto.CheckResponse();
  response.setInputs(toStruct(inputs));
  return response;
}
