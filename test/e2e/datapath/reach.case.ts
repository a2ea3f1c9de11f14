import assert from "node:assert/strict";
import { localAgent, ports } from "./addresses";
import type { Envoy } from "./envoy";
import { eventually } from "./eventually";
import { rootNamespace, type Manifest } from "./mesh";
import { objectsFor } from "./objectsFor";
import type { Rig } from "./rig";
import { unhurried, type Scenario } from "./scenario";
import { withScenario } from "./withScenario";

// An agent in the pod is at 127.0.0.1 of each proxy: one without an agent must not take a stranger there for it.
const scenarios: readonly (Scenario & { readonly title: string })[] = [
  {
    title: "AuthorizationPolicy on a workload",
    name: "ap-reach",
    form: "AuthorizationPolicy",
    placement: "sidecar",
    inspection: unhurried,
  },
  {
    title: "AuthorizationPolicy on a gateway",
    name: "ap-gateway-reach",
    form: "AuthorizationPolicy",
    placement: "sidecar",
    target: "gateway",
    inspection: unhurried,
  },
  {
    title: "EnvoyFilter on a workload",
    name: "ef-reach",
    form: "EnvoyFilter",
    placement: "sidecar",
    inspection: unhurried,
  },
  {
    title: "ExternalProcessing on a workload",
    name: "ep-reach",
    form: "ExternalProcessing",
    placement: "sidecar",
    inspection: unhurried,
  },
];

for (const scenario of scenarios) {
  withScenario(`${scenario.title}, agent in the pod`, scenario, (rig) => {
    it("is known to the proxies of the target's namespace and to no others", async () => {
      const { cluster } = await objectsFor(scenario);
      const proxies = {
        workload: rig().envoy,
        gateway: await rig().gateway(),
        bystander: await rig().bystander(),
      };
      const later = `${scenario.name}.later.internal`;
      await rig().put([entryForAll(later)]);
      const knowing: string[] = [];
      for (const [name, envoy] of Object.entries(proxies)) {
        // What was written before has arrived too: istiod sends the whole state each time.
        if ((await clustersWith(envoy, `outbound|${ports.agent}||${later}`)).has(cluster)) {
          knowing.push(name);
        }
      }
      await rig().take([entryForAll(later)]);
      assert.deepEqual(knowing, [scenario.target ?? "workload"]);
    });

    it("is asked there", async () => {
      const answer = await askTarget(rig());
      assert.equal(answer.status, 200);
      const { checks } = await rig().agent.records();
      assert.deepEqual(
        checks.map(({ listener }) => listener),
        [`${localAgent}:${ports.agent}`],
      );
    });
  });

  const askTarget = (rig: Rig): ReturnType<Rig["ask"]> =>
    scenario.target === "gateway" ? rig.askGateway("/shop") : rig.ask("/shop");
}

function entryForAll(host: string): Manifest {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: host, namespace: rootNamespace },
    spec: {
      hosts: [host],
      exportTo: ["*"],
      resolution: "STATIC",
      ports: [{ number: ports.agent, name: "grpc", protocol: "GRPC" }],
      endpoints: [{ address: localAgent }],
    },
  };
}

async function clustersWith(envoy: Envoy, name: string): Promise<Set<string>> {
  return eventually(`an Envoy knows ${name}`, async () => {
    const known = await envoy.clusters();
    assert.ok(known.has(name), "not yet");
    return known;
  });
}
