import { join } from "node:path";
import { startApiServer, type ApiServer, type ClusterUser } from "./apiServer";
import { Daemon } from "./daemon";
import { startEtcd } from "./etcd";
import { findPart } from "./findPart";
import { installIstioCrds } from "./istioCrds";
import { writeKubeconfig } from "./kubeconfig";
import { pickFreePorts, requireFreePort } from "./ports";
import { say } from "./progress";
import { createTemporaryFolder, type TemporaryFolder } from "./temporaryFolder";

/** TCP ports on 127.0.0.1. */
export interface ClusterPorts {
  readonly etcdClient: number;
  readonly etcdPeer: number;
  readonly apiServer: number;
}

/** How a cluster is started; everything has a default. */
export interface ClusterOptions {
  /** Users beside the administrator. Default: none. */
  readonly users?: readonly ClusterUser[];
  /** More flags for kube-apiserver. Default: none. */
  readonly apiServerArgs?: readonly string[];
  /** Ports to use. Default: free ones. */
  readonly ports?: Partial<ClusterPorts>;
  /** Whether Istio's custom resource definitions are installed. Default: false. */
  readonly istioCrds?: boolean;
}

/** An API server with its etcd, on 127.0.0.1, for one test or one file of tests. */
export interface Cluster {
  /** URL of the API server. */
  readonly server: string;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** The administrator's bearer token. */
  readonly token: string;
  /** Certificate of the API server's authority, PEM. */
  readonly authority: string;
  readonly ports: ClusterPorts;
  /** Folder with kubeconfigs, keys and logs; goes when the cluster is stopped. */
  readonly folder: string;
  readonly etcd: Daemon;
  readonly apiServer: Daemon;
  /** Path of a kubeconfig for one of the users given at the start. */
  kubeconfigOf(user: string): string;
  /** Installs Istio's custom resource definitions and waits until they are served. */
  installIstioCrds(): Promise<void>;
  /** Ends both processes and removes the folder. Safe to call twice. */
  stop(): Promise<void>;
}

const administrator: ClusterUser = { name: "admin", token: "e2e-admin-token", groups: ["system:masters"] };

/**
 * Starts etcd and kube-apiserver. It takes 3 to 5 seconds.
 *
 * @throws StackError when a part is missing, a port is taken or a process does not come up; nothing is left then
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const [etcdProgram, apiServerProgram] = [await findPart("etcd"), await findPart("kube-apiserver")];
  const ports = await choosePorts(options.ports ?? {});
  const folder = createTemporaryFolder("cluster");
  const started: Daemon[] = [];
  try {
    const etcd = await startEtcd({
      program: etcdProgram.path,
      folder: folder.path,
      clientPort: ports.etcdClient,
      peerPort: ports.etcdPeer,
    });
    started.push(etcd);
    const apiServer = await startApiServer({
      program: apiServerProgram.path,
      folder: folder.path,
      port: ports.apiServer,
      etcdPort: ports.etcdClient,
      users: [administrator, ...(options.users ?? [])],
      extraArgs: options.apiServerArgs ?? [],
    });
    started.push(apiServer.daemon);
    endTogether(etcd, apiServer.daemon);
    const cluster = describe(folder, ports, etcd, apiServer, options.users ?? []);
    if (options.istioCrds === true) {
      await cluster.installIstioCrds();
    }
    return cluster;
  } catch (error) {
    for (const daemon of started.reverse()) {
      await daemon.stop(0);
    }
    folder.remove();
    throw error;
  }
}

function describe(
  folder: TemporaryFolder,
  ports: ClusterPorts,
  etcd: Daemon,
  apiServer: ApiServer,
  users: readonly ClusterUser[],
): Cluster {
  const { url: server, authority } = apiServer;
  const fileOf = (user: string): string => join(folder.path, `${user}.kubeconfig`);
  for (const { name, token } of [administrator, ...users]) {
    writeKubeconfig(fileOf(name), { server, authority, user: name, token });
  }
  const { token } = administrator;
  return {
    server,
    kubeconfig: fileOf(administrator.name),
    token,
    authority,
    ports,
    folder: folder.path,
    etcd,
    apiServer: apiServer.daemon,
    kubeconfigOf: (user) => {
      if (!users.some(({ name }) => name === user)) {
        throw new Error(`the cluster has no user ${user}`);
      }
      return fileOf(user);
    },
    installIstioCrds: () => installIstioCrds(fileOf(administrator.name), server, { token, authority }),
    stop: async () => {
      await Promise.all([apiServer.daemon.stop(), etcd.stop()]);
      folder.remove();
    },
  };
}

async function choosePorts(wanted: Partial<ClusterPorts>): Promise<ClusterPorts> {
  const free = await pickFreePorts(3);
  const ports = {
    etcdClient: wanted.etcdClient ?? free[0] ?? 0,
    etcdPeer: wanted.etcdPeer ?? free[1] ?? 0,
    apiServer: wanted.apiServer ?? free[2] ?? 0,
  };
  await requireFreePort(ports.etcdClient, "etcd");
  await requireFreePort(ports.etcdPeer, "etcd");
  await requireFreePort(ports.apiServer, "kube-apiserver");
  return ports;
}

/** Without its etcd the API server lets each request hang for a minute: then rather none at all. */
function endTogether(etcd: Daemon, apiServer: Daemon): void {
  etcd.onUnexpectedEnd((sentence) => {
    say(`${sentence} The API server is stopped too, and the tests that use it fail. Run them again.`);
    void apiServer.stop(0);
  });
  apiServer.onUnexpectedEnd((sentence) => {
    say(`${sentence} The tests that use it fail. Run them again.`);
  });
}
