import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import { ownedProviders, ownerAnnotation, ownerMark, withoutMarks } from "../../src/kubernetes/ownership";
import type { Annotations } from "../../src/kubernetes/ownership";
import { planMeshEdit } from "../../src/mesh/planMeshEdit";
import type { MeshConfigMap, MeshContribution, MeshPlan } from "../../src/mesh/planMeshEdit";
import { planRepair } from "../../src/mesh/planRepair";
import { authorizer, contribution, meshConfigMap } from "./contributions";

/** What an API server keeps of one ConfigMap: server-side apply with force, each annotation owned by its component. */
class ApiServer {
  private state: MeshConfigMap = meshConfigMap("# keep\ntrustDomain: cluster.local\n");

  constructor(private readonly schedule: fc.Scheduler) {}

  read(): Promise<MeshConfigMap> {
    return this.schedule.schedule(Promise.resolve(), "read").then(() => this.state);
  }

  apply(text: string, owner: MeshContribution["owner"], plan: MeshPlan): Promise<void> {
    return this.schedule.schedule(Promise.resolve(), "apply").then(() => {
      const others = withoutMarks(this.state.annotations, ownedProviders(this.state.annotations, owner));
      const marks = Object.fromEntries(plan.marked.map((name) => [ownerAnnotation(name), ownerMark(owner)]));
      const annotations: Annotations = { ...others, ...marks, ...plan.annotations };
      this.state = { ...this.state, text, annotations };
    });
  }

  /** Sees it without taking part. */
  get now(): MeshConfigMap {
    return this.state;
  }
}

/** A run of one component: read, write, and look until nothing is missing, as `meshConfigMapPatch` does. */
async function run(server: ApiServer, wanted: MeshContribution): Promise<void> {
  const before = await server.read();
  const plan = planMeshEdit(before, wanted);
  await server.apply(plan.text, wanted.owner, plan);
  for (let round = 0; round < 100; round += 1) {
    const repair = planRepair(await server.read(), before.annotations, wanted);
    if (repair === undefined) {
      return;
    }
    await server.apply(repair.text, wanted.owner, plan);
  }
  assert.fail("no end of repairs");
}

const of = (number: number, timeout: string, teardown: boolean): MeshContribution =>
  contribution([authorizer(`waf-${number}`, timeout)], {
    owner: { component: `shop/prod/${number}`, id: `id${number}` },
    teardown,
  });

interface Config {
  trustDomain: string;
  extensionProviders?: { name: string }[] | null;
}

describe("runs of several components at the same time", function () {
  this.timeout(120_000);

  it("end with the entries that each of them wanted, in every order of reads and writes", async () => {
    const timeouts = fc.constantFrom("200ms", "1s", "5s");
    const runs = fc.array(fc.record({ timeout: timeouts, teardown: fc.boolean() }), {
      minLength: 2,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(runs, fc.uniqueArray(fc.nat(3)), fc.scheduler(), async (wanted, earlier, schedule) => {
        const server = new ApiServer(schedule);
        // Some of them were there before, with another timeout.
        for (const number of earlier) {
          await schedule.waitFor(run(server, of(number, "9s", false)));
        }
        await schedule.waitFor(
          Promise.all(
            wanted.map(({ timeout, teardown }, number) => run(server, of(number, timeout, teardown))),
          ),
        );
        const { text = "", annotations } = server.now;
        const config = parse(text) as Config;
        const expected = [
          ...earlier.filter((number) => number >= wanted.length).map((number) => of(number, "9s", false)),
          ...wanted.map(({ timeout, teardown }, number) => of(number, timeout, teardown)),
        ].flatMap(({ teardown, providers }) => (teardown ? [] : providers));
        const byName = (one: { name: string }, other: { name: string }): number =>
          one.name.localeCompare(other.name);
        const tornDown = new Set(
          wanted.flatMap(({ teardown }, number) => (teardown ? [`waf-${number}`] : [])),
        );
        const entries = config.extensionProviders ?? [];
        // Among three and more, what was taken out may be read, without its mark, as if it were somebody's own. No
        // policy uses it.
        const found = wanted.length > 2 ? entries.filter(({ name }) => !tornDown.has(name)) : entries;
        assert.deepEqual([...found].sort(byName), expected.sort(byName));
        assert.equal(config.trustDomain, "cluster.local");
        assert.ok(text.startsWith("# keep\n"));
        assert.equal(Object.keys(annotations).length, 2 * expected.length);
      }),
      { numRuns: 150 },
    );
  });
});
