import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { findOnPath } from "../stack/executables";
import { StackError } from "../stack/failure";
import { createTemporaryFolder } from "../stack/temporaryFolder";
import { addresses, ports } from "./addresses";

const marker = "SIGSCI_E2E_NAMESPACE";

/** Whether this process runs inside a network namespace that {@link runInNamespace} made. */
export function isInNamespace(): boolean {
  return process.env[marker] === "1";
}

/**
 * Runs a command in new network and process namespaces, with this process's standard streams.
 * When this process ends, everything inside ends.
 *
 * @returns its exit code
 * @throws StackError when the machine lacks what that needs
 */
export async function runInNamespace(command: string, args: readonly string[]): Promise<number> {
  requireNamespace();
  const [program, programArgs] = guarded("unshare", [...unshareOptions(), command, ...args]);
  const child = spawn(program, programArgs, {
    stdio: "inherit",
    env: { ...process.env, [marker]: "1" },
  });
  const passOn = (signal: NodeJS.Signals): void => {
    endInside(child.pid ?? 0, signal);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, passOn);
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/** An ordinary user's PATH often lacks the folders of the administrator's programs. */
const administratorFolders: readonly string[] = ["/usr/sbin", "/sbin"];

/**
 * Makes sure that {@link runInNamespace} can run here.
 *
 * @param folders where programs are looked for after PATH
 * @throws StackError when a tool is missing, or no namespace can be made
 */
export function requireNamespace(folders = administratorFolders): void {
  for (const [tool, debianPackage] of Object.entries(packages)) {
    if ((tool === "iptables" ? iptables(folders) : findTool(tool, folders)) !== undefined) {
      continue;
    }
    throw new StackError(
      `The data-path suite needs ${tool}, which is not on PATH.`,
      `Install it, on Debian or Ubuntu with: apt-get install -y ${debianPackage}`,
    );
  }
  const tried = spawnSync("unshare", [...unshareOptions(), "true"], { encoding: "utf8" });
  if (tried.status === 0) {
    return;
  }
  throw new StackError(
    `A network namespace cannot be made here: ${tried.stderr.trim() || "unshare failed"}.`,
    "Run the suite as root, or where unprivileged user namespaces are allowed.",
  );
}

function unshareOptions(): string[] {
  // An ordinary user needs a user namespace to be root inside.
  const asRoot = process.getuid?.() === 0 ? [] : ["--map-root-user"];
  return [...asRoot, "--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
}

/** Has the kernel end the command with this process, even when this process is killed. */
function guarded(command: string, args: readonly string[]): [string, string[]] {
  const guard = findOnPath("setpriv");
  return guard === undefined ? [command, [...args]] : [guard, ["--pdeathsig", "KILL", command, ...args]];
}

/** `unshare` itself ignores signals while it waits, so they go to the process that it started. */
function endInside(unsharePid: number, signal: NodeJS.Signals): void {
  const children = readFileSync(`/proc/${unsharePid}/task/${unsharePid}/children`, "utf8").trim().split(" ");
  for (const pid of children.map(Number).filter((candidate) => candidate > 0)) {
    process.kill(pid, signal);
  }
}

const packages: Readonly<Record<string, string>> = {
  unshare: "util-linux",
  ip: "iproute2",
  iptables: "iptables",
};

function findTool(name: string, folders = administratorFolders): string | undefined {
  return findOnPath(name, [process.env.PATH ?? "", ...folders].join(delimiter));
}

/** The variant that needs no nf_tables in the kernel comes first. */
function iptables(folders = administratorFolders): string | undefined {
  return findTool("iptables-legacy", folders) ?? findTool("iptables", folders);
}

/**
 * Inside the namespace: brings `lo` up, adds the pod addresses, and sends to Envoy what goes to the workload's
 * ports and what the workload sends to the backend, except what Envoy itself sends on from 127.0.0.6. Istio's own
 * rules do the same.
 *
 * @throws StackError when one of the steps fails
 */
export function prepareNamespace(): void {
  if (!isInNamespace()) {
    throw new Error("prepareNamespace would change the network of this machine");
  }
  const ip = findTool("ip") ?? "ip";
  run(ip, ["link", "set", "lo", "up"]);
  for (const address of Object.values(addresses)) {
    run(ip, ["address", "add", `${address}/32`, "dev", "lo"]);
  }
  // An ordinary user may not write the lock file that iptables would use.
  const folder = createTemporaryFolder("iptables");
  const lockFile = join(folder.path, "lock");
  for (const port of [ports.http, ports.grpc, ports.tcp]) {
    intercept(["-d", addresses.workload, "!", "-s", "127.0.0.6"], port, ports.virtualInbound, lockFile);
  }
  intercept(["-s", addresses.workload, "-d", addresses.backend], ports.http, ports.virtualOutbound, lockFile);
  folder.remove();
}

/**
 * Inside the namespace: makes every address of an IPv4 network one of this machine's own, for pods that come and go.
 *
 * @param network in CIDR notation, `10.244.1.0/24`
 * @throws StackError when the step fails
 */
export function addPodNetwork(network: string): void {
  if (!isInNamespace()) {
    throw new Error("addPodNetwork would change the network of this machine");
  }
  run(findTool("ip") ?? "ip", ["address", "replace", network, "dev", "lo"]);
}

function intercept(between: readonly string[], port: number, to: number, lockFile: string): void {
  const tool = iptables();
  if (tool === undefined) {
    throw new Error("iptables has gone since the start");
  }
  const rule = ["-p", "tcp", ...between, "--dport", String(port)];
  run(tool, ["-t", "nat", "-A", "OUTPUT", ...rule, "-j", "REDIRECT", "--to-ports", String(to)], {
    XTABLES_LOCKFILE: lockFile,
  });
}

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  const result = spawnSync(command, args, { encoding: "utf8", env: { ...process.env, ...env } });
  if (result.status === 0) {
    return;
  }
  throw new StackError(
    `${command} ${args.join(" ")} failed in the new namespace: ${result.stderr.trim() || "no reason given"}.`,
    "The kernel needs the REDIRECT target of iptables (modules ip_tables, iptable_nat, xt_REDIRECT).",
  );
}
