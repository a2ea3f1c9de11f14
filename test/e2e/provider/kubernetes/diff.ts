import { plain, type JsonObject } from "../values";
import { parseCheckpoint } from "./checkpoint";
import { forceNewPaths } from "./forceNew";
import { diffInputs, withoutIgnored, type PropertyChange } from "./inputDiff";
import { isAutonamed, isNamed } from "./naming";
import { normalizeInputs } from "./normalize";
import { gvkOf, isPatchResource, nameOf, namespaceOf, setMetadata } from "./objects";
import { prune } from "./prune";
import { livesInNamespace } from "./scope";
import type { Settings } from "./settings";

/** What would change, and whether that means a replacement. */
export interface ResourceDiff {
  readonly changes: ReadonlyMap<string, PropertyChange>;
  /** Paths of the changes that force a replacement; empty for an update in place. */
  readonly replaces: readonly string[];
  /** True when the old object must go before the new one can come: same fixed name, same namespace. */
  readonly deleteBeforeReplace: boolean;
}

/**
 * Compares new inputs with the last stored live object, cut to the shape of the old inputs. Nothing is read from
 * the cluster: what others changed there since is seen only after a refresh.
 */
export async function diffResource(
  urn: string,
  state: JsonObject,
  news: JsonObject,
  ignoreChanges: readonly string[],
  settings: Settings,
): Promise<ResourceDiff> {
  const parsed = parseCheckpoint(state);
  const oldLivePruned = prune(parsed.oldLive, normalizeInputs(parsed.oldInputs));
  const newInputs = normalizeInputs(plain(news));
  const namespaced = await livesInNamespace(gvkOf(newInputs), settings);
  for (const object of [oldLivePruned, newInputs]) {
    setMetadata(object, "namespace", namespaced ? namespaceOf(object) || "default" : "");
  }
  if (nameOf(newInputs) !== "") {
    setMetadata(oldLivePruned, "name", nameOf(parsed.oldLive));
  }

  const isPatch = isPatchResource(urn, gvkOf(newInputs).kind);
  const forceNew = forceNewPaths(newInputs, isPatch, settings);
  const changes = withoutIgnored(diffInputs(oldLivePruned, newInputs, forceNew), ignoreChanges);
  const replaces = [...changes]
    .filter(([path, change]) => change.replace || (change.kind === "delete" && path === "metadata"))
    .map(([path]) => path);
  return {
    changes,
    replaces,
    deleteBeforeReplace: replaces.length > 0 && mustGoFirst(newInputs, parsed.oldLive),
  };
}

function mustGoFirst(newInputs: JsonObject, oldLive: JsonObject): boolean {
  return (
    isNamed(newInputs) &&
    !isAutonamed(newInputs) &&
    nameOf(newInputs) === nameOf(oldLive) &&
    namespaceOf(newInputs) === namespaceOf(oldLive)
  );
}
