import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { toStruct } from "../server";
import type { JsonObject } from "../values";
import type { ResourceDiff } from "./diff";
import type { EngineNaming } from "./naming";

const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = proto.PropertyDiff.Kind;
const PROPERTY_DIFF = {
  add: [ADD, ADD_REPLACE],
  delete: [DELETE, DELETE_REPLACE],
  update: [UPDATE, UPDATE_REPLACE],
} as const;

/** The naming choice in a check request; undefined when the engine leaves naming to the provider. */
export function engineNaming(
  options: proto.CheckRequest.AutonamingOptions | undefined,
): EngineNaming | undefined {
  if (!options) {
    return undefined;
  }
  const { DISABLE, ENFORCE } = proto.CheckRequest.AutonamingOptions.Mode;
  const mode = options.getMode();
  const name = options.getProposedName();
  if (mode === DISABLE) {
    return { mode: "disable", name };
  }
  return { mode: mode === ENFORCE ? "enforce" : "propose", name };
}

/** The answer to a create; the id is "" in a preview. */
export function created(id: string, state: JsonObject): proto.CreateResponse {
  const response = new proto.CreateResponse();
  response.setId(id);
  response.setProperties(toStruct(state));
  return response;
}

/** The answer to an update. */
export function updated(state: JsonObject): proto.UpdateResponse {
  const response = new proto.UpdateResponse();
  response.setProperties(toStruct(state));
  return response;
}

/** The answer to a diff, with every changed property by its path. */
export function diffed(diff: ResourceDiff): proto.DiffResponse {
  const response = new proto.DiffResponse();
  const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
  response.setChanges(diff.changes.size > 0 ? DIFF_SOME : DIFF_NONE);
  response.setReplacesList([...diff.replaces]);
  response.setDeletebeforereplace(diff.deleteBeforeReplace);
  response.setHasdetaileddiff(true);
  for (const [path, change] of diff.changes) {
    const detail = new proto.PropertyDiff();
    detail.setKind(PROPERTY_DIFF[change.kind][change.replace ? 1 : 0]);
    detail.setInputdiff(change.kind === "delete");
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}
