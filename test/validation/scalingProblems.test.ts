import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Placement } from "../../src";
import type { AgentArgs, SigsciIstioIntegrationArgs } from "../../src";
import { argumentProblems, argumentWarnings } from "../../src/validation";
import { describeProblem } from "../../src/validation/problem";
import { smallest } from "../component/program";

const messages = (agent: AgentArgs, more: Partial<SigsciIstioIntegrationArgs> = {}): string[] =>
  argumentProblems("waf", { ...smallest, agent, ...more }).map(describeProblem);
const stateless = (agent: AgentArgs, more: Partial<SigsciIstioIntegrationArgs> = {}): string[] =>
  messages({ expectResponseData: false, ...agent }, more);
const autoscaling = { maxReplicas: 6 };

const keepsState =
  "checks are spread over all agents, but the access log of a proxy goes to one of them, so most response data would " +
  "reach an agent that never saw the request\n" +
  '    Set enforcement to "ExternalProcessing", run the agent in the application\'s pod (sidecar placement), use 1 replica, or set ' +
  "agent.expectResponseData to false and do without detections that need the response.";

describe("scalingProblems", () => {
  it("refuses several agents of which another one gets the response", () => {
    assert.deepEqual(messages({ replicas: 2 }), [`agent.replicas = 2: ${keepsState}`]);
    assert.deepEqual(messages({ autoscaling }), [`agent.autoscaling: ${keepsState}`]);
    assert.deepEqual(messages({ replicas: 1 }), []);
  });

  it("takes them where the agent gets no response", () => {
    assert.deepEqual(stateless({ replicas: 3 }), []);
    assert.deepEqual(stateless({ autoscaling }), []);
    const behavior = { scaleUp: { policies: [{ type: "Pods", value: 1, periodSeconds: 60 }] } };
    assert.deepEqual(
      stateless({ autoscaling: { minReplicas: 6, maxReplicas: 6, targetCpuPercent: 55, behavior } }),
      [],
    );
  });

  it("refuses two numbers at once", () => {
    assert.deepEqual(stateless({ replicas: 3, autoscaling }), [
      "agent.replicas = 3: with agent.autoscaling the autoscaler sets the number of pods\n" +
        "    Leave it out; agent.autoscaling.minReplicas is the fewest (2).",
    ]);
  });

  it("refuses limits that leave no number", () => {
    assert.deepEqual(stateless({ autoscaling: { maxReplicas: 1 } }), [
      "agent.autoscaling.maxReplicas = 1: it is less than agent.autoscaling.minReplicas (2)\n" +
        "    Use 2 or more, or lower minReplicas.",
    ]);
    assert.deepEqual(stateless({ autoscaling: { minReplicas: 1, maxReplicas: 1 } }), []);
    const remedy = "Use 1 or more. To take the agent out of the mesh use teardown.";
    assert.deepEqual(stateless({ autoscaling: { minReplicas: 0, maxReplicas: 2 } }), [
      `agent.autoscaling.minReplicas = 0: with less than one replica nobody answers the checks\n    ${remedy}`,
    ]);
    assert.deepEqual(stateless({ autoscaling: { maxReplicas: 2, targetCpuPercent: 0.7 } }), [
      "agent.autoscaling.targetCpuPercent = 0.7: it is no whole number from 1 on\n" +
        "    Use a whole number of percent, such as 70.",
    ]);
  });

  it("knows the names of other autoscalers, and shows what is missing", () => {
    const refused = (given: object): string[] => stateless({ autoscaling: given } as AgentArgs);
    assert.deepEqual(refused({}), [
      "agent.autoscaling.maxReplicas: it is missing, and has no default\n    Write maxReplicas: 10.",
    ]);
    assert.deepEqual(refused({ maxReplicas: 3, targetCPUUtilizationPercentage: 80 }), [
      "agent.autoscaling.targetCPUUtilizationPercentage: there is no such argument\n    Did you mean targetCpuPercent?",
    ]);
    assert.deepEqual(refused({ maxReplicas: 3, behavior: { scaleDwon: {} } }), [
      "agent.autoscaling.behavior.scaleDwon: there is no such argument\n    Did you mean scaleDown?",
    ]);
  });

  it("refuses pods whose CPU use cannot be put in percent", () => {
    const reason = "agent.autoscaling measures CPU use in percent of it, and it is missing";
    const remedy = 'Write requests: { cpu: "1" }, with the CPU that the container needs.';
    const resources = { requests: { memory: "512Mi" } };
    assert.deepEqual(stateless({ autoscaling, resources }), [
      `agent.resources.requests.cpu: ${reason}\n    ${remedy}`,
    ]);
    assert.deepEqual(stateless({ autoscaling }, { observability: { agentMetrics: { resources } } }), [
      `observability.agentMetrics.resources.requests.cpu: ${reason}\n    ${remedy}`,
    ]);
    for (const fine of [
      { limits: { cpu: "1" } },
      { requests: { cpu: pulumi.output("1") } },
      pulumi.output(resources),
      { requests: pulumi.output({ cpu: "1" }) },
    ]) {
      assert.deepEqual(stateless({ autoscaling, resources: fine }), []);
    }
    assert.deepEqual(stateless({ replicas: 2, resources }), []);
  });

  it("refuses every number where each node or each pod has an agent", () => {
    const nodes = { placement: Placement.NodeLocal };
    const oneEach =
      "with placement NodeLocal there is one agent on each node\n" +
      "    Leave it out; choose the nodes with agent.nodeSelector and agent.tolerations.";
    assert.deepEqual(stateless({ autoscaling }, nodes), [`agent.autoscaling: ${oneEach}`]);
    assert.deepEqual(messages({ replicas: 3 }, nodes), [`agent.replicas = 3: ${oneEach}`]);
    const inPods =
      "it has no effect in an application's pod: there is one agent in each pod of the application, so the " +
      "application's replicas decide\n    Leave it out.";
    const pods = { placement: Placement.Sidecar };
    assert.deepEqual(stateless({ autoscaling }, pods), [`agent.autoscaling: ${inPods}`]);
    assert.deepEqual(messages({ replicas: 3 }, pods), [`agent.replicas = 3: ${inPods}`]);
  });
});

describe("scalingWarnings", () => {
  const warnings = (agent: AgentArgs): string[] =>
    argumentWarnings({ ...smallest, agent: { expectResponseData: false, ...agent } }, new Date("2026-11-29"));

  it("says that a target near the limit adds no pod", () => {
    const warning = (percent: number): string =>
      "agent.autoscaling.targetCpuPercent: no pod is ever added. The autoscaler acts above 110 % of the target of " +
      `${percent} %, and the limit in agent.resources keeps the agent below. Lower the target or raise the limit.`;
    const at = (targetCpuPercent: number, cpu?: object): string[] =>
      warnings({
        autoscaling: { ...autoscaling, targetCpuPercent },
        ...(cpu && { resources: cpu }),
      });
    assert.deepEqual(at(90), []);
    assert.deepEqual(at(91), [warning(91)]);
    const twice = { requests: { cpu: "500m" }, limits: { cpu: "1" } };
    assert.deepEqual(at(181, twice), []);
    assert.deepEqual(at(182, twice), [warning(182)]);
    assert.deepEqual(at(91, { limits: { cpu: "2" } }), [warning(91)]);
    assert.deepEqual(at(500, { requests: { cpu: "500m" } }), []);
    assert.deepEqual(at(500, { requests: { cpu: "500m" }, limits: { cpu: pulumi.output("1") } }), []);
    assert.deepEqual(warnings({ replicas: 2 }), []);
  });
});
