import { createRequire } from "node:module";
import type * as pulumi from "@pulumi/pulumi";
import type * as enginePb from "@pulumi/pulumi/proto/engine_pb";
import type * as resourcePb from "@pulumi/pulumi/proto/resource_pb";
import type * as structPb from "google-protobuf/google/protobuf/struct_pb";

/** The calls a Pulumi program makes to the engine, as far as a recording answers them. */
export interface EngineClient {
  log(request: enginePb.LogRequest, callback: (error: null, response: object) => void): void;
  setRootResource(request: unknown, callback: (error: null, response: object) => void): void;
  requirePulumiVersion(request: unknown, callback: (error: null, response: object) => void): void;
}

/** The part of the SDK's per-run state that a recording sets. The SDK declares it internal, hence our own type. */
export interface RuntimeStore {
  settings: { engine?: EngineClient };
  callbacks?: unknown;
}

/** Signature of a registered callback: it takes and returns serialized protocol messages. */
export type CallbackHandler = (request: Uint8Array) => Promise<{ serializeBinary(): Uint8Array }>;

/** One copy of the Pulumi SDK, with the internal modules a recording needs besides the public one. */
export interface PulumiSdk {
  readonly pulumi: typeof pulumi;
  readonly state: {
    withLocalStorage<T>(callback: () => Promise<T>): Promise<T>;
    getStore(): RuntimeStore;
  };
  /** Prototype of the SDK's transform and hook server; `offlineCallbacks.ts` uses it without its network part. */
  readonly callbackServerPrototype: object;
  readonly resourcePb: typeof resourcePb;
  readonly struct: typeof structPb.Struct;
}

/**
 * Loads the copy of `@pulumi/pulumi` that code in `folder` would get.
 * Two copies in one process share their run state but not their classes, so the program's own copy is the one to use.
 * @param folder absolute path of the program; without it, the copy this package sees
 * @throws the loader's own MODULE_NOT_FOUND error if there is none
 */
export function loadPulumiSdk(folder?: string): PulumiSdk {
  const from = createRequire(folder === undefined ? __filename : `${folder}/index.js`);
  const inside = createRequire(from.resolve("@pulumi/pulumi"));
  // `require` returns unknown shapes; these are the modules' own declarations, or those above for internal ones.
  return {
    pulumi: from("@pulumi/pulumi") as PulumiSdk["pulumi"],
    state: inside("./runtime/state") as PulumiSdk["state"],
    callbackServerPrototype: (inside("./runtime/callbacks") as { CallbackServer: { prototype: object } })
      .CallbackServer.prototype,
    resourcePb: inside("./proto/resource_pb") as PulumiSdk["resourcePb"],
    struct: (inside("google-protobuf/google/protobuf/struct_pb") as typeof structPb).Struct,
  };
}
