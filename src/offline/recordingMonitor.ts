import type * as callbackPb from "@pulumi/pulumi/proto/callback_pb";
import type * as resourcePb from "@pulumi/pulumi/proto/resource_pb";
import { createOfflineCallbacks } from "./offlineCallbacks";
import type { PulumiSdk } from "./pulumiSdk";
import type { RecordedOptions, RecordedResource } from "./recordedResource";
import { isWireSecret, propertiesFromWire, WIRE_UNKNOWN, wireSecret, type WireProperties } from "./wireValue";

type Reply<T> = (error: unknown, response?: T) => void;

/** The methods of the SDK's mock monitor that the recording takes over. */
interface MonitorMethods {
  readonly resources: Map<string, { urn: string; id: string | null; state: WireProperties }>;
  registerResource(
    request: resourcePb.RegisterResourceRequest,
    reply: Reply<resourcePb.RegisterResourceResponse>,
  ): void;
  readResource(request: resourcePb.ReadResourceRequest, reply: Reply<resourcePb.ReadResourceResponse>): void;
  registerResourceOutputs(request: resourcePb.RegisterResourceOutputsRequest, reply: Reply<object>): void;
  registerStackTransform(request: callbackPb.Callback, reply: Reply<object>): void;
  registerStackInvokeTransform(request: callbackPb.Callback, reply: Reply<object>): void;
  registerResourceHook(request: unknown, reply: Reply<object>): void;
  registerErrorHook(request: unknown, reply: Reply<object>): void;
  signalAndWaitForShutdown(request: unknown, reply: Reply<object>): void;
}

/** Where the answers of the simulated world come from, all in the protocol's form. */
export interface SimulatedWorld {
  create(request: { type: string; name: string; custom: boolean; inputs: WireProperties }): {
    id: string | undefined;
    state: WireProperties;
  };
  /** @throws Error if there is no such object */
  read(type: string, id: string): WireProperties;
  invoke(token: string, inputs: WireProperties): WireProperties;
}

/** What the monitor has heard so far. */
export interface MonitorRecord {
  readonly resources: RecordedResource[];
  /** outputs of the stack itself */
  stackOutputs: Readonly<Record<string, unknown>>;
}

interface Context {
  readonly sdk: PulumiSdk;
  readonly world: SimulatedWorld;
  readonly record: MonitorRecord;
  readonly byUrn: Map<string, RecordedResource & { outputs: Readonly<Record<string, unknown>> }>;
  /** tokens of the transforms of each resource that has some */
  readonly transforms: Map<string, readonly string[]>;
  /** what the mock monitor knows of the resources, for references to them */
  readonly known: MonitorMethods["resources"];
  stackUrn: string | undefined;
}

/** What the protocol's own conversion takes; the values of a `WireProperties` came out of the same conversion. */
type WireStruct = Parameters<PulumiSdk["struct"]["fromJavaScript"]>[0];

const STACK_TYPE = "pulumi:pulumi:Stack";

function newUrn(sdk: PulumiSdk, parent: string, type: string, name: string): string {
  const { runtime } = sdk.pulumi;
  const parentType = parent.split("::")[2] ?? "";
  const qualified = parentType === "" || parentType === STACK_TYPE ? type : `${parentType}$${type}`;
  return `urn:pulumi:${runtime.getStack()}::${runtime.getProject()}::${qualified}::${name}`;
}

function ancestorTransforms(context: Context, parent: string): string[] {
  const tokens: string[] = [];
  for (let urn: string | undefined = parent; urn !== undefined; urn = context.byUrn.get(urn)?.parent) {
    tokens.push(...(context.transforms.get(urn) ?? []));
  }
  return tokens;
}

function optionsOf(context: Context, request: resourcePb.RegisterResourceRequest): RecordedOptions {
  const inherited = context.byUrn.get(request.getParent())?.options;
  const retain = request.hasRetainondelete() ? request.getRetainondelete() : inherited?.retainOnDelete;
  const protect = request.hasProtect() ? request.getProtect() : inherited?.protect;
  return {
    retainOnDelete: retain === true,
    protect: protect === true,
    deleteBeforeReplace: request.getDeletebeforereplace(),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    deletedWith: request.getDeletedwith() || undefined,
    provider: request.getProvider() || undefined,
    aliases: request.getAliasesList().length,
  };
}

function remember(context: Context, resource: RecordedResource): void {
  context.byUrn.set(resource.urn, resource);
  context.record.resources.push(resource);
}

function refuseDuplicate(context: Context, urn: string): void {
  if (context.byUrn.has(urn)) {
    throw new Error(`a second resource has the URN '${urn}'; give one of them another logical name`);
  }
}

