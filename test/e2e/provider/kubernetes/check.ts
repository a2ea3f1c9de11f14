import { annotateSecrets, plain, type JsonObject } from "../values";
import * as naming from "./naming";
import { normalizeInputs } from "./normalize";
import { gvkOf, gvkOfUrn, isPatchResource, nameOf, nameOfUrn, namespaceOf, setMetadata } from "./objects";
import { livesInNamespace, reachable } from "./scope";
import type { Settings } from "./settings";

/** What the engine sends to have inputs checked; values carry their secret marks. */
export interface CheckRequest {
  readonly urn: string;
  /** Inputs of the last run; empty for a new resource and for a replacement. */
  readonly olds: JsonObject;
  readonly news: JsonObject;
  readonly randomSeed: Uint8Array;
  readonly engineNaming?: naming.EngineNaming | undefined;
}

/**
 * Turns the inputs of the program into those that all later calls get: normalized, named, with a namespace.
 * @throws Error for a Patch without a name or without server-side apply, and for `generateName` with it
 */
export async function checkInputs(request: CheckRequest, settings: Settings): Promise<JsonObject> {
  if (!reachable(settings) && settings.skipUpdateUnreachable) {
    return request.olds;
  }
  const inputs = normalizeInputs(plain(request.news));
  const isPatch = isPatchResource(request.urn, gvkOf(inputs).kind);
  if (isPatch && !settings.serverSideApply) {
    throw new Error(
      "patch resources require Server-Side Apply mode, which is enabled using the " +
        "`enableServerSideApply` Provider config",
    );
  }
  if (isPatch && nameOf(inputs) === "" && !naming.isNamed(inputs)) {
    throw new Error("patch resources require the `.metadata.name` field to be set");
  }
  if (Object.keys(request.olds).length > 0) {
    naming.adoptName(inputs, plain(request.olds));
  } else {
    naming.assignName(inputs, nameOfUrn(request.urn), request.randomSeed, request.engineNaming);
  }
  if (naming.usesGenerateName(inputs) && settings.serverSideApply) {
    throw new Error("the `.metadata.generateName` field is not supported in Server-Side Apply mode");
  }
  const gvk = gvkOfUrn(request.urn);
  const kind = isPatch ? gvkOf(inputs).kind : gvk.kind;
  const needsNamespace = settings.defaultNamespace !== "" && namespaceOf(inputs) === "";
  if (needsNamespace && !isNamespaceUnknown(inputs) && (await livesInNamespace({ ...gvk, kind }, settings))) {
    setMetadata(inputs, "namespace", settings.defaultNamespace);
  }
  annotateSecrets(inputs, request.news);
  return inputs;
}

function isNamespaceUnknown(inputs: JsonObject): boolean {
  const { metadata } = inputs;
  return (
    typeof metadata === "string" ||
    (typeof metadata === "object" && metadata !== null && "namespace" in metadata)
  );
}
