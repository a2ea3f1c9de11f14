import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { parse } from "yaml";
import { watchMesh } from "../lifecycle/meshWatch";
import type { MeshWatch, Owner } from "../lifecycle/meshWatch";
import { applyMesh, startWorld } from "../lifecycle/world";
import type { World } from "../lifecycle/world";
import { ensureNamespace } from "../stack/apply";
import { withStack } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";
import { packedProject } from "../stack/packed";
import { say } from "../stack/progress";
import { startApiProxy } from "./apiProxy";
import type { ApiProxy } from "./apiProxy";
import { freshMesh } from "./meshConfigMap";
import { policiesWithoutProvider } from "./providersOfPolicies";
import { seedOfRun } from "./seed";
import { steps } from "./steps";
import { teamProgram } from "./wafProgram";
import type { WafArgs } from "./wafProgram";

const foreign = [
  "# the platform team's",
  "rootNamespace: istio-system",
  "extensionProviders: # theirs",
  "- name: tracing # keep",
  "  zipkin: {service: z.tracing, port: 9411}",
  "trustDomain: cluster.local",
  "",
].join("\n");

interface Entry {
  name: string;
}
interface MeshConfig {
  extensionProviders: Entry[];
}

/** One of two programs of different projects, which know nothing of each other. */
interface Team {
  name: string;
  proxy: ApiProxy;
  stack: ProgramStack;
  args: WafArgs;
  /** The entries that its last up wanted. */
  wanted: Entry[];
}

const interleavings = fc
  .array(
    fc.record({ team: fc.nat(1), timeout: fc.integer({ min: 100, max: 900 }), failOpen: fc.boolean() }),
    {
      minLength: 10,
      maxLength: 10,
    },
  )
  .filter((ups) => [0, 1].every((one) => ups.filter(({ team }) => team === one).length >= 3));

describe("two stacks of two projects on one mesh", function () {
  this.timeout(300_000);
  let world: World;
  let mesh: MeshWatch;
  let teams: [Team, Team];

  before(async () => {
    world = await startWorld();
    await applyMesh(world.cluster, foreign);
    teams = [await startTeam(world, "shop"), await startTeam(world, "pay")];
  });
  after(async () => {
    for (const { stack, proxy } of teams) {
      stack.dispose();
      await proxy.stop();
    }
    await world.stop();
  });
  beforeEach(async () => {
    await freshMesh(world.cluster, foreign);
    mesh = await watchMesh(world.cluster.kubeconfig);
  });
  afterEach(() => {
    mesh.stop();
  });

  it("ten interleaved ups: both sets are there, and no text in between lost anything", async () => {
    const seed = seedOfRun();
    const [ups = []] = fc.sample(interleavings, { seed, numRuns: 1 });
    say(`seed ${seed}: ${ups.map(({ team }) => teams[team]?.name).join(" ")}`);
    for (const { team: index, timeout, failOpen } of ups) {
      const team = teams[index] ?? teams[0];
      team.args = { inspection: { timeout: `${timeout}ms`, failOpen } };
      await up(team);
      assertWhole((await mesh.seen()).at(-1), teams);
    }
    assertNothingLost(await mesh.seen(), teams);
    assert.deepEqual(await policiesWithoutProvider(world.cluster.kubeconfig), []);
    await assertQuiet(teams);
  });

  it("what another stack writes while the agent rolls out stays", async () => {
    const [shop, pay] = teams;
    for (const team of teams) {
      await up(team);
    }
    // Shop has read the mesh text; until its agent is ready, all of pay's up happens.
    shop.args = { agent: { image: { version: "4.83.0" } }, inspection: { timeout: "930ms" } };
    shop.proxy.reset();
    const held = shop.proxy.hold("after", ({ path }) => path.endsWith("/deployments/shop-agent"));
    const shopUp = up(shop);
    const write = await held;
    pay.args = { inspection: { timeout: "940ms" } };
    await up(pay);
    write.release();
    await shopUp;
    assertWhole((await mesh.seen()).at(-1), teams);
    await assertQuiet(teams);
  });

  it("two ups at the same moment: what one overwrites it sees, and writes it again in the same up", async () => {
    const [shop, pay] = teams;
    for (const team of teams) {
      await up(team);
    }
    // Shop has read and decided; before it writes, all of pay's up happens.
    shop.args = { inspection: { timeout: "950ms" } };
    shop.proxy.reset();
    const held = shop.proxy.hold("before", ({ path }) => path.endsWith("/configmaps/istio"));
    const shopUp = up(shop);
    const write = await held;
    pay.args = { inspection: { timeout: "960ms" } };
    await up(pay);
    write.release();
    await shopUp;
    const texts = await mesh.seen();
    assert.ok(
      texts.some(
        (text) => (text ?? "").includes("timeout: 950ms") && !(text ?? "").includes("timeout: 960ms"),
      ),
      "this test is about pay's edit being overwritten",
    );
    assertWhole(texts.at(-1), teams);
    await assertQuiet(teams);
    // Also in between every policy had its provider.
    for (const text of await mesh.seen()) {
      assertForeign(text);
    }
  });
});

