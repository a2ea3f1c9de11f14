import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { checked, fromStruct, toStruct, type Provider } from "../server";
import { plain, UNKNOWN, type JsonObject } from "../values";
import { changedKeys, generate, outputNames } from "./values";

/** The random provider's stand-in: RandomId, RandomString and RandomPassword (without `bcryptHash`). */
export class RandomProvider implements Provider {
  /** @param version the version to claim */
  constructor(readonly version: string) {}

  checkConfig(request: proto.CheckRequest): Promise<proto.CheckResponse> {
    return Promise.resolve(checked(fromStruct(request.getNews())));
  }

  diffConfig(): Promise<proto.DiffResponse> {
    const response = new proto.DiffResponse();
    response.setChanges(proto.DiffResponse.DiffChanges.DIFF_NONE);
    return Promise.resolve(response);
  }

  configure(): Promise<proto.ConfigureResponse> {
    const response = new proto.ConfigureResponse();
    response.setAcceptsecrets(true);
    response.setSupportspreview(true);
    return Promise.resolve(response);
  }

  check(request: proto.CheckRequest): Promise<proto.CheckResponse> {
    return Promise.resolve(checked(fromStruct(request.getNews())));
  }

  /** A random value never changes in place: whatever changes in its inputs (`keepers` above all) replaces it. */
  diff(request: proto.DiffRequest): Promise<proto.DiffResponse> {
    const olds = plain(fromStruct(request.getOldInputs()));
    const ignored = new Set(request.getIgnorechangesList());
    const keys = changedKeys(olds, plain(fromStruct(request.getNews()))).filter((key) => !ignored.has(key));
    const response = new proto.DiffResponse();
    const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
    response.setChanges(keys.length > 0 ? DIFF_SOME : DIFF_NONE);
    response.setReplacesList(keys);
    response.setDiffsList(keys);
    return Promise.resolve(response);
  }

  create(request: proto.CreateRequest): Promise<proto.CreateResponse> {
    const kind = kindOfUrn(request.getUrn());
    const inputs = fromStruct(request.getProperties());
    const response = new proto.CreateResponse();
    if (request.getPreview()) {
      const unknowns: JsonObject = Object.fromEntries(outputNames(kind).map((name) => [name, UNKNOWN]));
      response.setProperties(toStruct({ ...inputs, ...unknowns }));
      return Promise.resolve(response);
    }
    const { id, outputs } = generate(kind, inputs);
    response.setId(id);
    response.setProperties(toStruct({ ...inputs, ...outputs }));
    return Promise.resolve(response);
  }

  read(request: proto.ReadRequest): Promise<proto.ReadResponse> {
    const response = new proto.ReadResponse();
    response.setId(request.getId());
    response.setProperties(request.getProperties());
    response.setInputs(request.getInputs());
    return Promise.resolve(response);
  }

  update(request: proto.UpdateRequest): Promise<proto.UpdateResponse> {
    const response = new proto.UpdateResponse();
    response.setProperties(toStruct({ ...fromStruct(request.getOlds()), ...fromStruct(request.getNews()) }));
    return Promise.resolve(response);
  }

  delete(): Promise<void> {
    return Promise.resolve();
  }
}

function kindOfUrn(urn: string): string {
  const [, , type = ""] = urn.split("::");
  return type.slice(type.lastIndexOf(":") + 1);
}