async function register(
  context: Context,
  callbacks: ReturnType<typeof createOfflineCallbacks>,
  request: resourcePb.RegisterResourceRequest,
): Promise<resourcePb.RegisterResourceResponse> {
  const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
  if (type !== STACK_TYPE) {
    await callbacks.apply(request, ancestorTransforms(context, parent));
  }
  const urn = newUrn(context.sdk, parent, type, name);
  refuseDuplicate(context, urn);
  const own = request.getTransformsList().map((callback) => callback.getToken());
  if (own.length > 0) {
    context.transforms.set(urn, own);
  }
  const inputs = request.getObject()?.toJavaScript() ?? {};
  const custom = request.getCustom();
  const answer = custom
    ? context.world.create({ type, name, custom, inputs })
    : { id: undefined, state: request.getRemote() ? inputs : {} };
  context.known.set(urn, { urn, id: answer.id ?? null, state: answer.state });
  const response = new context.sdk.resourcePb.RegisterResourceResponse();
  response.setUrn(urn);
  response.setId(answer.id ?? "");
  // Most answers are the inputs themselves. Building their message again takes 5 % of a render of 1,000 targets.
  const echoes = answer.state === inputs;
  response.setObject(
    echoes ? request.getObject() : context.sdk.struct.fromJavaScript(answer.state as WireStruct),
  );
  if (type === STACK_TYPE) {
    context.stackUrn = urn;
    return response;
  }
  const marked = propertiesFromWire(inputs);
  remember(context, {
    urn,
    type,
    name,
    parent: parent === "" || parent === context.stackUrn ? undefined : parent,
    custom,
    isRead: false,
    id: answer.id,
    inputs: marked,
    outputs: echoes ? marked : propertiesFromWire(answer.state),
    dependencies: request.getDependenciesList(),
    options: optionsOf(context, request),
  });
  return response;
}

/** What the engine answers: outputs that a program wants to be secret are. */
function withSecrets(state: WireProperties, names: readonly string[]): WireProperties {
  const secret = names.filter((name) => name in state && !isWireSecret(state[name]));
  return { ...state, ...Object.fromEntries(secret.map((name) => [name, wireSecret(state[name])])) };
}

function read(context: Context, request: resourcePb.ReadResourceRequest): resourcePb.ReadResourceResponse {
  const [type, id, parent] = [request.getType(), request.getId(), request.getParent()];
  const urn = newUrn(context.sdk, parent, type, request.getName());
  refuseDuplicate(context, urn);
  const inputs = request.getProperties()?.toJavaScript() ?? {};
  const known = id !== WIRE_UNKNOWN;
  const state = known ? context.world.read(type, id) : {};
  context.known.set(urn, { urn, id, state });
  remember(context, {
    urn,
    type,
    name: request.getName(),
    parent: parent === "" || parent === context.stackUrn ? undefined : parent,
    custom: true,
    isRead: true,
    id: known ? id : undefined,
    inputs: propertiesFromWire(inputs),
    outputs: propertiesFromWire(state),
    dependencies: request.getDependenciesList(),
    options: {
      retainOnDelete: false,
      protect: false,
      deleteBeforeReplace: false,
      ignoreChanges: [],
      replaceOnChanges: [],
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
      deletedWith: undefined,
      provider: request.getProvider() || undefined,
      aliases: 0,
    },
  });
  const response = new context.sdk.resourcePb.ReadResourceResponse();
  response.setUrn(urn);
  const answer = withSecrets(state, request.getAdditionalsecretoutputsList());
  response.setProperties(context.sdk.struct.fromJavaScript(answer as WireStruct));
  return response;
}

function takeOverMethods(context: Context, monitor: MonitorMethods): void {
  const callbacks = createOfflineCallbacks(context.sdk, monitor);
  context.sdk.state.getStore().callbacks = callbacks.server;
  const accept = (_request: unknown, reply: Reply<object>): void => {
    reply(null, {});
  };

  monitor.registerResource = (request, reply) => {
    register(context, callbacks, request).then((response) => {
      reply(null, response);
    }, reply);
  };
  monitor.readResource = (request, reply) => {
    let response: resourcePb.ReadResourceResponse;
    try {
      response = read(context, request);
    } catch (error) {
      reply(error);
      return;
    }
    reply(null, response);
  };
  monitor.registerResourceOutputs = (request, reply) => {
    const outputs = propertiesFromWire(request.getOutputs()?.toJavaScript() ?? {});
    const resource = context.byUrn.get(request.getUrn());
    if (resource !== undefined) {
      resource.outputs = outputs;
    } else if (request.getUrn() === context.stackUrn) {
      context.record.stackOutputs = outputs;
    }
    reply(null, {});
  };
  monitor.registerStackTransform = (request, reply) => {
    callbacks.addStackTransform(request.getToken());
    reply(null, {});
  };
  monitor.registerStackInvokeTransform = accept;
  monitor.registerResourceHook = accept;
  monitor.registerErrorHook = accept;
  monitor.signalAndWaitForShutdown = accept;
}

/**
 * Makes the current run of the SDK record everything it registers, reads and asks for, answered by `world`.
 * To be called inside the SDK's `withLocalStorage`, before the program starts.
 */
export async function installRecordingMonitor(
  sdk: PulumiSdk,
  world: SimulatedWorld,
  run: { project: string; stack: string; organization: string; preview: boolean },
): Promise<MonitorRecord> {
  await sdk.pulumi.runtime.setMocks(
    {
      newResource: () => {
        throw new Error("a registration bypassed the recording");
      },
      // The SDK declares inputs as any.
      call: ({ token, inputs }) => world.invoke(token, inputs as WireProperties),
    },
    run.project,
    run.stack,
    run.preview,
    run.organization,
  );
  // setMocks has just installed the SDK's mock monitor; the declared type is the network client's.
  const monitor = sdk.pulumi.runtime.getMonitor() as unknown as MonitorMethods;
  const record: MonitorRecord = { resources: [], stackOutputs: {} };
  const context: Context = {
    sdk,
    world,
    record,
    byUrn: new Map(),
    transforms: new Map(),
    known: monitor.resources,
    stackUrn: undefined,
  };
  takeOverMethods(context, monitor);
  return record;
}
