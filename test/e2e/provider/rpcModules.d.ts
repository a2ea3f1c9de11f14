/** Pulumi ships these generated modules without type declarations. */
declare module "@pulumi/pulumi/proto/provider_grpc_pb" {
  import type { ServiceDefinition } from "@grpc/grpc-js";
  export const ResourceProviderService: ServiceDefinition;
}
