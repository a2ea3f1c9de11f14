import { KubeConfig } from "@kubernetes/client-node";
import { writeFileSync } from "node:fs";
import { stringify } from "yaml";
import type { Credentials } from "./http";

/** One user at one API server. */
export interface KubeconfigContents {
  /** URL of the API server. */
  readonly server: string;
  /** Certificate of the server's authority, PEM. */
  readonly authority: string;
  readonly user: string;
  readonly token: string;
}

/** Writes a kubeconfig with one cluster, one user and one context; only the owner may read it. */
export function writeKubeconfig(path: string, contents: KubeconfigContents): void {
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "e2e",
        cluster: {
          server: contents.server,
          "certificate-authority-data": Buffer.from(contents.authority).toString("base64"),
        },
      },
    ],
    users: [{ name: contents.user, user: { token: contents.token } }],
    contexts: [{ name: "e2e", context: { cluster: "e2e", user: contents.user } }],
    "current-context": "e2e",
  };
  writeFileSync(path, stringify(config), { mode: 0o600 });
}

/**
 * The server of a kubeconfig's current context, and how to ask it.
 *
 * @throws Error when the file names no authority or no token, as those that the suite writes do
 */
export function readKubeconfig(path: string): { server: string; credentials: Credentials } {
  const config = new KubeConfig();
  config.loadFromFile(path);
  const cluster = config.getCurrentCluster();
  const token = config.getCurrentUser()?.token;
  if (cluster?.caData === undefined || token === undefined) {
    throw new Error(`${path} names no authority or no token`);
  }
  const authority = Buffer.from(cluster.caData, "base64").toString();
  return { server: cluster.server, credentials: { token, authority } };
}
