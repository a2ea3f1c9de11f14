/** How urgent an alert is. `critical`: attacks pass or requests are refused now. */
export type Severity = "critical" | "warning" | "info";

/** An alert of Prometheus. */
export interface Alert {
  /** Its name. */
  name: string;
  /** How urgent it is. */
  severity: Severity;
  /** In PromQL; of several expressions, one that holds is enough. */
  expressions: string[];
  /** How long it must hold. */
  for: string;
  /** What is so, in a few words. */
  summary: string;
  /** What happens to traffic. */
  description: string;
  /** Anchor of its paragraph in docs/metrics.md. */
  anchor: string;
}
