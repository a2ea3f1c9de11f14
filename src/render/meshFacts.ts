import { readLenient } from "../mesh/text/lenientText";
import { isPlainObject } from "../offline/secretValue";

/** What the coverage needs to know of the mesh config. */
export interface MeshFacts {
  /** policies in it reach all namespaces */
  readonly rootNamespace: string;
  /** names of all extension providers; undefined if no mesh text is known */
  readonly providers: ReadonlySet<string> | undefined;
  /** whether the mesh config is that of an ambient installation */
  readonly isAmbient: boolean;
}

const DEFAULT_ROOT_NAMESPACE = "istio-system";

function readMesh(text: string): Readonly<Record<string, unknown>> {
  const value = readLenient(text);
  return isPlainObject(value) ? value : {};
}

function enablesHbone(defaultConfig: unknown): boolean {
  const metadata = isPlainObject(defaultConfig) ? defaultConfig.proxyMetadata : undefined;
  return isPlainObject(metadata) && String(metadata.ISTIO_META_ENABLE_HBONE) === "true";
}

/** Reads the facts from mesh texts; where several name a root namespace, the first wins. */
export function meshFacts(texts: readonly string[]): MeshFacts {
  const meshes = texts.map(readMesh);
  const root = meshes.map(({ rootNamespace }) => rootNamespace).find((value) => typeof value === "string");
  const names = meshes.flatMap(({ extensionProviders }) =>
    Array.isArray(extensionProviders)
      ? extensionProviders.flatMap((provider: unknown) =>
          isPlainObject(provider) ? [String(provider.name)] : [],
        )
      : [],
  );
  return {
    rootNamespace: typeof root === "string" && root !== "" ? root : DEFAULT_ROOT_NAMESPACE,
    isAmbient: meshes.some(({ defaultConfig }) => enablesHbone(defaultConfig)),
    providers: texts.length === 0 ? undefined : new Set(names),
  };
}
