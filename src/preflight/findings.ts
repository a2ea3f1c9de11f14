import { accessLogFindings } from "./checks/accessLogs";
import { existingSecretFindings } from "./checks/existingSecret";
import { mutualTlsFindings } from "./checks/mutualTls";
import { revisionFindings } from "./checks/revisions";
import { secondProviderFindings } from "./checks/secondProvider";
import { serviceHostFindings } from "./checks/serviceHost";
import { serviceVisibilityFindings } from "./checks/serviceVisibility";
import { tcpPortFindings } from "./checks/tcpPorts";
import { workloadFindings } from "./checks/workloads";
import type { ClusterFacts } from "./clusterFacts";
import type { Finding } from "./finding";
import type { PreflightSubject } from "./subject";

/**
 * Everything in the cluster that the integration does not fit to; what stops the run comes first.
 *
 * @param facts - The cluster, as far as it could be read; checks of what is missing say nothing.
 * @param subject - The component.
 */
export function preflightFindings(facts: ClusterFacts, subject: PreflightSubject): Finding[] {
  const found = [
    ...secondProviderFindings(facts, subject),
    ...revisionFindings(facts, subject),
    ...serviceHostFindings(facts, subject),
    ...existingSecretFindings(facts, subject),
    ...mutualTlsFindings(facts, subject),
    ...serviceVisibilityFindings(facts, subject),
    ...workloadFindings(facts, subject),
    ...tcpPortFindings(facts, subject),
    ...accessLogFindings(facts, subject),
  ];
  return [
    ...found.filter(({ severity }) => severity === "error"),
    ...found.filter(({ severity }) => severity === "warning"),
  ];
}
