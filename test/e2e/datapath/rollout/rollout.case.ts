import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { everyForm } from "../scenario";
import { sharedRig } from "../sharedRig";
import { tally, type Journal } from "./journal";
import { Rollout, type RolloutOptions } from "./rollout";
import { longestPauseMs } from "./traffic";

/** Runs a rollout once, before the tests of a group, and gives what its clients met. */
function afterRollout(options: RolloutOptions, change: (rollout: Rollout) => Promise<void>): () => Journal {
  let journal: Journal | undefined;
  before(async function () {
    this.timeout(240_000);
    const rig = await sharedRig();
    await rig.setProviders([]);
    journal = await Rollout.run(rig, options, change);
    console.log(journal.describe().replaceAll(/^/gm, "    "));
  });
  return () => {
    assert.ok(journal !== undefined, "the rollout has run");
    return journal;
  };
}

/** Open connections that were used once more in the old way: each at most once. */
function assertAtMostOnceEach(connections: readonly { readonly connection: number }[]): void {
  const counts = tally(connections.map(({ connection }) => connection));
  const several = Object.entries(counts).filter(([, count]) => count > 1);
  assert.deepEqual(several, [], "connections with more than one such request");
}

describe("a rollout under load that fails open", () => {
  const journal = afterRollout({ failOpen: true }, async (rollout) => {
    await rollout.up("first up");
    await delay(longestPauseMs);
    await rollout.changeImage("image");
    await delay(1000);
    await rollout.rotateKeys("keys");
    await delay(1000);
    await rollout.tearDown("teardown");
    await delay(1000);
    await rollout.destroy("destroy");
  });

  for (const kind of ["busy", "fresh", "idle"] as const) {
    it(`answers every request of ${kind} connections, from before the first up to after the destroy`, () => {
      journal().all(kind).assertAnswered();
    });
  }

  for (const kind of ["busy", "fresh"] as const) {
    it(`inspects every request of ${kind} connections once, from the return of the first up to the teardown`, () => {
      journal().between(kind, "first up", "image").assertChecks(1);
      journal().during(kind, "image").assertChecks(1);
      journal().during(kind, "keys").assertChecks(1);
      journal().between(kind, "first up", "teardown").assertChecks(1);
    });

    it(`inspects no request of ${kind} connections after the teardown has returned`, () => {
      journal().between(kind, "teardown").assertChecks(0);
    });
  }

  it("lets each connection that was idle bring one request past the first up, and none past the next", () => {
    assertAtMostOnceEach(journal().between("idle", "first up", "teardown").notInspectedOnce);
    journal().during("idle", "image").assertChecks(1);
    journal().between("idle", "image", "teardown").assertChecks(1);
  });
});

for (const enforcement of everyForm) {
  describe(`a rollout under load that fails closed, by ${enforcement}`, () => {
    const journal = afterRollout({ failOpen: false, enforcement }, async (rollout) => {
      await rollout.up("first up");
      await delay(longestPauseMs);
      await rollout.changeImage("image");
      await delay(1000);
      if (enforcement === "ExternalProcessing") {
        await rollout.scale("three agents", 1, 3);
        await delay(1000);
        await rollout.rotateKeys("keys");
        await delay(1000);
        await rollout.scale("one agent", 3, 1);
        await delay(1000);
      }
      await rollout.tearDown("teardown");
      await delay(longestPauseMs);
      await rollout.destroy("destroy");
    });

    for (const kind of ["busy", "fresh", "idle"] as const) {
      it(`answers every request of ${kind} connections when the destroy waits until they have been used`, () => {
        journal().all(kind).assertAnswered();
      });
    }

    for (const kind of ["busy", "fresh"] as const) {
      it(`inspects every request of ${kind} connections once, from the return of the first up to the teardown`, () => {
        journal().between(kind, "first up", "teardown").assertChecks(1);
      });
    }
  });
}

// The agent keeps its name, so one placement of pods of its own is enough; and so is one of external processing.
for (const placement of ["Service", "Sidecar"] as const) {
  for (const enforcement of everyForm) {
    if (enforcement !== "ExternalProcessing" || placement === "Service") {
      describe(`names that change under load, ${placement} by ${enforcement}`, () => {
        renames({ failOpen: false, enforcement, placement });
      });
    }
  }
}

