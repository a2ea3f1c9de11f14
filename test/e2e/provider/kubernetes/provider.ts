import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { checked, fromStruct, PartialFailure, toStruct, type Log, type Provider } from "../server";
import { containsUnknowns, plain, type JsonObject } from "../values";
import { hasReason } from "./apiClient";
import { checkInputs } from "./check";
import { checkpoint, initialApiVersion, parseCheckpoint } from "./checkpoint";
import { diffConfig } from "./configDiff";
import { diffResource } from "./diff";
import { creationFailure, deletionFailure, previewFallsBack, updateFailure, type StateOf } from "./failures";
import { fieldManagerName } from "./fieldManager";
import { created, diffed, engineNaming, updated } from "./messages";
import { normalizeInputs } from "./normalize";
import { gvkOf, isPatchResource, objectId, parseObjectId, stringAt, without } from "./objects";
import { readObject } from "./read";
import { isRelease, Releases } from "./release";
import { NoMatchError } from "./resourceClient";
import { reachable, requireReachable, unreachableReason } from "./scope";
import { readSettings, type Settings } from "./settings";
import { createObject, deleteObject, relinquish, updateObject, type WriteContext } from "./writes";

const DELETE_HINT =
  "If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the " +
  'PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"';

/** The Kubernetes provider's stand-in: unpacks the engine's calls and hands them to the files beside this one. */
export class KubernetesProvider implements Provider {
  private configured: Settings | undefined;
  private configuredReleases: Releases | undefined;
  private cancelled = false;

  /** @param version the version to claim */
  constructor(
    readonly version: string,
    private readonly log: Log,
  ) {}

  cancel(): void {
    this.cancelled = true;
    this.configuredReleases?.cancel();
  }

  checkConfig(request: proto.CheckRequest): Promise<proto.CheckResponse> {
    return Promise.resolve(checked(fromStruct(request.getNews())));
  }

  diffConfig(request: proto.DiffRequest): Promise<proto.DiffResponse> {
    const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
    return Promise.resolve(diffConfig(plain(olds), plain(news)));
  }

  async configure(request: proto.ConfigureRequest): Promise<proto.ConfigureResponse> {
    const variables = new Map<string, string>();
    request.getVariablesMap().forEach((value, key) => variables.set(key, value));
    this.configured = await readSettings(variables);
    this.configuredReleases = new Releases(this.configured, this.log);
    const response = new proto.ConfigureResponse();
    response.setAcceptsecrets(true);
    response.setSupportspreview(true);
    response.setSupportsAutonamingConfiguration(true);
    return response;
  }

  async check(request: proto.CheckRequest): Promise<proto.CheckResponse> {
    if (isRelease(request.getUrn())) {
      return this.releases.check(request);
    }
    const checkRequest = {
      urn: request.getUrn(),
      olds: fromStruct(request.getOlds()),
      news: fromStruct(request.getNews()),
      randomSeed: request.getRandomseed_asU8(),
      engineNaming: engineNaming(request.getAutonaming()),
    };
    return checked(await checkInputs(checkRequest, this.settings));
  }

  async diff(request: proto.DiffRequest): Promise<proto.DiffResponse> {
    if (isRelease(request.getUrn())) {
      return this.releases.diff(request);
    }
    const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
    const ignored = request.getIgnorechangesList();
    return diffed(await diffResource(request.getUrn(), olds, news, ignored, this.settings));
  }

  async create(request: proto.CreateRequest): Promise<proto.CreateResponse> {
    const urn = request.getUrn();
    if (isRelease(urn)) {
      return this.releases.create(request);
    }
    const preview = request.getPreview();
    const news = fromStruct(request.getProperties());
    const inputs = plain(news);
    if (preview && (await this.cannotPreviewCreate(urn, inputs))) {
      return created("", news);
    }
    const context = this.context(urn, fieldManagerName({}, inputs), request.getTimeout(), preview);
    const { fieldManager } = context;
    const initialVersion = stringAt(inputs, "apiVersion");
    const stateOf: StateOf = (live) =>
      checkpoint(inputs, live, news, { initialApiVersion: initialVersion, fieldManager });
    try {
      const live = await createObject(inputs, context);
      // The status of a dry run is empty and would only mislead the program.
      if (preview) {
        return created("", stateOf(without(live, ["status"])));
      }
      return created(objectId(live), stateOf(live));
    } catch (error) {
      if (preview && previewFallsBack(error)) {
        return created("", news);
      }
      throw creationFailure(urn, error, stateOf);
    } finally {
      if (!preview && gvkOf(inputs).kind === "CustomResourceDefinition") {
        context.clients.reset();
      }
    }
  }

