import assert from "node:assert/strict";
import { SigsciIstioIntegration, type SigsciIstioIntegrationArgs } from "../../../src";
import { recordProgram } from "../../../src/offline/recording";
import type { Dashboard } from "../../../src/observability/dashboard";
import { meshConfig, rootNamespace } from "../datapath/mesh";

/** What a component gives to those who watch it. */
export interface Observed {
  /** The rule file. */
  readonly rules: string;
  /** The dashboard; of a component without one it is undefined. */
  readonly dashboard: Dashboard | undefined;
  /** What the mesh needs, as YAML; "" without `proxyStats`. */
  readonly proxyStats: string;
}

/** Runs a program with one component and gives what its argument `observability` makes. */
export async function observe(name: string, args: Partial<SigsciIstioIntegrationArgs>): Promise<Observed> {
  const { resources } = await recordProgram(
    () => {
      new SigsciIstioIntegration(name, {
        credentials: { existingSecret: { name: "keys" } },
        targets: [{ name: "web", namespace: "shop", matchLabels: { app: "web" } }],
        ...args,
      });
    },
    { reads: (_type, id) => (id === `${rootNamespace}/istio` ? meshConfig([]) : undefined) },
  );
  const component = resources.find((one) => one.name === name && !one.custom);
  assert.ok(component !== undefined);
  const { prometheusRulesYaml, proxyStatsYaml } = component.outputs;
  const configMap = resources.find((one) => one.name === `${name}-dashboard`)?.inputs.data;
  const [text] = Object.values((configMap ?? {}) as Record<string, string>);
  return {
    rules: typeof prometheusRulesYaml === "string" ? prometheusRulesYaml : "",
    // The component's own text.
    dashboard: text === undefined ? undefined : (JSON.parse(text) as Dashboard),
    proxyStats: typeof proxyStatsYaml === "string" ? proxyStatsYaml : "",
  };
}

/** The rules with seconds for minutes, so that a test sees an alert come and go. */
export function quickened(rules: string): string {
  return rules
    .replaceAll(/\[(?:5|10|15)m\]/g, "[8s]")
    .replaceAll("[6h] offset 15m", "[20s] offset 8s")
    .replaceAll(/for: (?:2|5|10|15)m/g, "for: 2s");
}