for (const from of ["AuthorizationPolicy", "EnvoyFilter"] as const) {
  describe(`a move under load from ${from} to ExternalProcessing that fails closed`, () => {
    const journal = afterRollout({ failOpen: false, enforcement: from }, async (rollout) => {
      await rollout.up("first up");
      await delay(longestPauseMs);
      await rollout.moveOver("move", from);
      await delay(longestPauseMs);
    });

    for (const kind of ["busy", "fresh"] as const) {
      it(`refuses no request of ${kind} connections and lets none pass without inspection`, () => {
        journal().during(kind, "move").assertAnswered();
        journal().during(kind, "move").assertInspected();
        journal().between(kind, "move").assertAnswered();
        journal().between(kind, "move").assertChecks(1);
      });
    }
  });
}

function renames(options: RolloutOptions): void {
  const keptAgent = options.enforcement === "ExternalProcessing" ? "waf-ext-proc-agent" : "waf-agent";
  const journal = afterRollout(options, async (rollout) => {
    await rollout.up("first up");
    await delay(longestPauseMs);
    await rollout.renameTarget("target");
    await delay(1000);
    await rollout.renameComponent("component", keptAgent);
    await delay(longestPauseMs);
  });

  for (const kind of ["busy", "fresh", "idle"] as const) {
    it(`refuses no request of ${kind} connections and lets none pass without inspection`, () => {
      for (const name of ["target", "component"]) {
        const during = journal().during(kind, name);
        during.assertAnswered();
        during.assertInspected();
        journal()
          .between(kind, name, name === "target" ? "component" : undefined)
          .assertAnswered();
      }
    });
  }
}

describe("a first up under load that fails closed, with an agent on the node whose address comes late", () => {
  const journal = afterRollout(
    { failOpen: false, placement: "NodeLocal", lateEndpoints: true },
    async (rollout) => {
      await rollout.up("first up");
    },
  );

  for (const kind of ["busy", "fresh"] as const) {
    it(`answers every request of ${kind} connections`, () => {
      journal().all(kind).assertAnswered();
    });
  }
});

describe("a destroy under load without a teardown that fails closed", () => {
  const journal = afterRollout({ failOpen: false }, async (rollout) => {
    await rollout.up("first up");
    await delay(longestPauseMs);
    await rollout.destroy("destroy");
  });

  for (const kind of ["busy", "fresh"] as const) {
    it(`answers every request of ${kind} connections`, () => {
      journal().all(kind).assertAnswered();
    });
  }

  it("refuses each connection that was idle at most once, as the agent has gone with its policy", () => {
    const { failed, requests } = journal().all("idle");
    assert.ok(requests.length > 40, "each connection has asked more than once");
    const otherwise = failed.filter(({ outcome }) => outcome !== "403");
    assert.deepEqual(otherwise, [], "answers that are neither the app's nor a refusal");
    assertAtMostOnceEach(failed);
  });
});

describe("a change of image under load that ends the old agent first", () => {
  const journal = afterRollout({ failOpen: false, recreate: true }, async (rollout) => {
    await rollout.up("first up");
    await rollout.changeImage("image");
  });

  for (const kind of ["busy", "fresh"] as const) {
    it(`loses requests of ${kind} connections`, () => {
      const { failed } = journal().during(kind, "image");
      assert.deepEqual(Object.keys(tally(failed.map(({ outcome }) => outcome))), ["403"]);
      assert.throws(() => {
        journal().all(kind).assertAnswered();
      }, assert.AssertionError);
    });
  }
});

describe("a change of image under load that ends the old agent first and fails open", () => {
  const journal = afterRollout({ failOpen: true, recreate: true }, async (rollout) => {
    await rollout.up("first up");
    await rollout.changeImage("image");
  });

  for (const kind of ["busy", "fresh"] as const) {
    it(`lets requests of ${kind} connections pass without inspection`, () => {
      journal().all(kind).assertAnswered();
      assert.throws(() => {
        journal().during(kind, "image").assertChecks(1);
      }, assert.AssertionError);
    });
  }
});
