import assert from "node:assert/strict";
import { agentAutoscaler } from "../../src/agent/autoscaler";
import { agentPodDisruptionBudget } from "../../src/agent/objects";
import { agentDeployment } from "../../src/agent/workload";
import type { AutoscalingArgs } from "../../src/args/autoscaling";
import { agentSettings } from "../../src/settings/agent";
import type { AgentSettings } from "../../src/settings/agent";
import { createdSecretReference } from "../../src/settings/secretReference";
import { context, metadata, plain } from "./agentObjects";

const scaled = (autoscaling: AutoscalingArgs): AgentSettings =>
  agentSettings("waf", { expectResponseData: false, autoscaling });
const deployed = (autoscaling: AutoscalingArgs): ReturnType<typeof agentDeployment> =>
  agentDeployment(scaled(autoscaling), createdSecretReference("keys", false), context);

describe("agent HorizontalPodAutoscaler", () => {
  it("is made only when asked for", () => {
    assert.equal(agentAutoscaler(agentSettings("waf", { replicas: 3 }), context), undefined);
  });

  it("scales the Deployment by CPU use, between two pods and the most", () => {
    const target = { type: "Utilization", averageUtilization: 70 };
    assert.deepEqual(agentAutoscaler(scaled({ maxReplicas: 6 }), context), {
      metadata,
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "waf-agent" },
        minReplicas: 2,
        maxReplicas: 6,
        metrics: [{ type: "Resource", resource: { name: "cpu", target } }],
      },
    });
  });

  it("takes every argument", () => {
    const behavior = { scaleDown: { stabilizationWindowSeconds: 600 } };
    const { spec } =
      plain(
        agentAutoscaler(scaled({ minReplicas: 3, maxReplicas: 9, targetCpuPercent: 50, behavior }), context),
      ) ?? {};
    assert.deepEqual(
      [spec?.minReplicas, spec?.maxReplicas, spec?.metrics?.[0]?.resource?.target.averageUtilization],
      [3, 9, 50],
    );
    assert.deepEqual(spec?.behavior, behavior);
  });

  it("gives a new Deployment the fewest pods to start with", () => {
    assert.equal(plain(deployed({ maxReplicas: 6 })).spec.replicas, 2);
    assert.equal(plain(deployed({ minReplicas: 4, maxReplicas: 6 })).spec.replicas, 4);
  });

  it("has a disruption budget and a spread wherever there can be a second pod", () => {
    const both = (autoscaling: AutoscalingArgs): boolean[] => [
      agentPodDisruptionBudget(scaled(autoscaling), context) !== undefined,
      plain(deployed(autoscaling)).spec.template.spec?.topologySpreadConstraints !== undefined,
    ];
    assert.deepEqual(both({ minReplicas: 1, maxReplicas: 2 }), [true, true]);
    assert.deepEqual(both({ minReplicas: 1, maxReplicas: 1 }), [false, false]);
  });
});
