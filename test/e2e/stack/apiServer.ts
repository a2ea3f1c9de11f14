import { generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Daemon } from "./daemon";
import { isAnsweredOk } from "./http";

/** Somebody who may ask the API server; what they may do is for RBAC to say. */
export interface ClusterUser {
  readonly name: string;
  /** Bearer token. */
  readonly token: string;
  /** `system:masters` may do everything. Default: none. */
  readonly groups?: readonly string[];
}

/** Where and how the API server runs. */
export interface ApiServerOptions {
  readonly program: string;
  /** Folder for its certificates, keys and log. */
  readonly folder: string;
  readonly port: number;
  readonly etcdPort: number;
  /** The first one must be an administrator: it asks whether the server is ready. */
  readonly users: readonly [ClusterUser, ...ClusterUser[]];
  /** More flags; one that is given twice counts as given here, but lists add up. */
  readonly extraArgs: readonly string[];
}

/** A running API server. */
export interface ApiServer {
  readonly daemon: Daemon;
  readonly url: string;
  /** Certificate of its authority, PEM. */
  readonly authority: string;
}

/** File with the private key that signs service account tokens, in the folder of the API server. */
export const serviceAccountKeyFile = "service-account.key";

/**
 * Starts kube-apiserver on 127.0.0.1 and waits until it is ready and has made namespace `default`.
 *
 * @throws StackError when it does not come up
 */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const url = `https://127.0.0.1:${options.port}`;
  // The server writes its certificate there, with that of the authority behind it.
  const authorityFile = join(options.folder, "apiserver.crt");
  const { token } = options.users[0];
  writeUsers(join(options.folder, "tokens.csv"), options.users);
  writeServiceAccountKey(join(options.folder, serviceAccountKeyFile));
  const isReady = async (): Promise<boolean> => {
    const credentials = { token, authority: readFileSync(authorityFile, "utf8") };
    return (
      (await isAnsweredOk(`${url}/readyz`, credentials)) &&
      (await isAnsweredOk(`${url}/api/v1/namespaces/default`, credentials))
    );
  };
  const logFile = join(options.folder, "kube-apiserver.log");
  const daemon = await Daemon.startReady(
    { name: "kube-apiserver", command: options.program, args: flags(options), logFile },
    "A ready API server",
    isReady,
  );
  return { daemon, url, authority: readFileSync(authorityFile, "utf8") };
}

function flags(options: ApiServerOptions): string[] {
  const inFolder = (name: string): string => join(options.folder, name);
  return [
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${options.port}`,
    `--cert-dir=${options.folder}`,
    `--etcd-servers=http://127.0.0.1:${options.etcdPort}`,
    "--authorization-mode=RBAC",
    `--token-auth-file=${inFolder("tokens.csv")}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${inFolder(serviceAccountKeyFile)}`,
    `--service-account-signing-key-file=${inFolder(serviceAccountKeyFile)}`,
    // Nothing here makes the token that this plugin would mount into each pod.
    "--disable-admission-plugins=ServiceAccount",
    "--service-cluster-ip-range=10.96.0.0/16",
    // EndpointSlices refuse the loopback address that the server would publish for itself.
    "--endpoint-reconciler-type=none",
    ...options.extraArgs,
  ];
}

function writeUsers(path: string, users: readonly ClusterUser[]): void {
  const lines = users.map(({ name, token, groups = [] }) => `${token},${name},${name},"${groups.join(",")}"`);
  writeFileSync(path, `${lines.join("\n")}\n`, { mode: 0o600 });
}

function writeServiceAccountKey(path: string): void {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(path, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
}
