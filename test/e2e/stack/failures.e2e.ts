import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { requireNamespace } from "../datapath/namespace";
import { startCluster } from "./cluster";
import { StackError } from "./failure";
import { findPart } from "./findPart";
import { isRunning } from "./runningProcess";
import { createTemporaryFolder, temporaryPrefix, type TemporaryFolder } from "./temporaryFolder";

const repository = resolve(__dirname, "../../..");

/** Runs `action` with other environment variables; undefined takes one out. */
async function withEnvironment<T>(
  variables: Readonly<Record<string, string | undefined>>,
  action: () => Promise<T>,
): Promise<T> {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  for (const [name, value] of Object.entries(variables)) {
    // Assigning undefined would set the text "undefined".
    if (value === undefined) {
      Reflect.deleteProperty(process.env, name);
    }
  }
  try {
    return await action();
  } finally {
    for (const name of Object.keys(variables)) {
      const value = before[name];
      if (value === undefined) {
        Reflect.deleteProperty(process.env, name);
      } else {
        process.env[name] = value;
      }
    }
  }
}

function writeProgram(folder: string, name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, ["#!/bin/sh", ...lines, ""].join("\n"));
  chmodSync(path, 0o755);
  return path;
}

/** Expects one line that says what is wrong and how to go on. */
async function assertStackError(work: Promise<unknown>, ...mentions: readonly string[]): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof StackError, String(error));
    assert.equal(error.message.includes("\n"), false, error.message);
    for (const mention of mentions) {
      assert.ok(error.message.includes(mention), error.message);
    }
    return true;
  });
}

function suiteFolders(parent: string): string[] {
  return readdirSync(parent).filter((name) => name.startsWith(temporaryPrefix));
}

describe("a stack that cannot be had", () => {
  let folder: TemporaryFolder;
  let temporaryBefore: string | undefined;

  beforeEach(() => {
    temporaryBefore = process.env.TMPDIR;
    folder = createTemporaryFolder("failures");
    process.env.TMPDIR = join(folder.path, "tmp");
    mkdirSync(process.env.TMPDIR);
  });

  afterEach(() => {
    const left = suiteFolders(join(folder.path, "tmp"));
    if (temporaryBefore === undefined) {
      delete process.env.TMPDIR;
    } else {
      process.env.TMPDIR = temporaryBefore;
    }
    folder.remove();
    assert.deepEqual(left, []);
  });

  const cacheEntries = (): string[] => readdirSync(join(folder.path, "pulumi-sigsci-istio"));

  it("names the variable whose file is not there", async () => {
    await withEnvironment({ E2E_PULUMI: "/nowhere/pulumi" }, () =>
      assertStackError(findPart("pulumi"), "E2E_PULUMI names /nowhere/pulumi", "unset it"),
    );
  });

  it("names the tool that only the data path tests need, before anything is built", async () => {
    for (const tool of ["unshare", "ip"]) {
      writeProgram(folder.path, tool, []);
    }
    await withEnvironment({ PATH: folder.path }, () =>
      assertStackError(
        Promise.resolve().then(() => {
          requireNamespace([]);
        }),
        "needs iptables, which is not on PATH",
        "apt-get install -y iptables",
      ),
    );
  });

  it("shows why a build failed and leaves nothing half done", async () => {
    writeProgram(folder.path, "go", ["echo module is unreachable >&2", "exit 3"]);
    const environment = { PATH: folder.path, XDG_CACHE_HOME: folder.path, E2E_ISTIOCTL: undefined };
    await withEnvironment(environment, () =>
      assertStackError(
        findPart("istioctl"),
        "go failed (exit code 3)",
        "module is unreachable",
        "istioctl.log",
      ),
    );
    assert.deepEqual(cacheEntries(), ["logs"]);
  });

  it("says which port is taken, and by whom it was wanted", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const address = holder.address();
    assert.ok(address !== null && typeof address === "object");
    try {
      for (const [role, user] of [
        ["etcdClient", "etcd"],
        ["apiServer", "kube-apiserver"],
      ] as const) {
        await assertStackError(
          startCluster({ ports: { [role]: address.port } }),
          `Port ${address.port} on 127.0.0.1 is taken, so ${user} cannot listen on it.`,
        );
      }
    } finally {
      holder.close();
    }
  });

  it("shows the last words of an API server that dies at its start, and ends its etcd", async () => {
    const pidFile = join(folder.path, "etcd.pid");
    const { path: etcd } = await findPart("etcd");
    const wrapped = writeProgram(folder.path, "etcd", [`echo $$ > ${pidFile}`, `exec ${etcd} "$@"`]);
    await withEnvironment({ E2E_ETCD: wrapped }, () =>
      assertStackError(
        startCluster({ apiServerArgs: ["--no-such-flag"] }),
        "kube-apiserver ended by itself",
        "unknown flag: --no-such-flag",
      ),
    );
    assert.equal(isRunning(Number(readFileSync(pidFile, "utf8"))), false);
  });

  it("ends the API server when etcd dies under it, so that no request hangs", async () => {
    const cluster = await startCluster();
    try {
      process.kill(cluster.etcd.pid, "SIGKILL");
      for (let tries = 0; tries < 50 && isRunning(cluster.apiServer.pid); tries += 1) {
        await delay(100);
      }
      assert.equal(isRunning(cluster.apiServer.pid), false);
    } finally {
      await cluster.stop();
    }
  });

  it("makes the entry point end with one line and code 1", () => {
    const run = spawnSync(process.execPath, [join(repository, "test/e2e/run.mjs"), "--prepare"], {
      encoding: "utf8",
      env: { ...process.env, E2E_ETCD: "/nowhere/etcd" },
    });
    assert.equal(run.status, 1);
    assert.match(run.stderr, /^\[stack\] cannot run: E2E_ETCD names \/nowhere\/etcd.*\n$/);
  });
});
