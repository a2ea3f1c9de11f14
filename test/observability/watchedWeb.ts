import { Enforcement, Placement } from "../../src/args/integration";
import { SidecarForm } from "../../src/args/sidecar";
import { TargetKind } from "../../src/args/targets";
import type { Watched } from "../../src/observability/watched";

/** The smallest component with every default. */
export const watchedWeb: Watched = {
  name: "waf",
  agentName: "waf-agent",
  agentNamespace: "sigsci",
  placement: Placement.Service,
  maxReplicas: undefined,
  form: SidecarForm.NativeSidecar,
  cluster: "outbound|9999||waf-agent.sigsci.svc.cluster.local",
  enforcement: Enforcement.AuthorizationPolicy,
  statPrefix: undefined,
  targets: [{ kind: TargetKind.Workload, namespace: "shop", app: "web", everyRequest: true }],
  everyNamespace: false,
  failOpen: true,
  statusOnError: 403,
  timeoutMs: 200,
  responseData: true,
  proxyStats: false,
  agentMetrics: false,
  version: "4.84.0",
};
