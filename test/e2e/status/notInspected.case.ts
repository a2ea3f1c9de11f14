import assert from "node:assert/strict";
import { addresses, ports } from "../datapath/addresses";
import { eventually } from "../datapath/eventually";
import { ask } from "../datapath/request";
import type { Scenario } from "../datapath/scenario";
import { attackMarker } from "../datapath/stubAgent";
import { gatewayProxy, workloadProxy } from "../datapath/envoyBootstrap";
import { meshConfig, type Manifest } from "../datapath/mesh";
import { filters, look, policies, rig, send, streams, textOf, untilRow, workload } from "./observed";
import { plainPod } from "./pods";
import { agentEndpoints, spoiled, stateOf, withState, type State } from "./states";
import { noShare, offForHosts } from "./switchedOff";
import { webProxies } from "./statusRig";

/** A good state, and an object of somebody else. */
async function besides(scenario: Scenario, object: Manifest): Promise<State> {
  const { providers, objects } = await stateOf(scenario);
  return { providers, objects: [...objects, object] };
}

describe("status of what is not inspected", () => {
  /** States in which every pod of Deployment `web` is uninspected, and the one reason. */
  const wrong: readonly {
    readonly title: string;
    readonly id: string;
    readonly text: RegExp;
    /** What an attack is answered; undefined where the configuration before decides. */
    readonly attack?: 200 | 403 | 406;
    readonly state: () => Promise<State>;
  }[] = [
    {
      title: "a policy without a provider",
      attack: 403,
      id: "provider-missing",
      text: /403.*provider/,
      state: async () => ({ ...(await stateOf(policies)), providers: [] }),
    },
    {
      title: "a provider that only another revision knows",
      attack: 403,
      id: "provider-missing",
      text: /403.*provider/,
      state: async () => {
        const { providers, objects } = await stateOf(policies);
        const { metadata, ...rest } = meshConfig(providers);
        const canary = { ...rest, metadata: { ...metadata, name: "istio-canary" } };
        return { providers: [], objects: [canary, ...objects] };
      },
    },
    {
      title: "a provider that names no Service",
      attack: 403,
      id: "provider-missing",
      text: /403.*provider/,
      state: async () => {
        const state = await stateOf(policies);
        const text = JSON.stringify(state.providers).replaceAll("sigsci-agent.sigsci", "nobody.sigsci");
        // The text of the providers, with another host.
        return { ...state, providers: JSON.parse(text) as State["providers"] };
      },
    },
    {
      title: "a policy for another revision",
      attack: 200,
      id: "other-revision",
      text: /revision canary, its proxy belongs to default/,
      state: async () =>
        spoiled(await stateOf(policies), /"labels":\{/g, '"labels":{"istio.io/rev":"canary",'),
    },
    {
      title: "a second CUSTOM policy with another provider",
      attack: 403,
      id: "two-authorizers",
      text: /AuthorizationPolicy shop\/of-another-team/,
      state: async () => {
        const [own, other] = [await stateOf(policies), await stateOf({ ...policies, name: "other" })];
        const objects = other.objects.filter(({ kind }) => kind === "AuthorizationPolicy");
        const theirs = objects.map((one) => ({
          ...one,
          metadata: { name: "of-another-team", namespace: "shop" },
        }));
        return { providers: [...own.providers, ...other.providers], objects: [...own.objects, ...theirs] };
      },
    },
    {
      title: "an EnvoyFilter that the proxies refuse",
      id: "refused-by-the-proxy",
      text: /virtualInbound.*MaxRequestBytes: value must be greater than 0/,
      state: async () => spoiled(await stateOf(filters), /"max_request_bytes":\d+/g, '"max_request_bytes":0'),
    },
    {
      title: "an EnvoyFilter that istiod drops",
      attack: 200,
      id: "filter-dropped",
      text: /EnvoyFilter shop\/edge-web/,
      state: async () => spoiled(await stateOf(filters), /v3\.ExtAuthz"/g, 'v3.ExtAuthzz"'),
    },
    {
      title: "an EnvoyFilter that loses a misspelt field",
      attack: 406,
      id: "filter-dropped",
      text: /EnvoyFilter shop\/edge-web/,
      state: async () => spoiled(await stateOf(filters), /"failure_mode_allow"/g, '"failure_mode_alow"'),
    },
    {
      title: "external processing that loses a misspelt field within its composite filter",
      attack: 406,
      id: "filter-dropped",
      text: /EnvoyFilter shop\/flow-web/,
      state: async () => spoiled(await stateOf(streams), /"failure_mode_allow"/g, '"failure_mode_alow"'),
    },
    {
      title: "routes for which somebody switches the policy's filter off",
      id: "asks-about-none",
      attack: 200,
      text: /switch/,
      state: () => besides(policies, offForHosts("shop", "SIDECAR_INBOUND")),
    },
    {
      title: "routes for which somebody switches the EnvoyFilter's filter off",
      id: "asks-about-none",
      attack: 200,
      text: /switch/,
      state: () => besides(filters, offForHosts("shop", "SIDECAR_INBOUND")),
    },
    {
      title: "a filter to which somebody leaves no share of the requests",
      id: "asks-about-none",
      attack: 200,
      text: /switch/,
      state: () => besides(policies, noShare("shop")),
    },
  ];

  for (const { title, id, text, attack, state } of wrong) {
    it(`names ${title}`, async () => {
      await withState(rig(), await state(), async () => {
        const row = await untilRow(
          "web",
          { status: "notInspected", pods: "0 of 3", findings: { [id]: [] } },
          1,
        );
        assert.match(textOf(row), text);
        // A filter that has not come yet and one that is not as it is meant have the same finding.
        await eventually("the attack gets its answer", async () => {
          const answer = await send(`/${attackMarker}`);
          assert.equal(answer, attack ?? answer);
        });
      });
    });
  }

  it("names a gateway for whose routes somebody switches the filter off", async () => {
    const scenario = { ...policies, target: "gateway" } as const;
    await withState(
      rig(),
      await besides(scenario, offForHosts(gatewayProxy.namespace, "GATEWAY")),
      async () => {
        const row = { status: "notInspected", pods: "0 of 1", findings: { "asks-about-none": [] } } as const;
        await untilRow("istio-ingressgateway", row, 1);
        const path = `/${attackMarker}`;
        assert.equal((await ask({ host: addresses.gateway, port: ports.gateway, path })).status, 200);
      },
    );
  });

  it("names two enforcements that inspect each request twice", async () => {
    const [byPolicy, byStream] = [await stateOf(policies), await stateOf(streams)];
    const both = { ...byPolicy, objects: [...byPolicy.objects, ...byStream.objects] };
    await withState(rig(), both, async () => {
      const row = { status: "inspected", pods: "3 of 3", findings: { "two-enforcements": [] } } as const;
      assert.equal(
        textOf(await untilRow("web", row, 0)),
        "AuthorizationPolicy shop/waf-web and EnvoyFilter shop/flow-web each ask an agent about its requests",
      );
      await rig().agent.reset();
      assert.equal(await send("/twice"), 200);
      assert.equal((await rig().agent.counts()).checks, 2);
    });
  });

  it("names an agent without endpoints, and what happens to the requests", async () => {
    await withState(rig(), await stateOf(policies), async () => {
      await rig().put([agentEndpoints()]);
      try {
        const findings = { "no-endpoint": [] };
        const row = await untilRow("web", { status: "notInspected", pods: "0 of 3", findings }, 1);
        assert.match(
          textOf(row),
          /sigsci-agent\.sigsci.* has no healthy endpoint, its requests pass uninspected/,
        );
      } finally {
        await rig().put([agentEndpoints(addresses.agent)]);
      }
      await untilRow("web", { status: "inspected", pods: "3 of 3" }, 0);
    });
  });

  it("says inspected again when what the proxies refused has been put right", async () => {
    const good = await stateOf(filters);
    await withState(rig(), good, async () => {
      await untilRow("web", { status: "inspected", pods: "3 of 3" }, 0);
      await rig().put(spoiled(good, /"max_request_bytes":\d+/g, '"max_request_bytes":0').objects);
      await untilRow(
        "web",
        { status: "notInspected", pods: "0 of 3", findings: { "refused-by-the-proxy": [] } },
        1,
      );
      assert.equal(await send(`/${attackMarker}`), 406, "the proxies keep the configuration before");
      await rig().put(good.objects);
      await untilRow("web", { status: "inspected", pods: "3 of 3" }, 0);
    });
  });

  it("names the pod whose proxy has lost istiod, and looks while proxies come and go", async () => {
    const last = webProxies.at(-1);
    assert.ok(last);
    await withState(rig(), await stateOf(policies), async () => {
      await untilRow("web", { status: "inspected", pods: "3 of 3" }, 0);
      await rig().stopEnvoy(last.pod);
      const findings = { "not-connected": [last.pod] };
      await untilRow("web", { status: "partly", pods: "2 of 3", findings }, 1);
      const coming = rig().startEnvoy(last);
      const looks = await Promise.all([look(), look(), look()]);
      assert.ok(looks.every(({ report }) => workload(report, "web").pods.inspected >= 2));
      await coming;
      await untilRow("web", { status: "inspected", pods: "3 of 3" }, 0);
    });
  });

  it("names a target that selects nothing", async () => {
    await withState(rig(), spoiled(await stateOf(policies), /"app":"web"/g, '"app":"wbe"'), async () => {
      const { report, exitCode } = await look();
      const [target, ...more] = report.targets;
      assert.deepEqual([more, exitCode, target?.component, target?.target], [[], 1, "waf", "web"]);
      assert.deepEqual(
        target?.findings.map(({ id }) => id),
        ["selects-nothing"],
      );
      assert.equal(workload(report, "web").status, "untargeted");
    });
  });

  it("tells a pod without a proxy from one that was not started again", async () => {
    const legacy = { ...workloadProxy, pod: "legacy-0", address: "10.244.1.9" };
    const namespace = (injection: string): Manifest => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "shop", labels: { "istio-injection": injection } },
    });
    await rig().runPods("legacy", [legacy], plainPod);
    await withState(rig(), await stateOf(policies), async () => {
      const old = await untilRow(
        "legacy",
        { status: "notInspected", pods: "0 of 1", findings: { "pod-not-restarted": [] } },
        1,
      );
      assert.match(textOf(old), /not started again/);
      await rig().put([namespace("disabled")]);
      const bare = await untilRow(
        "legacy",
        { status: "notInspected", pods: "0 of 1", findings: { "no-proxy": [] } },
        1,
      );
      assert.match(textOf(bare), /no proxy of the mesh/);
      await untilRow("web", { status: "inspected", pods: "3 of 3" }, 1);
    });
    await rig().put([namespace("enabled")]);
    await rig().removePods("legacy", [legacy]);
  });
});
