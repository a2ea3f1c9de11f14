import type { PreflightCheck } from "../../args/preflight";
import { findingsOf } from "../check";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import type { Finding } from "../finding";
import type { PreflightSubject } from "../subject";
import { accessLogs } from "./accessLogs";
import { admission } from "./admission";
import { existingSecret } from "./existingSecret";
import { grpcPorts } from "./grpcPorts";
import { injection } from "./injection";
import { mutualTls } from "./mutualTls";
import { observing } from "./observing";
import { permissions } from "./permissions";
import { provider } from "./provider";
import { revision } from "./revision";
import { secondProvider } from "./secondProvider";
import { serviceHost } from "./serviceHost";
import { serviceVisibility } from "./serviceVisibility";
import { tcpPorts } from "./tcpPorts";
import { trafficPolicy } from "./trafficPolicy";
import { workloads } from "./workloads";

/** Everything that preflight looks at, in the order in which it is said. */
export const checks: readonly Check[] = [
  permissions,
  admission,
  secondProvider,
  observing,
  revision,
  provider,
  serviceHost,
  existingSecret,
  mutualTls,
  trafficPolicy,
  serviceVisibility,
  injection,
  workloads,
  tcpPorts,
  grpcPorts,
  accessLogs,
];

/** Whether a check needs a fact; without any it is not read. */
export function isNeeded(fact: keyof ClusterFacts, ignored: readonly PreflightCheck[]): boolean {
  return checks.some(({ check, needs }) => needs.includes(fact) && !ignored.includes(check));
}

/** Everything in the cluster that the integration does not fit to; what stops the run comes first. */
export function preflightFindings(
  facts: ClusterFacts,
  subject: PreflightSubject,
  ignored: readonly PreflightCheck[] = [],
): Finding[] {
  const found = checks
    .filter(({ check }) => !ignored.includes(check))
    .flatMap((check) => findingsOf(check, facts, subject));
  return [
    ...found.filter(({ severity }) => severity === "error"),
    ...found.filter(({ severity }) => severity === "warning"),
  ];
}
