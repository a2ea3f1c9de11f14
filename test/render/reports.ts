import type { RenderReport, ReportedPolicy, ReportedWorkload } from "../../src/render/report";

/** A report with nothing in it but what is given. */
export function report(
  changes: Partial<RenderReport["coverage"]> & Partial<RenderReport> = {},
): RenderReport {
  const { workloads = [], policies = [], ...rest } = changes;
  return {
    version: 1,
    program: { project: "shop", stack: "prod" },
    resources: [],
    mesh: { source: "mesh.yaml", edits: [], external: [] },
    coverage: {
      manifestsGiven: true,
      counts: { protected: 0, unprotected: 0, outside: 0 },
      workloads,
      leftOut: [],
      policies,
    },
    outputs: {},
    warnings: [],
    notes: [],
    written: null,
    ...rest,
  };
}

/** The policy of a target. */
export function policy(target: string, changes: Partial<ReportedPolicy> = {}): ReportedPolicy {
  return {
    policy: `shop/waf-${target}`,
    kind: "AuthorizationPolicy",
    provider: "waf-ext-authz",
    labels: { app: target },
    references: [],
    limits: { coverage: "all", text: "all requests" },
    target: `waf/${target}`,
    observed: false,
    failOpen: true,
    ...changes,
  };
}

/** A Deployment that policies protect. */
export function workload(name: string, policies: readonly ReportedPolicy[]): ReportedWorkload {
  return {
    namespace: "shop",
    name,
    kind: "Deployment",
    status: policies.length === 0 ? "unprotected" : "protected",
    policies: policies.map(({ policy: id, provider, limits, observed }) => ({
      policy: id,
      provider,
      limits,
      observed,
    })),
    remark: null,
  };
}
