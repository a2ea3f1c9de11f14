import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { Enforcement, InspectionMode, Placement } from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { reveal } from "../../src/offline/recording";
import { at, listAt } from "../../src/kubernetes/liveObject";
import { dependencies, named, recordComponent, smallest } from "./program";

const enforcement = Enforcement.ExternalProcessing;

type Changes = Partial<SigsciIstioIntegrationArgs>;

/** The agent's container as a program registers it. */
async function container(changes: Changes, name: string): Promise<unknown> {
  const { inputs } = named(await recordComponent({ enforcement, ...changes }), name);
  return listAt(reveal(inputs), "spec", "template", "spec", "containers")[0];
}

async function filterText(changes: Changes): Promise<string> {
  const { inputs } = named(await recordComponent({ enforcement, ...changes }), "waf-web-envoy-filter");
  return JSON.stringify(reveal(inputs.spec));
}

describe("a component with ExternalProcessing enforcement", () => {
  it("leaves the mesh configuration alone and adds a filter for each target once the agent is there", async () => {
    const recording = await recordComponent({ enforcement });
    assert.deepEqual(recording.resources.map(({ name }) => name).sort(), [
      "waf",
      "waf-deployment",
      "waf-id",
      "waf-namespace",
      "waf-secret",
      "waf-service",
      "waf-service-account",
      "waf-web-envoy-filter",
    ]);
    assert.deepEqual(dependencies(recording, "waf-web-envoy-filter"), ["waf-deployment", "waf-service"]);
    const { outputs } = named(recording, "waf");
    assert.deepEqual(outputs.envoyFilters, ["shop/waf-web"]);
    assert.deepEqual([outputs.meshConfigMaps, outputs.telemetries], [[], []]);
    assert.equal(outputs.serviceHost, "waf-ext-proc-agent.sigsci.svc.cluster.local");
    assert.deepEqual(outputs.notInspected, [
      "what follows the headers of a request that asks for a WebSocket (Upgrade: websocket)",
      "every request while the only agent pod is away, for example evicted from its node",
      "requests that the agent does not answer within 200ms",
    ]);
  });

  it("tells the agent to serve streams, and asks for its health by gRPC", async () => {
    const agent = await container({}, "waf-deployment");
    const variables = listAt(agent, "env");
    assert.ok(
      variables.some((one) =>
        isDeepStrictEqual(one, { name: "SIGSCI_ENVOY_EXTPROC_ENABLED", value: "true" }),
      ),
    );
    assert.ok(!variables.some((one) => at(one, "name") === "SIGSCI_ENVOY_EXPECT_RESPONSE_DATA"));
    assert.deepEqual(at(agent, "readinessProbe"), { grpc: { port: 9999 }, periodSeconds: 5 });
  });

  it("tells no other agent so", async () => {
    for (const other of [Enforcement.AuthorizationPolicy, Enforcement.EnvoyFilter]) {
      const text = JSON.stringify(await container({ enforcement: other }, "waf-deployment"));
      assert.ok(!text.includes("EXTPROC") && text.includes("EXPECT_RESPONSE_DATA"));
    }
  });

  it("runs several agents that see responses", async () => {
    const recording = await recordComponent({ enforcement, agent: { replicas: 3 } });
    assert.equal(at(reveal(named(recording, "waf-deployment").inputs), "spec", "replicas"), 3);
    assert.match(await filterText({ agent: { replicas: 3 } }), /"response_header_mode":"SEND"/);
  });

  it("asks over Istio's own cluster for an agent on each node, and over one of its own in the pod", async () => {
    const onNodes = await filterText({ placement: Placement.NodeLocal });
    assert.match(
      onNodes,
      /"cluster_name":"outbound\|9999\|\|waf-ext-proc-agent\.sigsci\.svc\.cluster\.local"/,
    );
    assert.ok(!onNodes.includes('"CLUSTER"'));
    const inPods = await filterText({ placement: Placement.Sidecar });
    assert.match(inPods, /"applyTo":"CLUSTER".*"name":"sigsci-agent-grpc-9999"/);
  });

  it("observes the targets that say so", async () => {
    const [web] = smallest.targets;
    assert.ok(web);
    assert.match(
      await filterText({ targets: [{ ...web, mode: InspectionMode.Observe }] }),
      /"observability_mode":true/,
    );
    assert.doesNotMatch(await filterText({}), /observability_mode/);
  });

  for (const told of [Enforcement.ExternalProcessing, Enforcement.EnvoyFilter]) {
    it(`lets no target take over what another one selects in the same proxy, by ${told}`, async () => {
      const targets = [
        { name: "all", namespace: "shop", paths: ["/shop/*"], mode: InspectionMode.Observe },
        { name: "web", namespace: "shop", matchLabels: { app: "web" }, paths: ["/admin/*"] },
      ];
      const recording = await recordComponent({ enforcement: told, targets });
      const [all, web] = targets.map(({ name }) => {
        const text = JSON.stringify(reveal(named(recording, `waf-${name}-envoy-filter`).inputs.spec));
        return new Set(
          [...text.matchAll(/"(?:shadow_rules_stat_prefix|key)":"([^"]*_)/g)].map((one) => one[1]),
        );
      });
      assert.ok(all !== undefined && web !== undefined && all.size > 0);
      assert.deepEqual(
        [...all].filter((prefix) => web.has(prefix)),
        [],
      );
    });
  }

  it("lets the agent set the headers of its option, also when they are known later", async () => {
    const agent = { options: { customRequestHeaders: Promise.resolve("x-waf:$TagList") } };
    assert.ok((await filterText({ agent })).includes('"regex":"(?i)(x-sigsci-.*|location|x-waf)"'));
  });
});
