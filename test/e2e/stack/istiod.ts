import { join } from "node:path";
import { ensureNamespace } from "./apply";
import { Daemon } from "./daemon";
import { findPart } from "./findPart";
import { isAnsweredOk } from "./http";
import { pickFreePorts, requireFreePort } from "./ports";
import { createTemporaryFolder } from "./temporaryFolder";

/** TCP ports on 127.0.0.1. */
export interface IstiodPorts {
  /** Debug interface and readiness. */
  readonly http: number;
  /** Discovery (ADS) without TLS. */
  readonly grpc: number;
  /** Metrics. */
  readonly monitoring: number;
}

/** How istiod is started. */
export interface IstiodOptions {
  /** Path of the kubeconfig it reads the cluster with. */
  readonly kubeconfig: string;
  /** Root namespace, made when it is missing. Default: `istio-system`. */
  readonly namespace?: string;
  /** Name of a second ConfigMap with mesh configuration (`SHARED_MESH_CONFIG`). Default: none. */
  readonly sharedMeshConfig?: string;
  /** More environment variables; they win over the suite's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** More flags for `pilot-discovery discovery`. */
  readonly args?: readonly string[];
  /** Ports to use. Default: free ones. */
  readonly ports?: Partial<IstiodPorts>;
}

/** A running istiod. */
export interface Istiod {
  readonly ports: IstiodPorts;
  /** URL of its debug interface, for example for `/debug/mesh`. */
  readonly http: string;
  readonly daemon: Daemon;
  /** Ends the process and removes its folder. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts istiod (`pilot-discovery`) on 127.0.0.1 against an API server that has Istio's definitions, and
 * waits until it is ready. It injects nothing, signs nothing and validates nothing.
 *
 * @throws StackError when the part is missing, a port is taken or it does not come up; nothing is left then
 */
export async function startIstiod(options: IstiodOptions): Promise<Istiod> {
  const { path: command } = await findPart("pilot-discovery");
  const namespace = options.namespace ?? "istio-system";
  const ports = await choosePorts(options.ports ?? {});
  await ensureNamespace(options.kubeconfig, namespace);
  const folder = createTemporaryFolder("istiod");
  const http = `http://127.0.0.1:${ports.http}`;
  try {
    const daemon = await Daemon.startReady(
      {
        name: "istiod",
        command,
        args: [...flags(options.kubeconfig, namespace, ports), ...(options.args ?? [])],
        env: { ...process.env, ...environment(namespace, options.sharedMeshConfig), ...options.env },
        // It writes below its working directory.
        cwd: folder.path,
        logFile: join(folder.path, "istiod.log"),
      },
      "A ready istiod",
      () => isAnsweredOk(`${http}/ready`),
    );
    return {
      ports,
      http,
      daemon,
      stop: async () => {
        await daemon.stop();
        folder.remove();
      },
    };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

function flags(kubeconfig: string, namespace: string, ports: IstiodPorts): string[] {
  return [
    "discovery",
    `--kubeconfig=${kubeconfig}`,
    `--namespace=${namespace}`,
    `--httpAddr=127.0.0.1:${ports.http}`,
    `--grpcAddr=127.0.0.1:${ports.grpc}`,
    "--httpsAddr=",
    "--secureGRPCAddr=",
    `--monitoringAddr=127.0.0.1:${ports.monitoring}`,
    "--ctrlz_port=0",
    "--registries=Kubernetes",
    "--clusterID=Kubernetes",
    "--domain=cluster.local",
  ];
}

function environment(namespace: string, sharedMeshConfig: string | undefined): Record<string, string> {
  return {
    POD_NAME: "istiod-e2e",
    POD_NAMESPACE: namespace,
    // No certificates, no injection, no webhooks: the tests need the translation only.
    ENABLE_CA_SERVER: "false",
    PILOT_CERT_PROVIDER: "none",
    INJECT_ENABLED: "false",
    INJECTION_WEBHOOK_CONFIG_NAME: "",
    VALIDATION_WEBHOOK_CONFIG_NAME: "",
    // A plain Envoy knows none of Istio's own filters.
    PILOT_ENABLE_ALPN_FILTER: "false",
    PILOT_ENABLE_METADATA_EXCHANGE: "false",
    PILOT_DISABLE_MX_ALPN: "true",
    PILOT_ENABLE_STATUS: "false",
    ...(sharedMeshConfig === undefined ? {} : { SHARED_MESH_CONFIG: sharedMeshConfig }),
  };
}

async function choosePorts(wanted: Partial<IstiodPorts>): Promise<IstiodPorts> {
  const free = await pickFreePorts(3);
  const ports = {
    http: wanted.http ?? free[0] ?? 0,
    grpc: wanted.grpc ?? free[1] ?? 0,
    monitoring: wanted.monitoring ?? free[2] ?? 0,
  };
  for (const port of Object.values(ports)) {
    await requireFreePort(port, "istiod");
  }
  return ports;
}
