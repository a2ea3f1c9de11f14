import { stringify } from "yaml";
import type { PrometheusRulesSettings } from "../settings/observability";
import { alertsOf } from "./alerts";
import type { Alert } from "./alert";
import type { Watched } from "./watched";

/** The rules of a component, as a rule file of Prometheus and the spec of a PrometheusRule have them. */
export interface RuleFile {
  /** One group. */
  groups: RuleGroup[];
}

/** A group of rules. */
export interface RuleGroup {
  /** Unique within a Prometheus. */
  name: string;
  /** The alerts. */
  rules: AlertRule[];
}

/** An alert as Prometheus reads it. */
export interface AlertRule {
  /** Its name. */
  alert: string;
  /** In PromQL. */
  expr: string;
  /** How long it must hold. */
  for: string;
  /** By these Alertmanager routes it. */
  labels: Record<string, string>;
  /** For people. */
  annotations: Record<string, string>;
}

/** The rules of a component. */
export function ruleFile(watched: Watched, settings: PrometheusRulesSettings): RuleFile {
  const rules = alertsOf(watched).map((alert) => alertRule(alert, watched.name, settings));
  return { groups: [{ name: `pulumi-sigsci-istio-${watched.name}`, rules }] };
}

function alertRule(
  { name, severity, expressions, summary, description, anchor, for: duration }: Alert,
  component: string,
  { alertLabels, runbookUrl }: PrometheusRulesSettings,
): AlertRule {
  return {
    alert: name,
    expr:
      expressions.length === 1 ? (expressions[0] ?? "") : expressions.map((one) => `(${one})`).join("\nor\n"),
    for: duration,
    labels: { ...alertLabels, severity, sigsci_component: component },
    annotations: { summary, description, runbook_url: `${runbookUrl}#${anchor}` },
  };
}

/** A rule file as text. */
export function ruleFileText(file: RuleFile): string {
  return stringify(file, { lineWidth: 0 });
}
