import { join } from "node:path";
import { Daemon } from "./daemon";
import { isAnsweredOk } from "./http";

/** Where etcd runs. */
export interface EtcdOptions {
  readonly program: string;
  /** Folder for its data and its log. */
  readonly folder: string;
  readonly clientPort: number;
  readonly peerPort: number;
}

/**
 * Starts etcd on 127.0.0.1 and waits until it answers.
 *
 * @throws StackError when it does not come up
 */
export async function startEtcd(options: EtcdOptions): Promise<Daemon> {
  const clients = `http://127.0.0.1:${options.clientPort}`;
  const peers = `http://127.0.0.1:${options.peerPort}`;
  const args = [
    "--name=e2e",
    `--data-dir=${join(options.folder, "etcd")}`,
    `--listen-client-urls=${clients}`,
    `--advertise-client-urls=${clients}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=e2e=${peers}`,
    // The data lives as long as the test: nothing is gained by waiting for the disk.
    "--unsafe-no-fsync",
    "--log-level=warn",
  ];
  const logFile = join(options.folder, "etcd.log");
  return Daemon.startReady(
    { name: "etcd", command: options.program, args, logFile },
    "An answer from etcd",
    () => isAnsweredOk(`${clients}/health`),
  );
}
