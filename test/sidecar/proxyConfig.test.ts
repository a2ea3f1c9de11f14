import assert from "node:assert/strict";
import { Enforcement } from "../../src/args/integration";
import { proxyStatsYaml } from "../../src/observability/proxyStats";
import { editedAnnotation, ownerAnnotation, ownerMark } from "../../src/kubernetes/ownership";
import { sidecarSettings } from "../../src/settings/sidecar";
import { planSidecarPatch } from "../../src/sidecar/patchPlan";
import { planProxyConfig } from "../../src/sidecar/proxyConfig";
import { named, recordComponent } from "../component/program";
import { reads, withSidecar } from "../component/sidecarProgram";

const { AuthorizationPolicy } = Enforcement;
const wanted = proxyStatsYaml("outbound|9999||waf-agent.sidecar.internal", AuthorizationPolicy);

describe("sidecar: the annotation with which proxies expose their counters", () => {
  it("is written where there is none, kept where it is ours, and renewed when the agent's cluster changed", () => {
    for (const live of [undefined, wanted, proxyStatsYaml("sigsci-agent-grpc-9999", AuthorizationPolicy)]) {
      assert.deepEqual(planProxyConfig(live, wanted), { value: wanted });
    }
  });

  it("is left to somebody else, who is told of what is missing only where something is", () => {
    const longer = `concurrency: 2\n${wanted}    - .*foo.*\n`;
    assert.deepEqual(planProxyConfig(longer, wanted), {});
    for (const live of [
      "concurrency: 2\n",
      "proxyStatsMatcher:\n  inclusionRegexps: [.*ext_authz.*]\n",
      `concurrency: 2\n${proxyStatsYaml("sigsci-agent-grpc-9999", AuthorizationPolicy)}`,
      "proxyStatsMatcher: [",
      "",
    ]) {
      assert.deepEqual(planProxyConfig(live, wanted), { isForeign: true }, live);
    }
  });

  /** The patch of the workload, and the warnings, with an annotation in its pod template. */
  async function patchOf(
    annotation: string | undefined,
    observability = {},
  ): Promise<{ template: Record<string, unknown>; warnings: string[] }> {
    const recording = await recordComponent(withSidecar({ observability }), {
      reads: (type, id) => {
        const live = reads(type, id);
        const text = JSON.stringify(live ?? null).replace(
          '"labels":{"app":"web"}',
          `"labels":{"app":"web"}${annotation === undefined ? "" : `,"annotations":{"proxy.istio.io/config":${JSON.stringify(annotation)}}`}`,
        );
        // The same object but for the annotation.
        return (JSON.parse(text) ?? undefined) as typeof live;
      },
    });
    // The patch is ours: its shape is that of its planner.
    const { spec } = named(recording, "waf-web-workload").inputs as {
      spec: { template: Record<string, unknown> };
    };
    const warnings = recording.logs.filter(({ severity }) => severity === "warning");
    return { template: spec.template, warnings: warnings.map(({ message }) => message) };
  }

  it("is a part of the patch of a workload, only with proxyStats", async () => {
    const { template, warnings } = await patchOf(undefined, { proxyStats: {} });
    assert.deepEqual(template.metadata, { annotations: { "proxy.istio.io/config": wanted } });
    assert.deepEqual(warnings, []);
    assert.deepEqual(Object.keys((await patchOf(undefined)).template), ["spec"]);
  });

  it("makes the workload one that lost something of ours while it is missing", () => {
    const settings = sidecarSettings({ secret: { name: "keys" } });
    const owner = { component: "shop/prod/waf", id: "id-1" };
    const edited = (annotations: Record<string, string>): string => {
      const podSpec = {
        containers: [{ name: "web" }],
        initContainers: [{ name: "sigsci-agent" }],
        volumes: [{ name: "sigsci-tmp" }],
      };
      const marks = {
        [ownerAnnotation("sigsci-agent")]: ownerMark(owner),
        [editedAnnotation(owner.component)]: "7",
      };
      const live = {
        metadata: { resourceVersion: "9", annotations: marks },
        spec: { template: { metadata: { annotations }, spec: podSpec } },
      };
      const target = { kind: "Deployment", namespace: "shop", name: "web", proxyConfig: wanted };
      return planSidecarPatch(live, settings, target, owner).edited;
    };
    assert.equal(edited({ "proxy.istio.io/config": wanted }), "7");
    assert.equal(edited({}), "9");
    assert.equal(edited({ "proxy.istio.io/config": "concurrency: 2\n" }), "7");
  });

  it("stays as somebody else wrote it, with a warning that says what to add", async () => {
    const { template, warnings } = await patchOf("concurrency: 2\n", { proxyStats: {} });
    assert.deepEqual(Object.keys(template), ["spec"]);
    assert.deepEqual(warnings, [
      "Deployment shop/web-v1: its pods have an annotation proxy.istio.io/config of somebody else, which stays as it is, " +
        "so their proxies do not expose the counters that observability.proxyStats is about. Add to it:\n" +
        "    proxyStatsMatcher:\n      inclusionRegexps:\n        - .*ext_authz.*\n" +
        "        - cluster\\.outbound\\|9999\\|\\|waf-agent\\.sidecar\\.internal;?\\..*\n" +
        "        - access_logs\\.grpc_access_log\\..*",
    ]);
  });
});
