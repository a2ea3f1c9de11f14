import type * as resourcePb from "@pulumi/pulumi/proto/resource_pb";
import type { CallbackHandler, PulumiSdk } from "./pulumiSdk";

type RegisterRequest = resourcePb.RegisterResourceRequest;

/** Runs the transforms of a program, which the engine would otherwise call back over the network. */
export interface OfflineCallbacks {
  /** to be put into the SDK's per-run state */
  readonly server: object;
  /** Notes a transform for all resources of the stack (`pulumi.runtime.registerResourceTransform`). */
  addStackTransform(token: string): void;
  /**
   * Applies a resource's own transforms, then those of its ancestors from the nearest up, then the stack's, by
   * changing the request.
   * @param ancestors tokens of the ancestors' transforms, nearest first
   * @throws Error with the message of a transform that failed
   */
  apply(request: RegisterRequest, ancestors: readonly string[]): Promise<void>;
}

function optionsOf(sdk: PulumiSdk, request: RegisterRequest): resourcePb.TransformResourceOptions {
  const options = new sdk.resourcePb.TransformResourceOptions();
  options.setDependsOnList(request.getDependenciesList());
  options.setIgnoreChangesList(request.getIgnorechangesList());
  options.setReplaceOnChangesList(request.getReplaceonchangesList());
  options.setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList());
  options.setAliasesList(request.getAliasesList());
  options.setProvider(request.getProvider());
  options.setVersion(request.getVersion());
  options.setDeletedWith(request.getDeletedwith());
  options.setImport(request.getImportid());
  options.setCustomTimeouts(request.getCustomtimeouts());
  const [protect, retain] = [request.getProtect(), request.getRetainondelete()];
  if (protect !== undefined && request.hasProtect()) {
    options.setProtect(protect);
  }
  if (retain !== undefined && request.hasRetainondelete()) {
    options.setRetainOnDelete(retain);
  }
  if (request.getDeletebeforereplacedefined()) {
    options.setDeleteBeforeReplace(request.getDeletebeforereplace());
  }
  return options;
}

function takeOver(request: RegisterRequest, response: resourcePb.TransformResponse): void {
  request.setObject(response.getProperties());
  const options = response.getOptions();
  if (options === undefined) {
    return;
  }
  request.setDependenciesList(options.getDependsOnList());
  request.setIgnorechangesList(options.getIgnoreChangesList());
  request.setReplaceonchangesList(options.getReplaceOnChangesList());
  request.setAdditionalsecretoutputsList(options.getAdditionalSecretOutputsList());
  request.setAliasesList(options.getAliasesList());
  request.setProvider(options.getProvider());
  request.setDeletedwith(options.getDeletedWith());
  const protect = options.getProtect();
  const retain = options.getRetainOnDelete();
  const deleteBeforeReplace = options.getDeleteBeforeReplace();
  if (protect !== undefined && options.hasProtect()) {
    request.setProtect(protect);
  }
  if (retain !== undefined && options.hasRetainOnDelete()) {
    request.setRetainondelete(retain);
  }
  if (deleteBeforeReplace !== undefined && options.hasDeleteBeforeReplace()) {
    request.setDeletebeforereplace(deleteBeforeReplace);
    request.setDeletebeforereplacedefined(true);
  }
}

/** Sets up transforms and hooks for one run. Hooks are accepted and never called: nothing is created or deleted. */
export function createOfflineCallbacks(sdk: PulumiSdk, monitor: object): OfflineCallbacks {
  const handlers = new Map<string, CallbackHandler>();
  const stackTransforms: string[] = [];
  // The SDK's own translation between messages and options, with its network server replaced by nothing.
  const server: object = Object.assign(Object.create(sdk.callbackServerPrototype) as object, {
    _callbacks: handlers,
    _monitor: monitor,
    _pendingRegistrations: 0,
    _awaitQueue: [],
    _target: Promise.resolve("offline"),
    _server: { forceShutdown: () => undefined },
  });

  async function applyOne(request: RegisterRequest, token: string): Promise<void> {
    const handler = handlers.get(token);
    if (handler === undefined) {
      throw new Error("a transform was used that this run did not register");
    }
    const question = new sdk.resourcePb.TransformRequest();
    question.setType(request.getType());
    question.setName(request.getName());
    question.setCustom(request.getCustom());
    question.setParent(request.getParent());
    question.setProperties(request.getObject());
    question.setOptions(optionsOf(sdk, request));
    const answer = await handler(question.serializeBinary());
    takeOver(request, sdk.resourcePb.TransformResponse.deserializeBinary(answer.serializeBinary()));
  }

  return {
    server,
    addStackTransform: (token) => stackTransforms.push(token),
    apply: async (request, ancestors) => {
      const own = request.getTransformsList().map((callback) => callback.getToken());
      for (const token of [...own, ...ancestors, ...stackTransforms]) {
        await applyOne(request, token);
      }
    },
  };
}
