/** Pulumi ships this generated module without type declarations. */
declare module "@pulumi/pulumi/proto/language_grpc_pb" {
  import type { ServiceDefinition } from "@grpc/grpc-js";
  export const LanguageRuntimeService: ServiceDefinition;
}
