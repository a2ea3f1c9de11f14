import type * as pulumi from "@pulumi/pulumi";
import type { Reader } from "../kubernetes/beforeRead";
import type { ExtensionProvider } from "./extensionProvider";

/** What the edit of the mesh configuration needs to know about its component. */
export interface MeshEditContext {
  /** The component; parent of the resources. */
  component: pulumi.ComponentResource;
  /** Logical name of the component. */
  name: string;
  /** `<project>/<stack>/<component>`. */
  owner: string;
  /** The component's stable id. */
  id: pulumi.Output<string>;
  /** The component's providers. */
  providers: pulumi.Input<ExtensionProvider[]>;
  /** Whether the providers are taken out instead. */
  teardown: boolean;
  /** How live objects are read. */
  reader: Reader;
}

/** What a run knows of a mesh ConfigMap. */
export interface MeshRead {
  /** `<namespace>/<name>`. */
  configMap: pulumi.Output<string>;
  /** The key `mesh` as it will be after this run. */
  text: pulumi.Output<string>;
  /** The uid of the ConfigMap, by which a cluster is recognised. */
  uid: pulumi.Output<string | undefined>;
}