/** A chart upgrade between the read of an up and its write, which undoes it. */
describe("a chart upgrade at the same moment as an up", function () {
  this.timeout(300_000);
  const upgraded = foreign.replace("# the platform team's", "# the platform team's, upgraded");
  let world: World;
  let mesh: MeshWatch;
  let shop: Team;

  before(async () => {
    world = await startWorld();
    await applyMesh(world.cluster, foreign);
    shop = await startTeam(world, "shop");
    mesh = await watchMesh(world.cluster.kubeconfig);
  });
  after(async () => {
    mesh.stop();
    shop.stack.dispose();
    await shop.proxy.stop();
    await world.stop();
  });
  /** The write of the up that is returned is held until the text was restored. */
  const upWithUpgrade = async (owner: Owner, text: string): Promise<void> => {
    shop.proxy.reset();
    const held = shop.proxy.hold("before", ({ path }) => path.endsWith("/configmaps/istio"));
    const shopUp = up(shop);
    const write = await Promise.race([held, shopUp]);
    assert.ok(write !== undefined, "the up ended without a write");
    await mesh.restoreBy(owner, text);
    write.release();
    await shopUp;
  };

  for (const [number, owner] of (
    ["server-side apply", "client-side apply", "replacement"] as const
  ).entries()) {
    it(`by ${owner}: with credentials of preflight the same up puts the change back`, async () => {
      const text = upgraded.replace("upgraded", `upgraded by ${owner}`);
      shop.args = {
        inspection: { timeout: `${600 + number}ms` },
        preflight: { kubeconfig: readFileSync(world.cluster.kubeconfig, "utf8") },
      };
      await upWithUpgrade(owner, text);
      const last = (await mesh.seen()).at(-1) ?? "";
      assertWhole(last, [shop]);
      assert.match(last, new RegExp(`upgraded by ${owner}`));
      await up(shop);
      assert.deepEqual(steps(await shop.stack.preview()), []);
    });
  }

  it("without them the up stops, and names who wrote", async () => {
    shop.args = { inspection: { timeout: "700ms" } };
    await assert.rejects(upWithUpgrade("server-side apply", upgraded), (error: Error) => {
      assert.ok(error.message.includes("istio-operator wrote it between the read and the write of this run"));
      return true;
    });
    await mesh.restoreBy("server-side apply", upgraded);
    await up(shop);
    const last = (await mesh.seen()).at(-1) ?? "";
    assertWhole(last, [shop]);
    assert.match(last, /upgraded/);
  });
});

async function startTeam(world: World, name: string): Promise<Team> {
  const project = await packedProject();
  await ensureNamespace(world.cluster.kubeconfig, name);
  const proxy = await startApiProxy(world.cluster);
  const team: Omit<Team, "stack"> = { name, proxy, args: {}, wanted: [] };
  const program = teamProgram(project, team);
  const stack = await withStack(program, {
    kubeconfig: proxy.kubeconfig,
    automation: project.automation,
    projectName: `${name}-project`,
    stackName: `${name}-stack`,
  });
  return Object.assign(team, { stack });
}

async function up(team: Team): Promise<void> {
  const { outputs } = await team.stack.up();
  // The output of the program in wafProgram.ts.
  team.wanted = outputs.extensionProviders?.value as Entry[];
}

/** Each team's last entries are there, and the foreign content. */
function assertWhole(text: string | undefined, teams: readonly Team[]): void {
  const { extensionProviders } = assertForeign(text);
  for (const { name, wanted } of teams) {
    const found = extensionProviders.filter((entry) => wanted.some((one) => one.name === entry.name));
    assert.deepEqual(byName(found), byName(wanted), `the entries of ${name}`);
  }
}

/** Parses a text and asserts that it holds all that is not ours, comments included. */
function assertForeign(text: string | undefined): MeshConfig {
  assert.ok(text !== undefined && text !== "", "the key mesh is missing or empty");
  // The texts come from `foreign` and the product; a wrong shape fails below.
  const config = parse(text) as MeshConfig;
  const theirs = { ...config, extensionProviders: config.extensionProviders.filter(isTheirs) };
  assert.deepEqual(theirs, parse(foreign));
  for (const line of foreign.split("\n")) {
    assert.ok(text.includes(line), `lost: ${line}`);
  }
  return config;
}

function isTheirs({ name }: Entry): boolean {
  return name === "tracing";
}

/** Once a team's entries are in a text, they are in every later one. */
function assertNothingLost(texts: readonly (string | undefined)[], teams: readonly Team[]): void {
  const present = new Set<string>();
  for (const text of texts) {
    const names = assertForeign(text).extensionProviders.map(({ name }) => name);
    for (const name of names) {
      present.add(name);
    }
    assert.deepEqual([...names].sort(), [...present].sort());
  }
  assert.equal(present.size, 1 + 2 * teams.length);
}

/** Each shows the other's last change once; after an up of each both have nothing to do. */
async function assertQuiet(teams: readonly Team[]): Promise<void> {
  for (const team of teams) {
    await up(team);
  }
  for (const { stack } of teams) {
    assert.deepEqual(steps(await stack.preview()), []);
  }
}

function byName(entries: readonly Entry[]): Entry[] {
  return [...entries].sort((one, other) => one.name.localeCompare(other.name));
}
