import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { watchMesh } from "../lifecycle/meshWatch";
import type { Owner } from "../lifecycle/meshWatch";
import { applyMesh, chartText, startWorld } from "../lifecycle/world";
import type { World } from "../lifecycle/world";
import { ensureNamespace } from "../stack/apply";
import { RunFailure, withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import { say } from "../stack/progress";
import { freshMesh, readMesh } from "./meshConfigMap";
import { watchPolicyGaps } from "./policyGaps";
import { meshProviderNames } from "./providersOfPolicies";
import { teamProgram } from "./wafProgram";
import type { WafArgs } from "./wafProgram";

/** Rounds of each race, a fifth of them with three stacks, a third for each kind of upgrade; the proof makes 100. */
const rounds = Number(process.env.E2E_RACES ?? "2");
const upgradeRounds = Math.ceil(rounds / 3);
const gapAtMostMilliseconds = 1000;

interface Team {
  name: string;
  stack: ProgramStack;
  args: WafArgs;
}

describe("writers of one mesh at the same time", function () {
  this.timeout(120_000 + rounds * 120_000);
  let world: World;
  let teams: Team[];
  let longest = 0;

  before(async () => {
    world = await startWorld();
    await applyMesh(world.cluster);
    teams = await Promise.all(["shop", "pay", "mail"].map((name) => startTeam(world, name)));
  });
  after(async () => {
    for (const { stack } of teams) {
      stack.dispose();
    }
    await world.stop();
  });

  const namesNow = async (): Promise<string[]> => {
    const { data } = await readMesh(world.cluster.kubeconfig);
    return [...meshProviderNames(data?.mesh ?? "")].sort();
  };
  const entriesOf = (...of: Team[]): string[] =>
    of.flatMap(({ name }) => [`${name}-access-log`, `${name}-ext-authz`]).sort();
  /** One round on a fresh mesh; what it made is destroyed afterwards. */
  const round = async (racers: readonly Team[], race: () => Promise<void>): Promise<void> => {
    await freshMesh(world.cluster);
    for (const team of racers) {
      team.args = {};
    }
    await race();
    await Promise.all(racers.map(({ stack }) => stack.destroy()));
  };
  /** Watches policies meanwhile. */
  const together = async (...runs: Promise<unknown>[]): Promise<void> => {
    const gaps = watchPolicyGaps(world.cluster.kubeconfig);
    const ended = await Promise.allSettled(runs);
    const gap = await gaps.stop();
    longest = Math.max(longest, gap);
    assert.ok(gap <= gapAtMostMilliseconds, `a policy had no provider for ${gap} ms`);
    for (const one of ended) {
      if (one.status === "rejected") {
        throw one.reason;
      }
    }
  };

  it(`first ups of two stacks: ${rounds} rounds, nothing of either is lost`, async () => {
    const [shop, pay] = three(teams);
    for (let number = 1; number <= rounds; number += 1) {
      await round([shop, pay], async () => {
        await together(shop.stack.up(), pay.stack.up());
        assert.deepEqual(await namesNow(), entriesOf(shop, pay), `round ${number}`);
      });
    }
    say(`pairs of first ups: ${rounds} rounds, longest gap ${longest} ms`);
  });

  it(`first ups of three stacks: nothing of any is lost`, async () => {
    const triples = Math.ceil(rounds / 5);
    for (let number = 1; number <= triples; number += 1) {
      await round(teams, async () => {
        await together(...teams.map(({ stack }) => stack.up()));
        assert.deepEqual(await namesNow(), entriesOf(...teams), `round ${number}`);
      });
    }
    say(`triples of first ups: ${triples} rounds, longest gap ${longest} ms`);
  });

  it("an up and a teardown: what was taken out stays out, what was put in stays in", async () => {
    const [shop, pay] = three(teams);
    for (let number = 1; number <= rounds; number += 1) {
      await round([shop, pay], async () => {
        await shop.stack.up();
        shop.args = { teardown: true };
        await together(shop.stack.up(), pay.stack.up());
        assert.deepEqual(await namesNow(), entriesOf(pay), `round ${number}`);
      });
    }
    say(`up and teardown: ${rounds} rounds, longest gap ${longest} ms`);
  });

  for (const owner of ["server-side apply", "client-side apply", "replacement"] as const) {
    it(`an up and a chart upgrade by ${owner}: no change of the chart is lost`, async () => {
      const [shop] = three(teams);
      let stopped = 0;
      for (let number = 1; number <= upgradeRounds; number += 1) {
        await round([shop], async () => {
          const text = `# upgrade ${number}\n${chartText}\n`;
          // With the credentials of preflight every other round.
          shop.args =
            number % 2 === 0
              ? {}
              : { preflight: { kubeconfig: readFileSync(world.cluster.kubeconfig, "utf8") } };
          const isGreen = await upBesideUpgrade(shop, owner, text);
          stopped += isGreen ? 0 : 1;
          if (!isGreen) {
            assert.deepEqual(shop.args, {}, "with credentials nothing stops");
            await applyText(owner, text);
            await shop.stack.up();
          }
          assert.deepEqual(await namesNow(), entriesOf(shop), `round ${number}`);
          const { data } = await readMesh(world.cluster.kubeconfig);
          assert.ok(
            data?.mesh?.startsWith(`# upgrade ${number}\n`),
            `round ${number}: the upgrade was undone`,
          );
        });
      }
      say(
        `up and upgrade by ${owner}: ${upgradeRounds} rounds, ${stopped} stopped, longest gap ${longest} ms`,
      );
    });
  }

  const applyText = async (owner: Owner, text: string): Promise<void> => {
    const mesh = await watchMesh(world.cluster.kubeconfig);
    await mesh.restoreBy(owner, text);
    mesh.stop();
  };

  /** The upgrade comes at a random moment around the write of the up, which is seen by the text that it writes. */
  async function upBesideUpgrade(team: Team, owner: Owner, text: string): Promise<boolean> {
    const mesh = await watchMesh(world.cluster.kubeconfig);
    const ended = team.stack.up().then(
      () => true,
      (error: unknown) => {
        assert.ok(
          error instanceof RunFailure && error.message.includes("wrote it between the read and the write"),
          String(error),
        );
        return false;
      },
    );
    await delay(500 + Math.random() * 4000);
    await mesh.restoreBy(owner, text);
    const isGreen = await ended;
    // An upgrade after the last look is healed by the next up, as any upgrade is.
    if (isGreen && (await namesNow()).length === 0) {
      await team.stack.up();
    }
    mesh.stop();
    return isGreen;
  }
});

function three(teams: readonly Team[]): [Team, Team, Team] {
  const [one, two, last] = teams;
  assert.ok(one !== undefined && two !== undefined && last !== undefined);
  return [one, two, last];
}

async function startTeam(world: World, name: string): Promise<Team> {
  const project = await packedProject();
  await ensureNamespace(world.cluster.kubeconfig, name);
  const team: Omit<Team, "stack"> = { name, args: {} };
  const program = teamProgram(project, team);
  const { kubeconfig } = world.cluster;
  const { automation } = project;
  const stack = await withStack(program, { kubeconfig, automation, projectName: `${name}-project` });
  return Object.assign(team, { stack });
}