  async read(request: proto.ReadRequest): Promise<proto.ReadResponse> {
    const clients = reachable(this.settings);
    if (!clients) {
      return this.readUnreachable(request);
    }
    if (isRelease(request.getUrn())) {
      return this.releases.read(request);
    }
    const id = request.getId();
    const state = fromStruct(request.getProperties());
    const inputs = fromStruct(request.getInputs());
    const result = await readObject({ urn: request.getUrn(), id, state, inputs }, clients);
    const response = new proto.ReadResponse();
    // An answer without an id tells the engine that the object does not exist.
    if (!result) {
      return response;
    }
    if (result.notReady) {
      const { message, problems } = result.notReady;
      throw new PartialFailure(id, message, [message, ...problems], result.state, result.inputs);
    }
    response.setId(id);
    response.setProperties(toStruct(result.state));
    response.setInputs(toStruct(result.inputs));
    return response;
  }

  async update(request: proto.UpdateRequest): Promise<proto.UpdateResponse> {
    const urn = request.getUrn();
    if (isRelease(urn)) {
      return this.releases.update(request);
    }
    const preview = request.getPreview();
    const news = fromStruct(request.getNews());
    const state = plain(fromStruct(request.getOlds()));
    const inputs = normalizeInputs(plain(news));
    if (preview && (await this.cannotPreviewUpdate(inputs))) {
      return updated(news);
    }
    const { oldInputs, oldLive } = parseCheckpoint(state);
    const oldManager = fieldManagerName(state, oldInputs);
    const context = this.context(urn, fieldManagerName(state, inputs), request.getTimeout(), preview);
    const { fieldManager, clients } = context;
    const initialVersion = initialApiVersion(state, oldInputs);
    const stateOf: StateOf = (live) =>
      checkpoint(inputs, live, news, { initialApiVersion: initialVersion, fieldManager });
    let live: JsonObject;
    try {
      live = await updateObject(inputs, oldLive, request.getIgnorechangesList(), context);
    } catch (error) {
      if (preview && hasReason(error, "Forbidden")) {
        return updated(news);
      }
      throw await updateFailure(urn, oldLive, error, clients, stateOf);
    }
    if (!preview && this.settings.serverSideApply && oldManager !== fieldManager) {
      await relinquish(await clients.forObject(live), live, oldManager);
    }
    return updated(stateOf(live));
  }

  async delete(request: proto.DeleteRequest): Promise<void> {
    const urn = request.getUrn();
    if (isRelease(urn)) {
      return this.releases.delete(request);
    }
    if (!reachable(this.settings)) {
      if (this.settings.deleteUnreachable) {
        return;
      }
      throw new Error(`configured Kubernetes cluster is unreachable. ${DELETE_HINT}`);
    }
    const state = plain(fromStruct(request.getProperties()));
    const { oldInputs, oldLive } = parseCheckpoint(state);
    const context = this.context(urn, fieldManagerName(state, oldInputs), request.getTimeout(), false);
    const { fieldManager } = context;
    try {
      await deleteObject(oldInputs, oldLive, parseObjectId(request.getId()).name, context);
    } catch (error) {
      // The kind is gone from the cluster, and its objects with it.
      if (error instanceof NoMatchError) {
        return;
      }
      throw deletionFailure(urn, oldLive, error, (live) =>
        checkpoint(oldLive, live, state, { initialApiVersion: initialApiVersion(state, {}), fieldManager }),
      );
    }
  }

  private get settings(): Settings {
    if (!this.configured) {
      throw new Error("the provider has not been configured");
    }
    return this.configured;
  }

  private get releases(): Releases {
    if (!this.configuredReleases) {
      throw new Error("the provider has not been configured");
    }
    return this.configuredReleases;
  }

  private context(urn: string, fieldManager: string, timeoutSeconds: number, preview: boolean): WriteContext {
    return {
      urn,
      fieldManager,
      timeoutSeconds,
      preview,
      settings: this.settings,
      clients: requireReachable(this.settings),
      aborted: () => this.cancelled,
      status: (message) => {
        this.log("info", urn, message, true);
      },
    };
  }

  /** The preview of a create is left to the engine for a Patch, for unknown values and for kinds not served yet. */
  private async cannotPreviewCreate(urn: string, inputs: JsonObject): Promise<boolean> {
    if (!this.settings.serverSideApply || isPatchResource(urn, gvkOf(inputs).kind)) {
      return true;
    }
    return this.cannotPreviewUpdate(inputs);
  }

  private async cannotPreviewUpdate(inputs: JsonObject): Promise<boolean> {
    const clients = reachable(this.settings);
    return !clients || containsUnknowns(inputs) || !(await clients.exists(gvkOf(inputs)));
  }

  private readUnreachable(request: proto.ReadRequest): proto.ReadResponse {
    const response = new proto.ReadResponse();
    const reason = `configured Kubernetes cluster is unreachable: ${unreachableReason(this.settings)}`;
    this.log("warning", request.getUrn(), reason);
    if (this.settings.deleteUnreachable) {
      return response;
    }
    if (!this.settings.skipUpdateUnreachable) {
      throw new Error(`failed to read resource state due to unreachable cluster. ${DELETE_HINT}`);
    }
    response.setId(request.getId());
    response.setProperties(request.getProperties());
    response.setInputs(request.getInputs());
    return response;
  }
}
