import assert from "node:assert/strict";
import type { InspectionArgs } from "../../../src";
import { eventually } from "./eventually";
import type { Rig } from "./rig";
import { everyForm, ownForms, type Scenario } from "./scenario";
import { attackMarker, type Behaviour, type Phase } from "./stubAgent";
import { withScenario } from "./withScenario";

/** Envoy keeps the same number for each cluster too. */
const passedUnseen = /^http\..*ext_(?:authz|proc)\..*failure_mode_allowed$/;

const timeoutMs = 300;
const timeout = `${timeoutMs}ms`;

// Above Envoy's own work and a busy machine's delays, far below any other limit on the way.
const slackMs = 1500;

/** Ways in which a running agent gives no answer; those that take the whole timeout are marked. */
const troubles: readonly { title: string; behaviour: Behaviour; waits: boolean }[] = [
  { title: "gives no answer", behaviour: { mode: "hang" }, waits: true },
  { title: "is slower than the timeout", behaviour: { delayMs: 3 * timeoutMs }, waits: true },
  { title: "answers with an error", behaviour: { mode: "error", errorCode: 13 }, waits: false },
  { title: "is unavailable", behaviour: { mode: "error", errorCode: 14 }, waits: false },
  { title: "cuts the connection", behaviour: { mode: "close" }, waits: false },
];

for (const form of everyForm) {
  const scenario = (name: string, inspection: InspectionArgs): Scenario => ({
    name: `${ownForms[form]}-${name}`,
    form,
    inspection: { timeout, ...inspection },
  });
  // Envoy's external processing has a status of its own for an agent that is too slow, and no setting for it.
  const late = form === "ExternalProcessing" ? 504 : undefined;
  withScenario(`${form}, failing open`, scenario("open", { failOpen: true }), failsOpen);
  withScenario(`${form}, failing closed`, scenario("closed", { failOpen: false }), (rig) => {
    failsClosed(rig, 403, late);
  });
  withScenario(
    `${form}, failing closed with status 503`,
    scenario("closed503", { failOpen: false, statusOnError: 503 }),
    (rig) => {
      failsClosed(rig, 503, late);
    },
  );
}

function failsOpen(rig: () => Rig): void {
  for (const { title, behaviour, waits } of troubles) {
    it(`lets requests pass within the timeout when the agent ${title}, attacks too`, async () => {
      await rig().agent.behave(behaviour);
      const before = await rig().envoy.counter(passedUnseen);
      for (const path of ["/shop", `/shop/${attackMarker}`]) {
        const answer = await rig().ask(path);
        assert.equal(answer.status, 200);
        assertDuration(answer.milliseconds, waits);
      }
      assert.equal((await rig().envoy.counter(passedUnseen)) - before, 2);
      assert.deepEqual(await rig().app.arrivals(), { requests: 2, inspected: 0, tcp: 0, mostAtOnce: 1 });
    });
  }

  it("waits for a slow agent that answers within the timeout", async () => {
    await rig().agent.behave({ delayMs: timeoutMs / 3 });
    const answer = await rig().ask(`/shop/${attackMarker}`);
    assert.equal(answer.status, 406);
    assert.ok(answer.milliseconds >= timeoutMs / 3);
  });

  it("lets requests pass at once when the agent is down, and inspects again when it is back", async () => {
    await rig().agent.stop();
    for (const path of ["/shop", `/shop/${attackMarker}`]) {
      const answer = await rig().ask(path);
      assert.equal(answer.status, 200);
      assert.ok(answer.milliseconds < timeoutMs + slackMs);
    }
    await rig().agent.start();
    await inspectsAgain(rig());
  });
}

function failsClosed(rig: () => Rig, status: number, late = status): void {
  for (const { title, behaviour, waits } of troubles) {
    const expected = waits ? late : status;
    it(`answers ${expected} within the timeout when the agent ${title}`, async () => {
      await rig().agent.behave(behaviour);
      const answer = await rig().ask("/shop");
      assert.equal(answer.status, expected);
      assertDuration(answer.milliseconds, waits);
      assert.equal((await rig().app.arrivals()).requests, 0);
    });
  }

  it(`answers ${status} when the agent is down, and 200 when it is back`, async () => {
    await rig().agent.stop();
    const answer = await rig().ask("/shop");
    assert.equal(answer.status, status);
    assert.ok(answer.milliseconds < timeoutMs + slackMs);
    await rig().agent.start();
    await inspectsAgain(rig());
    assert.equal((await rig().ask("/shop")).status, 200);
  });
}

/** The messages after the first, each of which Envoy waits for. */
const later: readonly { readonly at: Phase; readonly arrived: number }[] = [
  { at: "requestBody", arrived: 0 },
  { at: "responseHeaders", arrived: 1 },
];

for (const failOpen of [true, false]) {
  const name = `ep-later-${failOpen ? "open" : "closed"}`;
  const scenario: Scenario = { name, form: "ExternalProcessing", inspection: { timeout, failOpen } };
  withScenario(`ExternalProcessing, failing ${failOpen ? "open" : "closed"} later on`, scenario, (rig) => {
    for (const { at, arrived } of later) {
      for (const { title, behaviour, waits } of troubles) {
        const status = failOpen ? 200 : waits ? 504 : 403;
        it(`answers ${status} within the timeout when the agent ${title} at ${at}`, async () => {
          await rig().agent.behave({ ...behaviour, at });
          const answer = await rig().ask("/shop", { method: "POST", body: "hello" });
          assert.equal(answer.status, status);
          assertDuration(answer.milliseconds, waits);
          assert.equal((await rig().app.arrivals()).requests, failOpen ? 1 : arrived);
        });
      }
    }
  });
}

withScenario(
  "AuthorizationPolicy, the default timeout",
  { name: "ap-time", form: "AuthorizationPolicy" },
  (rig) => {
    it("is 200 ms", async () => {
      await rig().agent.behave({ mode: "hang" });
      const answer = await rig().ask("/shop");
      assert.equal(answer.status, 200);
      assert.ok(answer.milliseconds >= 195, `answered after ${answer.milliseconds} ms`);
      assert.ok(answer.milliseconds < 900, `answered after ${answer.milliseconds} ms`);
    });
  },
);

/** The first request may still meet Envoy's wait before its next try to connect. */
async function inspectsAgain(rig: Rig): Promise<void> {
  await eventually(
    "an attack is blocked again",
    async () => {
      assert.equal((await rig.ask(`/shop/${attackMarker}`)).status, 406);
    },
    { withinMs: 3000 },
  );
  await rig.agent.reset();
  assert.equal((await rig.ask(`/shop/${attackMarker}`)).status, 406);
  assert.equal((await rig.agent.counts()).denied, 1);
}

function assertDuration(milliseconds: number, waits: boolean): void {
  // Envoy's timers count whole milliseconds, so a wait may seem a little short.
  if (waits) {
    assert.ok(milliseconds >= timeoutMs - 5, `answered before the timeout, after ${milliseconds} ms`);
  }
  assert.ok(milliseconds < timeoutMs + slackMs, `answered after ${milliseconds} ms`);
}
