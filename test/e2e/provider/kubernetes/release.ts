import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { checked, fromStruct, PartialFailure, toStruct, type Log } from "../server";
import { isObject, plain, type Json, type JsonObject } from "../values";
import { created, diffed, updated } from "./messages";
import { parseObjectId, stringAt, typeOfUrn } from "./objects";
import { diffRelease } from "./releaseDiff";
import { installCommand, uninstallCommand, upgradeCommand } from "./releaseFlags";
import { Helm } from "./releaseHelm";
import { checkRelease, importedInputs } from "./releaseInputs";
import { parseReleaseState, previewedState, readRelease, releaseState, revisionOf } from "./releaseState";
import { reachable, unreachableReason } from "./scope";
import type { Settings } from "./settings";

/** Whether a resource is a Helm release, which is no object of the API server. */
export function isRelease(urn: string): boolean {
  return typeOfUrn(urn) === "kubernetes:helm.sh/v3:Release";
}

/** Answers the engine's calls about Helm releases by running Helm. */
export class Releases {
  private readonly helm: Helm;

  constructor(
    private readonly settings: Settings,
    private readonly log: Log,
  ) {
    this.helm = new Helm(settings.connection);
  }

  /** Ends what is under way. */
  cancel(): void {
    this.helm.cancel();
  }

  async check(request: proto.CheckRequest): Promise<proto.CheckResponse> {
    const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
    const { defaultNamespace } = this.settings;
    const { inputs, failure } = await checkRelease(
      { urn: request.getUrn(), olds, news },
      defaultNamespace,
      this.helm,
    );
    const response = checked(inputs);
    if (failure !== "") {
      const problem = new proto.CheckFailure();
      problem.setProperty("chart");
      problem.setReason(failure);
      response.addFailures(problem);
    }
    return response;
  }

  diff(request: proto.DiffRequest): proto.DiffResponse {
    const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
    return diffed(diffRelease(olds, news, request.getIgnorechangesList()));
  }

  async create(request: proto.CreateRequest): Promise<proto.CreateResponse> {
    const news = fromStruct(request.getProperties());
    if (request.getPreview()) {
      return created("", previewedState(news));
    }
    this.requireReachable("create", ":");
    const { inputs, id } = identified(news);
    try {
      await this.helm.run(installCommand(inputs), valuesOf(inputs));
    } catch (error) {
      const left = messageOf(error).includes("cannot re-use a name") ? undefined : await this.find(inputs);
      if (left === undefined) {
        throw error;
      }
      const start = `Helm release ${JSON.stringify(stringAt(inputs, "name"))} was created but has a failed status.`;
      const hint = "Use the `helm` command to investigate the error, correct it, then retry.";
      this.log("warning", request.getUrn(), `${start} ${hint} Reason: ${messageOf(error)}`);
      throw partial(id, "was created, but failed", error, releaseState(news, left));
    }
    return created(id, releaseState(news, await this.live(inputs)));
  }

  async read(request: proto.ReadRequest): Promise<proto.ReadResponse> {
    const response = new proto.ReadResponse();
    const { inputs, fields } = parseReleaseState(fromStruct(request.getProperties()));
    const fromId = parseObjectId(request.getId());
    const known = stringAt(fields, "name") !== "";
    const name = known ? stringAt(fields, "name") : fromId.name;
    const namespace = known ? stringAt(fields, "namespace") : fromId.namespace;
    const live = await readRelease(fields, name, namespace, this.helm);
    // An answer without an id tells the engine that the release does not exist.
    if (live === undefined) {
      return response;
    }
    const oldInputs = inputs ?? importedInputs(live);
    response.setId(request.getId());
    response.setProperties(toStruct(releaseState(oldInputs, live)));
    response.setInputs(toStruct(oldInputs));
    return response;
  }

  async update(request: proto.UpdateRequest): Promise<proto.UpdateResponse> {
    const news = fromStruct(request.getNews());
    if (request.getPreview()) {
      return updated(previewedState(news));
    }
    this.requireReachable("update", ":");
    const { inputs, id } = identified(news);
    const before = parseReleaseState(fromStruct(request.getOlds())).fields;
    try {
      await this.helm.run(upgradeCommand(inputs), valuesOf(inputs));
    } catch (error) {
      const left = await this.find(inputs);
      // Helm has written a revision only when it got as far as the objects.
      if (left === undefined || revisionOf(left) <= revisionOf(before)) {
        throw error;
      }
      throw partial(id, "failed", error, releaseState(news, left));
    }
    return updated(releaseState(news, await this.live(inputs)));
  }

  async delete(request: proto.DeleteRequest): Promise<void> {
    this.requireReachable("delete", ".");
    const { fields } = parseReleaseState(fromStruct(request.getProperties()));
    await this.helm.run(uninstallCommand(fields));
  }

  private find(inputs: JsonObject): Promise<JsonObject | undefined> {
    return readRelease(inputs, stringAt(inputs, "name"), stringAt(inputs, "namespace"), this.helm);
  }

  private async live(inputs: JsonObject): Promise<JsonObject> {
    const found = await this.find(inputs);
    if (found === undefined) {
      throw new Error(`Helm made the release and does not find it`);
    }
    return found;
  }

  private requireReachable(what: string, mark: string): void {
    if (reachable(this.settings)) {
      return;
    }
    const reason = unreachableReason(this.settings);
    throw new Error(
      `can't ${what} Helm Release with unreachable cluster${mark} Reason: ${JSON.stringify(reason)}`,
    );
  }
}

function identified(news: JsonObject): { inputs: JsonObject; id: string } {
  const inputs = plain(news);
  const [namespace, name] = [stringAt(inputs, "namespace"), stringAt(inputs, "name")];
  return { inputs, id: namespace === "" ? name : `${namespace}/${name}` };
}

/** JSON is YAML. */
function valuesOf(inputs: JsonObject): string {
  const values: Json | undefined = inputs.values;
  return JSON.stringify(isObject(values) ? values : {});
}

function partial(id: string, how: string, error: unknown, state: JsonObject): PartialFailure {
  const message =
    `Helm release "${id}" ${how} to initialize completely. Use Helm CLI to investigate: failed to become available ` +
    `within allocated timeout. Error: Helm Release ${id}: ${messageOf(error)}`;
  return new PartialFailure(id, message, [message], state);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
