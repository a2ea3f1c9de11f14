import { booleanSetting } from "../server";
import { ApiClient } from "./apiClient";
import type { Mutability } from "./forceNew";
import { connectionOf, loadKubeconfig, type Connection, type Overrides } from "./kubeconfig";
import { ResourceClients } from "./resourceClient";

/** The provider's configuration after `Configure`. */
export interface Settings extends Mutability {
  readonly defaultNamespace: string;
  readonly serverSideApply: boolean;
  readonly forceConflicts: boolean;
  readonly upsertExistingObjects: boolean;
  readonly deleteUnreachable: boolean;
  readonly skipUpdateUnreachable: boolean;
  /** Access to the cluster, or why there is none. */
  readonly cluster: ResourceClients | { readonly unreachable: string };
  /** What the kubeconfig says, for programs that reach the cluster themselves; undefined when it says nothing. */
  readonly connection?: Connection;
}

/** Reads the settings that the engine passes, with the real provider's environment variables as fall-back. */
export async function readSettings(variables: ReadonlyMap<string, string>): Promise<Settings> {
  const value = (key: string): string => variables.get(`kubernetes:config:${key}`) ?? "";
  const flag = (key: string, environment: string, fallback?: boolean): boolean =>
    booleanSetting(variables, `kubernetes:config:${key}`, `PULUMI_K8S_${environment}`, fallback);
  const connection = await connect(value("kubeconfig"), {
    context: value("context"),
    cluster: value("cluster"),
  });
  return {
    defaultNamespace: value("namespace") || connection.namespace,
    serverSideApply: flag("enableServerSideApply", "ENABLE_SERVER_SIDE_APPLY", true),
    forceConflicts: flag("enablePatchForce", "ENABLE_PATCH_FORCE"),
    upsertExistingObjects: flag("upsertExistingObjects", "UPSERT_EXISTING_OBJECTS"),
    secretsMutable: flag("enableSecretMutable", "ENABLE_SECRET_MUTABLE"),
    configMapsMutable: flag("enableConfigMapMutable", "ENABLE_CONFIGMAP_MUTABLE"),
    deleteUnreachable: flag("deleteUnreachable", "DELETE_UNREACHABLE"),
    skipUpdateUnreachable: flag("skipUpdateUnreachable", "SKIP_UPDATE_UNREACHABLE"),
    cluster: connection.cluster,
    connection: connection.connection,
  };
}

async function connect(
  kubeconfig: string,
  overrides: Overrides,
): Promise<{ namespace: string; cluster: Settings["cluster"]; connection?: Connection }> {
  let connection: Connection;
  try {
    connection = connectionOf(loadKubeconfig(kubeconfig), overrides);
  } catch (error) {
    const reason = `failed to parse kubeconfig data in \`kubernetes:config:kubeconfig\`- ${messageOf(error)}`;
    return { namespace: "", cluster: { unreachable: reason } };
  }
  const { namespace } = connection;
  const api = new ApiClient(connection);
  try {
    await api.send({ method: "GET", path: "/version" });
    return { namespace, cluster: new ResourceClients(api), connection };
  } catch (error) {
    const reason = `unable to load schema information from the API server: ${messageOf(error)}`;
    return { namespace, cluster: { unreachable: reason } };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
