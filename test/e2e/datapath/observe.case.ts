import assert from "node:assert/strict";
import { InspectionMode } from "../../../src";
import { addresses, ports } from "./addresses";
import type { Envoy } from "./envoy";
import { eventually } from "./eventually";
import { objectsFor } from "./objectsFor";
import { gatewayListener, inboundListener, type Rig } from "./rig";
import type { Scenario } from "./scenario";
import { attackMarker, type Behaviour } from "./stubAgent";
import { withScenario } from "./withScenario";

const timeoutMs = 300;
// Above Envoy's own work and a busy machine's delays.
const slackMs = 1500;

const tcpAddress = `${addresses.workload}:${ports.tcp}`;

/** Failing closed, so that whatever refuses is found. */
const inspection = { mode: InspectionMode.Observe, failOpen: false, timeout: `${timeoutMs}ms` };

const attacks = [
  [`/find/${attackMarker}`, {}],
  ["/find", { headers: { "x-probe": attackMarker } }],
  ["/find", { method: "POST", body: attackMarker }],
] as const;

const troubles: readonly { title: string; behaviour: Behaviour }[] = [
  { title: "gives no answer", behaviour: { mode: "hang" } },
  { title: "answers with an error", behaviour: { mode: "error", errorCode: 13 } },
  { title: "cuts the connection", behaviour: { mode: "close" } },
];

const prefixes = { AuthorizationPolicy: "ap", EnvoyFilter: "ef", ExternalProcessing: "ep" } as const;

for (const form of ["AuthorizationPolicy", "EnvoyFilter", "ExternalProcessing"] as const) {
  for (const target of ["workload", "gateway"] as const) {
    const scenario: Scenario = {
      name: `${prefixes[form]}-observe-${target}`,
      form,
      target,
      inspection,
      notPaths: ["/healthz"],
    };
    withScenario(`${form} on a ${target}, observed`, scenario, (rig) => {
      observes(rig, target, form === "ExternalProcessing");
    });
  }
}

/** @param runsBeside - Whether requests go on beside the agent, which then changes none of them. */
function observes(rig: () => Rig, target: "workload" | "gateway", runsBeside: boolean): void {
  const ask = (...question: Parameters<Rig["ask"]>): ReturnType<Rig["ask"]> =>
    target === "gateway" ? rig().askGateway(...question) : rig().ask(...question);

  it("lets attacks in path, header and body pass, and shows each to the agent", async () => {
    for (const [path, options] of attacks) {
      assert.equal((await ask(path, options)).status, 200);
    }
    await eventually("the agent has seen all three", async () => {
      const { checks } = await rig().agent.records();
      assert.deepEqual(
        checks.map(({ decision }) => decision),
        ["deny", "deny", "deny"],
      );
    });
    assert.equal((await rig().app.arrivals()).requests, 3);
  });

  it("checks a benign request once, and leaves out what the target leaves out", async () => {
    assert.equal((await ask("/shop")).status, 200);
    assert.equal((await ask("/healthz")).status, 200);
    await eventually("the agent has seen the one", async () => {
      const { checks } = await rig().agent.records();
      assert.deepEqual(
        checks.map(({ path, decision }) => `${decision} ${path}`),
        ["allow /shop"],
      );
    });
    const inspected = runsBeside ? 0 : 1;
    assert.deepEqual(await rig().app.arrivals(), { requests: 2, inspected, tcp: 0, mostAtOnce: 1 });
  });

  for (const { title, behaviour } of troubles) {
    it(`refuses nothing and waits no longer than the timeout when the agent ${title}`, async () => {
      await rig().agent.behave(behaviour);
      const answer = await ask(`/shop/${attackMarker}`);
      assert.equal(answer.status, 200);
      assert.ok(answer.milliseconds < timeoutMs + slackMs, `answered after ${answer.milliseconds} ms`);
    });
  }

  it(`${runsBeside ? "does not wait" : "waits"} for a slow agent`, async () => {
    const delayMs = runsBeside ? 2000 : 200;
    await rig().agent.behave({ delayMs });
    const answer = await ask("/shop");
    assert.equal(answer.status, 200);
    assert.equal(answer.milliseconds >= delayMs, !runsBeside, `answered after ${answer.milliseconds} ms`);
  });

  it("refuses nothing while the agent is down", async () => {
    await rig().agent.stop();
    assert.equal((await ask("/shop")).status, 200);
    await rig().agent.start();
  });

  if (runsBeside) {
    return;
  }
  it("is in shadow mode in every filter of the proxy that asks an agent", async () => {
    const [envoy, listener] =
      target === "gateway" ? [await rig().gateway(), gatewayListener] : [rig().envoy, inboundListener];
    const { http, shadowed, network } = await filtersOf(envoy, listener);
    assert.ok(http > 0);
    assert.deepEqual([shadowed, network], [http, 0]);
  });
}

/** How many filters of a listener ask by ext_authz, about requests and about connections, and how many in shadow mode. */
async function filtersOf(
  envoy: Envoy,
  listener: string,
): Promise<{ http: number; shadowed: number; network: number }> {
  const configuration = await envoy.listener(listener);
  const count = (text: string): number => configuration.split(text).length - 1;
  return {
    http: count("envoy.extensions.filters.http.ext_authz.v3.ExtAuthz"),
    shadowed: count('"shadow_mode":true'),
    network: count("envoy.extensions.filters.network.ext_authz.v3.ExtAuthz"),
  };
}

const byPolicy: Scenario = { name: "ap-observe-tcp", form: "AuthorizationPolicy", inspection };

withScenario("AuthorizationPolicy, observed, on a port that carries no HTTP", byPolicy, (rig) => {
  it("does not ask about connections, which have no shadow mode", async () => {
    await rig().agent.behave({ mode: "hang" });
    assert.deepEqual(await rig().clients.tcp(tcpAddress, "hello"), { answer: "hello", error: "" });
    assert.equal((await rig().agent.counts()).checks, 0);
  });
});

const moving: Scenario = { name: "ap-observe-move", form: "AuthorizationPolicy", inspection };

withScenario("AuthorizationPolicy, from observing to blocking and back", moving, (rig) => {
  it("blocks when the EnvoyFilter beside the policy is gone, and observes when it is there again", async () => {
    const shadow = (await objectsFor(moving)).objects.filter(({ kind }) => kind === "EnvoyFilter");
    assert.equal(shadow.length, 1);
    await rig().take(shadow);
    await eventually("an attack is blocked", async () => {
      assert.equal((await rig().ask(`/shop/${attackMarker}`)).status, 406);
    });
    assert.equal((await rig().ask("/shop")).status, 200);
    await rig().put(shadow);
    await eventually("an attack passes", async () => {
      assert.equal((await rig().ask(`/shop/${attackMarker}`)).status, 200);
    });
  });
});
