import { readLenient, rootNamespaceOf as rootNamespaceIn } from "../mesh/text/lenientText";
import type { MeshConfig } from "../mesh/text/lenientText";
import { configMapNameOf } from "../settings/mesh";
import type { ClusterFacts } from "./clusterFacts";
import { revisionOf, sharedMeshOf } from "./istiod";
import { idOf, listAt, textAt } from "../kubernetes/liveObject";
import type { PreflightSubject } from "./subject";

/** The mesh configuration of one revision as istiod will see it after this run. */
export interface MeshView {
  /** `<namespace>/<name>` of its ConfigMap. */
  configMap: string;
  /** Its fields; the extension providers are merged with those of the shared ConfigMap. */
  config: MeshConfig;
  /** The extension providers by name, as Istio merges them: a later one of the same name wins. */
  providers: ReadonlyMap<string, unknown>;
  /** Whether it is known which shared ConfigMap istiod reads too, if any. */
  complete: boolean;
}

/**
 * The mesh configuration of a revision.
 *
 * @returns undefined when there is no such ConfigMap or it could not be read.
 */
export function meshOfRevision(
  facts: ClusterFacts,
  subject: PreflightSubject,
  revision: string,
): MeshView | undefined {
  const configMap = `${subject.istioNamespace}/${configMapNameOf(revision)}`;
  const istiod = (facts.istiods ?? []).find((one) => revisionOf(one) === revision);
  const text = meshText(facts, subject, configMap);
  if (text === undefined) {
    return undefined;
  }
  const shared = istiod === undefined ? undefined : sharedMeshOf(istiod, subject);
  const sharedText =
    shared === undefined || !("configMap" in shared)
      ? undefined
      : meshText(facts, subject, `${subject.istioNamespace}/${shared.configMap}`);
  return {
    ...meshView(configMap, [sharedText ?? "", text]),
    complete: sharedText !== undefined || shared?.state === "absent" || shared?.state === "set",
  };
}

/**
 * The mesh configurations that count: those that this run edits, or, where it does not edit istiod's own ones, those
 * of the revisions that are there.
 */
export function meshesOf(facts: ClusterFacts, subject: PreflightSubject): MeshView[] {
  if (subject.editsMesh) {
    return subject.meshes.map(({ id, text }) => meshView(id, [text]));
  }
  const revisions = new Set(["default", ...(facts.istiods ?? []).map(revisionOf)]);
  return [...revisions].flatMap((revision) => meshOfRevision(facts, subject, revision) ?? []);
}

/** Istio's root namespace, where policies reach every namespace. */
export function rootNamespaceOf(facts: ClusterFacts, subject: PreflightSubject): string {
  const configs = meshesOf(facts, subject).map(({ config }) => config);
  return rootNamespaceIn(configs, subject.istioNamespace);
}

function meshText(facts: ClusterFacts, subject: PreflightSubject, id: string): string | undefined {
  const edited = subject.meshes.find((mesh) => mesh.id === id);
  const live = facts.meshConfigMaps?.find((configMap) => idOf(configMap) === id);
  return edited?.text ?? textAt(live, "data", "mesh");
}

/** Sources in the order of Istio: what stands later wins. */
function meshView(configMap: string, texts: readonly string[]): MeshView {
  // A text that is not valid says nothing here; istiod ignores it too.
  const sources = texts.map((text) => readLenient(text) ?? {});
  const providers = new Map<string, unknown>();
  for (const provider of sources.flatMap((source) => listAt(source, "extensionProviders"))) {
    const name = textAt(provider, "name");
    if (name !== undefined) {
      providers.set(name, provider);
    }
  }
  return {
    configMap,
    config: sources.reduce((below, above) => ({ ...below, ...above }), {}),
    providers,
    complete: true,
  };
}
