import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { descendants } from "./engineProcesses";
import { findOnPath } from "./executables";
import { findPart } from "./findPart";
import { isRunning } from "./runningProcess";
import { createTemporaryFolder, temporaryPrefix, type TemporaryFolder } from "./temporaryFolder";

const repository = resolve(__dirname, "../../..");

describe("a test process that ends", () => {
  let folder: TemporaryFolder;

  beforeEach(() => {
    folder = createTemporaryFolder("ending");
    mkdirSync(join(folder.path, "tmp"));
  });

  afterEach(() => {
    folder.remove();
  });

  /** A process with the parts at hand that runs `code`; resolves with what `pattern` finds in its output. */
  async function holder(
    code: string,
    pattern: RegExp,
  ): Promise<{ child: ChildProcess; found: RegExpExecArray }> {
    const programs = {
      E2E_ETCD: (await findPart("etcd")).path,
      E2E_KUBE_APISERVER: (await findPart("kube-apiserver")).path,
      E2E_PULUMI: (await findPart("pulumi")).path,
    };
    const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", code], {
      cwd: repository,
      env: { ...process.env, ...programs, TMPDIR: join(folder.path, "tmp") },
      stdio: ["ignore", "pipe", "ignore"],
    });
    let printed = "";
    for await (const chunk of child.stdout) {
      printed += String(chunk);
      const found = pattern.exec(printed);
      if (found !== null) {
        return { child, found };
      }
    }
    throw new Error(`the process ended too early: ${printed}`);
  }

  /** A process that has a cluster and then does `after`. */
  async function clusterHolder(after: string): Promise<{ child: ChildProcess; pids: number[] }> {
    const code = `require("./test/e2e/stack/cluster").startCluster().then((cluster) => {
      console.log("pids " + JSON.stringify([cluster.etcd.pid, cluster.apiServer.pid]));
      ${after}
    });`;
    const { child, found } = await holder(code, /pids \[(\d+),(\d+)\]/);
    return { child, pids: [Number(found[1]), Number(found[2])] };
  }

  function assertNoFolderIsLeft(): void {
    assert.deepEqual(
      readdirSync(join(folder.path, "tmp")).filter((name) => name.startsWith(temporaryPrefix)),
      [],
    );
  }

  async function assertGone(pids: readonly number[]): Promise<void> {
    for (let tries = 0; tries < 30 && pids.some(isRunning); tries += 1) {
      await delay(100);
    }
    const left = pids.filter(isRunning);
    for (const pid of left) {
      process.kill(pid, "SIGKILL");
    }
    assert.deepEqual(left, []);
  }

  const endings: [string, string, NodeJS.Signals | undefined, number][] = [
    ["by SIGTERM", "", "SIGTERM", 143],
    ["by SIGINT", "", "SIGINT", 130],
    ["by an uncaught error", "setTimeout(() => { throw new Error(); }, 300);", undefined, 1],
  ];
  for (const [how, after, signal, code] of endings) {
    it(`takes its cluster and folders with it when it ends ${how}`, async () => {
      const { child, pids } = await clusterHolder(after);
      const ended = once(child, "exit");
      if (signal !== undefined) {
        child.kill(signal);
      }
      assert.deepEqual(await ended, [code, null]);
      await assertGone(pids);
      assertNoFolderIsLeft();
    });
  }

  it("takes an engine with it that is in the middle of an update", async () => {
    const code = `const program = () => { console.log("begun"); return new Promise(() => {}); };
      require("./test/e2e/stack/engine").withStack(program).then((stack) => stack.up());`;
    const { child } = await holder(code, /begun/);
    const pids = descendants(child.pid ?? 0);
    assert.ok(pids.length > 0, "there is no engine");
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    assert.deepEqual(await ended, [143, null]);
    await assertGone(pids);
    assertNoFolderIsLeft();
  });

  it("takes its processes with it even when it is killed, where there is setpriv", async function () {
    if (findOnPath("setpriv") === undefined) {
      this.skip();
    }
    const { child, pids } = await clusterHolder("");
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    await assertGone(pids);
  });
});
