/** Pulumi ships these generated modules without type declarations. */
declare module "@pulumi/pulumi/proto/provider_grpc_pb" {
  import type { ServiceDefinition } from "@grpc/grpc-js";
  export const ResourceProviderService: ServiceDefinition;
}

declare module "@pulumi/pulumi/proto/engine_grpc_pb" {
  import type { ChannelCredentials, Client, ServiceError } from "@grpc/grpc-js";
  import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
  export class EngineClient extends Client {
    constructor(address: string, credentials: ChannelCredentials);
    log(request: LogRequest, callback: (error: ServiceError | null) => void): void;
  }
}
