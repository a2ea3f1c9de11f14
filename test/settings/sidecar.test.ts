import assert from "node:assert/strict";
import { agentSettings } from "../../src/settings/agent";
import { sidecarAgentSettings } from "../../src/settings/sidecar";

describe("sidecarAgentSettings", () => {
  it("keep less CPU for an agent that serves one pod, and let it use as much as one for all", () => {
    const { requests, limits } = agentSettings("waf").resources as { requests: unknown; limits: unknown };
    assert.deepEqual(requests, { cpu: "1", memory: "512Mi" });
    assert.deepEqual(sidecarAgentSettings().resources, {
      requests: { cpu: "200m", memory: "512Mi" },
      limits,
    });
  });

  it("take resources that are given as a whole", () => {
    const resources = { limits: { cpu: "2" } };
    assert.deepEqual(sidecarAgentSettings({ resources }).resources, resources);
  });
});
