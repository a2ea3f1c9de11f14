import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { whenKnown } from "../pulumi/inputs";
import { componentLabels } from "../kubernetes/ownership";
import type { IntegrationSettings } from "../settings/integration";
import { dashboardOf } from "./dashboard";
import { proxyStatsYaml } from "./proxyStats";
import { ruleFile, ruleFileText } from "./ruleFile";
import { watchedComponent } from "./watched";

/** What observability gives to a program. */
export interface RegisteredObservability {
  /** The rules, as a rule file of Prometheus; undefined when there are none. */
  prometheusRulesYaml: pulumi.Output<string | undefined>;
  /** What the mesh needs for the proxies' counters; undefined when they are not asked for. */
  proxyStatsYaml: pulumi.Output<string | undefined>;
}

/**
 * Registers the alerts and the dashboard. In teardown there are none: nothing is inspected then, and they would ring.
 *
 * @param cluster - Envoy's name of the cluster over which the agent is asked.
 * @param dependsOn - What must be there before.
 */
export function registerObservability(
  component: pulumi.ComponentResource,
  settings: IntegrationSettings,
  cluster: pulumi.Input<string>,
  dependsOn: pulumi.Output<pulumi.Resource[]>,
): RegisteredObservability {
  const { name, agent, observability, namespace, mesh, targets, teardown } = settings;
  const { prometheusRules: rules, dashboard, proxyStats } = observability;
  const parts = {
    cluster,
    known: {
      namespace,
      rootNamespace: mesh.istioNamespace,
      version: agent.image.version ?? agent.image.tag,
      targets: targets.map((target) => ({ namespace: target.namespace, matchLabels: target.matchLabels })),
    },
  };
  const watched = whenKnown(parts, (all) => watchedComponent(settings, all.known, all.cluster));
  const options = { parent: component, dependsOn };
  const file = rules && !teardown ? whenKnown(watched, (known) => ruleFile(known, rules)) : undefined;
  if (rules?.create === true && file !== undefined) {
    new k8s.apiextensions.CustomResource(
      `${name}-prometheus-rule`,
      {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "PrometheusRule",
        metadata: metadata(settings, agent.name, rules),
        spec: file,
      },
      options,
    );
  }
  if (dashboard && !teardown) {
    new k8s.core.v1.ConfigMap(
      `${name}-dashboard`,
      {
        metadata: metadata(settings, `${agent.name}-dashboard`, dashboard),
        data: whenKnown(watched, (known) => ({
          [`${agent.name}.json`]: `${JSON.stringify(dashboardOf(known), null, 2)}\n`,
        })),
      },
      options,
    );
  }
  return {
    prometheusRulesYaml: pulumi.output(file && whenKnown(file, ruleFileText)),
    proxyStatsYaml: pulumi.output(
      proxyStats && whenKnown(cluster, (known) => proxyStatsYaml(known, settings.enforcement)),
    ),
  };
}

interface OwnMetadata {
  namespace?: pulumi.Input<string>;
  labels: Record<string, pulumi.Input<string>>;
  annotations?: Record<string, pulumi.Input<string>>;
}

/** The user's labels never replace ours. */
function metadata(
  settings: IntegrationSettings,
  name: string,
  own: OwnMetadata,
): k8s.types.input.meta.v1.ObjectMeta {
  const annotations = { ...settings.annotations, ...own.annotations };
  return {
    name,
    namespace: own.namespace ?? settings.namespace,
    labels: {
      ...settings.labels,
      ...own.labels,
      ...componentLabels(settings.agent.name),
    },
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
}
