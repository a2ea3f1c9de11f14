import assert from "node:assert/strict";
import { addresses, ports } from "./addresses";
import { agentPort, endpointSlice } from "./mesh";
import { objectsFor } from "./objectsFor";
import { unhurried, type Scenario } from "./scenario";
import { sharedRig } from "./sharedRig";
import type { Check, StubAgent } from "./stubAgent";
import { withScenario } from "./withScenario";

const service = { namespace: "sigsci", name: "sigsci-agent" };
const agentAddresses = [addresses.agent, addresses.otherAgent, addresses.thirdAgent];

const scenario: Scenario = {
  name: "ep-several",
  form: "ExternalProcessing",
  inspection: { ...unhurried, failOpen: false },
};

/** Each request has a status of its own, so that the response of another is noticed. */
const statuses = Array.from({ length: 300 }, (_, index) => 200 + index);

describe("several agents", () => {
  let agents: readonly StubAgent[];

  before(async () => {
    const rig = await sharedRig();
    const others = [addresses.otherAgent, addresses.thirdAgent].map((address) => rig.otherAgent(address));
    agents = [rig.agent, ...(await Promise.all(others))];
    await serve(agentAddresses);
  });
  beforeEach(async () => {
    for (const agent of agents) {
      await agent.reset();
    }
  });
  after(() => serve([addresses.agent]));

  async function serve(ready: readonly string[]): Promise<void> {
    const endpoints = ready.map((address) => ({ addresses: [address] }));
    await (await sharedRig()).put([endpointSlice(service, endpoints, [agentPort])]);
  }

  async function streams(): Promise<(readonly Check[])[]> {
    return Promise.all(agents.map(async (agent) => (await agent.records()).checks));
  }

  withScenario("as a service, by ExternalProcessing", scenario, (rig) => {
    before(async () => {
      await knows(agentAddresses);
    });

    async function knows(ready: readonly string[]): Promise<void> {
      const { cluster } = await objectsFor(scenario);
      await rig().envoy.untilEndpoints(
        cluster,
        ready.map((address) => `${address}:${ports.agent}`),
      );
    }

    it("share the requests, and each is told of the responses to its own", async () => {
      const answers = await Promise.all(statuses.map((status) => rig().ask(`/status/${status}`)));
      assert.deepEqual(
        answers.map(({ status }) => status),
        statuses,
      );
      const seen = await streams();
      for (const [index, checks] of seen.entries()) {
        assert.ok(checks.length > statuses.length / 6, `agent ${index} has seen ${checks.length} requests`);
      }
      const all = seen.flat();
      assert.deepEqual(
        all.map(({ path }) => path).sort(),
        statuses.map((status) => `/status/${status}`).sort(),
      );
      const strangers = all.filter(({ path, status }) => path !== `/status/${status}`);
      assert.deepEqual(strangers, [], "responses on the stream of another request");
    });

    it("come and go under load without a request that is refused or not inspected", async () => {
      const url = `http://${addresses.workload}:${ports.http}/plain`;
      const load = rig().clients.load({ url, concurrency: 8, rate: 400 });
      for (const ready of [[addresses.otherAgent], agentAddresses, [addresses.thirdAgent], agentAddresses]) {
        await serve(ready);
        await knows(ready);
      }
      const { outcomes, requests, oddities } = await load.stop();
      assert.deepEqual(outcomes, { "200": requests }, JSON.stringify(oddities));
      assert.equal((await rig().app.arrivals()).inspected, requests);
      assert.equal((await streams()).flat().length, requests);
    });
  });
});
