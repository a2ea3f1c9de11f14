import { at, listAt } from "../kubernetes/liveObject";
import { accessLogsOf, logsWithoutProvider } from "../mesh/accessLogs";
import { readLenient, rootNamespaceOf } from "../mesh/text/lenientText";
import { isRecord } from "../pulumi/inputs";
import { defaultIstioNamespace } from "../settings/mesh";

/** What the coverage needs to know of the mesh config. */
export interface MeshFacts {
  /** policies in it reach all namespaces */
  readonly rootNamespace: string;
  /** names of all extension providers; undefined if no mesh text is known */
  readonly providers: ReadonlySet<string> | undefined;
  /** access logs that the mesh writes where no Telemetry says otherwise; undefined if no mesh text is known */
  readonly accessLogs: readonly string[] | undefined;
  /** logs of the mesh beside them that no Telemetry can name */
  readonly namelessLogs: readonly string[];
  /** whether the mesh config is that of an ambient installation */
  readonly isAmbient: boolean;
}

function enablesHbone(mesh: unknown): boolean {
  return String(at(mesh, "defaultConfig", "proxyMetadata", "ISTIO_META_ENABLE_HBONE")) === "true";
}

/** Reads the facts from mesh texts; where several name a root namespace, the first wins. */
export function meshFacts(texts: readonly string[]): MeshFacts {
  const meshes = texts.map((text) => readLenient(text) ?? {});
  const names = meshes
    .flatMap((mesh) => listAt(mesh, "extensionProviders"))
    .flatMap((provider) => (isRecord(provider) ? [String(provider.name)] : []));
  return {
    rootNamespace: rootNamespaceOf(meshes, defaultIstioNamespace),
    isAmbient: meshes.some(enablesHbone),
    accessLogs: texts.length === 0 ? undefined : [...new Set(meshes.flatMap(accessLogsOf))],
    namelessLogs: [...new Set(meshes.flatMap(logsWithoutProvider))],
    providers: texts.length === 0 ? undefined : new Set(names),
  };
}
