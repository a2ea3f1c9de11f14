import assert from "node:assert/strict";
import type { AutoscalingArgs } from "../../src/args/autoscaling";
import { agentSettings, mostReplicas } from "../../src/settings/agent";

describe("agent settings", () => {
  it("fills in every default", () => {
    assert.deepEqual(agentSettings("waf"), {
      name: "waf-agent",
      image: { repository: "signalsciences/sigsci-agent", version: "4.84.0" },
      port: 9999,
      replicas: 1,
      autoscaling: undefined,
      expectResponseData: true,
      externalProcessing: false,
      options: {},
      extraOptions: {},
      env: [],
      resources: { requests: { cpu: "1", memory: "512Mi" }, limits: { cpu: "1", memory: "1Gi" } },
      temporaryVolume: { mountPath: "/sigsci/tmp", sizeLimit: "256Mi" },
      startupProbe: { enabled: true, port: 2024, periodSeconds: 2, failureThreshold: 90 },
      shutdown: { preStopSleepSeconds: 30, terminationGracePeriodSeconds: 45 },
      networkPolicy: undefined,
      serviceAccountName: undefined,
      imagePullSecrets: [],
      priorityClassName: undefined,
      nodeSelector: {},
      tolerations: [],
      affinity: undefined,
      podSecurityContext: {
        runAsNonRoot: true,
        runAsUser: 100,
        runAsGroup: 101,
        fsGroup: 101,
        seccompProfile: { type: "RuntimeDefault" },
      },
      podLabels: {},
      podAnnotations: {},
    });
  });

  it("counts an autoscaler's fewest and most pods, two at least unless told otherwise", () => {
    const autoscaled = (given: AutoscalingArgs): [number, number] => {
      const settings = agentSettings("waf", { autoscaling: given });
      return [settings.replicas, mostReplicas(settings)];
    };
    assert.deepEqual(autoscaled({ maxReplicas: 6 }), [2, 6]);
    assert.deepEqual(autoscaled({ minReplicas: 1, maxReplicas: 3 }), [1, 3]);
    assert.equal(mostReplicas(agentSettings("waf", { replicas: 3 })), 3);
  });

  it("keeps what is given, falsy values included", () => {
    const settings = agentSettings("waf", {
      name: "guard",
      port: 8443,
      replicas: 3,
      expectResponseData: false,
      startupProbe: { enabled: false },
      shutdown: { preStopSleepSeconds: 0 },
      networkPolicy: {},
      temporaryVolume: { mountPath: "/work" },
    });
    assert.equal(settings.name, "guard");
    assert.equal(settings.port, 8443);
    assert.equal(settings.replicas, 3);
    assert.equal(settings.expectResponseData, false);
    assert.deepEqual(settings.startupProbe, {
      enabled: false,
      port: 2024,
      periodSeconds: 2,
      failureThreshold: 90,
    });
    assert.deepEqual(settings.shutdown, { preStopSleepSeconds: 0, terminationGracePeriodSeconds: 15 });
    assert.deepEqual(settings.networkPolicy, {
      fromNamespaces: undefined,
      toCidrs: ["0.0.0.0/0", "::/0"],
    });
    assert.deepEqual(settings.temporaryVolume, { mountPath: "/work", sizeLimit: "256Mi" });
  });

  it("takes a field that is undefined as missing", () => {
    const settings = agentSettings("waf", { port: undefined, image: undefined, shutdown: undefined });
    assert.deepEqual(settings, agentSettings("waf"));
  });

  it("lets the grace period follow a longer sleep", () => {
    const { shutdown } = agentSettings("waf", { shutdown: { preStopSleepSeconds: 120 } });
    assert.equal(shutdown.terminationGracePeriodSeconds, 135);
  });
});
