import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { AgentArgs } from "../../src/args/agent";
import { agentContainer } from "../../src/agent/container";
import { createdSecretReference } from "../../src/settings/secretReference";
import { agentDeployment } from "../../src/agent/workload";
import { agentService } from "../../src/agent/service";
import { serviceHost } from "../../src/settings/agentEndpoint";
import { agentSettings } from "../../src/settings/agent";
import { context, labels, metadata, plain } from "./agentObjects";
import type { Plain } from "./agentObjects";
import { resolved } from "./resolved";

const secret = createdSecretReference("sigsci.shop-0123456789", false);
const version = { "app.kubernetes.io/version": "4.84.0" };
const container = {
  name: "sigsci-agent",
  image: "signalsciences/sigsci-agent:4.84.0",
  imagePullPolicy: "IfNotPresent",
  env: [
    {
      name: "SIGSCI_ACCESSKEYID",
      valueFrom: { secretKeyRef: { name: "sigsci.shop-0123456789", key: "accesskeyid" } },
    },
    {
      name: "SIGSCI_SECRETACCESSKEY",
      valueFrom: { secretKeyRef: { name: "sigsci.shop-0123456789", key: "secretaccesskey" } },
    },
    { name: "SIGSCI_ENVOY_GRPC_ADDRESS", value: ":9999" },
    { name: "SIGSCI_ENVOY_EXPECT_RESPONSE_DATA", value: "1" },
    { name: "SIGSCI_STARTUP_PROBE_LISTENER", value: "0.0.0.0:2024" },
    { name: "SIGSCI_MAX_PROCS", value: "1" },
  ],
  ports: [
    { name: "sigsci-grpc", containerPort: 9999, protocol: "TCP" },
    { name: "sigsci-startup", containerPort: 2024, protocol: "TCP" },
  ],
  resources: { requests: { cpu: "1", memory: "512Mi" }, limits: { cpu: "1", memory: "1Gi" } },
  startupProbe: { httpGet: { path: "/startup", port: 2024 }, periodSeconds: 2, failureThreshold: 90 },
  readinessProbe: { tcpSocket: { port: 9999 }, periodSeconds: 5 },
  lifecycle: { preStop: { exec: { command: ["sleep", "30"] } } },
  terminationMessagePolicy: "FallbackToLogsOnError",
  securityContext: {
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
  },
  volumeMounts: [{ name: "sigsci-tmp", mountPath: "/sigsci/tmp" }],
};

function podOf(args: AgentArgs): NonNullable<Plain<ReturnType<typeof agentDeployment>>["spec"]>["template"] {
  const { spec } = plain(agentDeployment(agentSettings("waf", args), secret, context));
  assert.ok(spec);
  return spec.template;
}

describe("agent Deployment", () => {
  it("is complete by default", () => {
    assert.deepEqual(agentDeployment(agentSettings("waf"), secret, context), {
      metadata: { ...metadata, labels: { ...labels, ...version } },
      spec: {
        replicas: 1,
        revisionHistoryLimit: 3,
        progressDeadlineSeconds: 600,
        selector: { matchLabels: { app: "waf-agent" } },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        template: {
          metadata: {
            labels: { ...labels, ...version, "sidecar.istio.io/inject": "false" },
            annotations: { "sidecar.istio.io/inject": "false" },
          },
          spec: {
            serviceAccountName: "waf-agent",
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            terminationGracePeriodSeconds: 45,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 100,
              runAsGroup: 101,
              fsGroup: 101,
              seccompProfile: { type: "RuntimeDefault" },
            },
            containers: [container],
            volumes: [{ name: "sigsci-tmp", emptyDir: { sizeLimit: "256Mi" } }],
          },
        },
      },
    });
  });

  it("takes everything about scheduling and names", () => {
    const affinity = { nodeAffinity: {} };
    const { spec } = podOf({
      serviceAccountName: "mine",
      imagePullSecrets: ["pull-a", "pull-b"],
      priorityClassName: "high",
      nodeSelector: { pool: "edge" },
      tolerations: [{ key: "edge", operator: "Exists" }],
      affinity,
      podSecurityContext: { runAsUser: 7 },
      temporaryVolume: { mountPath: "/work", sizeLimit: "1Gi" },
      shutdown: { preStopSleepSeconds: 5, terminationGracePeriodSeconds: 50 },
    });
    assert.equal(spec?.serviceAccountName, "mine");
    assert.deepEqual(spec.imagePullSecrets, [{ name: "pull-a" }, { name: "pull-b" }]);
    assert.equal(spec.priorityClassName, "high");
    assert.deepEqual(spec.nodeSelector, { pool: "edge" });
    assert.deepEqual(spec.tolerations, [{ key: "edge", operator: "Exists" }]);
    assert.deepEqual(spec.affinity, affinity);
    assert.deepEqual(spec.securityContext, { runAsUser: 7 });
    assert.deepEqual(spec.volumes, [{ name: "sigsci-tmp", emptyDir: { sizeLimit: "1Gi" } }]);
    assert.deepEqual(spec.containers[0]?.volumeMounts, [{ name: "sigsci-tmp", mountPath: "/work" }]);
    assert.equal(spec.terminationGracePeriodSeconds, 50);
    assert.deepEqual(spec.containers[0].lifecycle, { preStop: { exec: { command: ["sleep", "5"] } } });
  });

  it("leaves user, group and seccomp profile to the cluster where that is asked for, as OpenShift wants it", () => {
    const { spec } = podOf({ podSecurityContext: {} });
    assert.deepEqual(spec?.securityContext, {});
    assert.deepEqual(spec.containers[0]?.securityContext, {
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
    assert.doesNotMatch(JSON.stringify(spec), /runAs|fsGroup|seccomp/);
  });

  it("lets no label and no annotation of the user replace ours", () => {
    const stolen = { app: "x", "app.kubernetes.io/name": "x", "sidecar.istio.io/inject": "true" };
    const settings = agentSettings("waf", {
      podLabels: { ...stolen, team: "edge" },
      podAnnotations: { "sidecar.istio.io/inject": "true", note: "n" },
    });
    const shared = { labels: { ...stolen, cost: "7" }, annotations: { owner: "o" } };
    const deployment = plain(agentDeployment(settings, secret, { ...context, ...shared }));
    assert.deepEqual(deployment.metadata?.labels, {
      "sidecar.istio.io/inject": "true",
      cost: "7",
      ...labels,
      ...version,
    });
    assert.deepEqual(deployment.metadata.annotations, { owner: "o" });
    assert.deepEqual(deployment.spec.template.metadata, {
      labels: { team: "edge", ...labels, ...version, "sidecar.istio.io/inject": "false" },
      annotations: { note: "n", "sidecar.istio.io/inject": "false" },
    });
  });

  it("keeps its selector whatever else changes", () => {
    const settings = agentSettings("waf", {
      image: { version: "4.85.0" },
      podLabels: { team: "edge" },
      replicas: 3,
      expectResponseData: false,
    });
    const { spec } = plain(agentDeployment(settings, secret, { ...context, labels: { cost: "7" } }));
    assert.deepEqual(spec.selector, { matchLabels: { app: "waf-agent" } });
  });

  it("spreads several replicas, and only those", () => {
    const { spec } = podOf({ replicas: 2, expectResponseData: false });
    const constraint = (topologyKey: string): object => ({
      topologyKey,
      maxSkew: 1,
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: { app: "waf-agent" } },
      matchLabelKeys: ["pod-template-hash"],
    });
    assert.deepEqual(spec?.topologySpreadConstraints, [
      constraint("kubernetes.io/hostname"),
      constraint("topology.kubernetes.io/zone"),
    ]);
    assert.equal(podOf({}).spec?.topologySpreadConstraints, undefined);
  });

  it("gives a long startup probe the time to succeed", () => {
    const settings = agentSettings("waf", { startupProbe: { periodSeconds: 10, failureThreshold: 100 } });
    const { spec } = plain(agentDeployment(settings, secret, context));
    assert.equal(spec.progressDeadlineSeconds, 1060);
  });

  it("writes a version label only for a version", () => {
    const { metadata: pod } = podOf({ image: { tag: "testing" } });
    assert.ok(!("app.kubernetes.io/version" in (pod?.labels ?? {})));
  });
});

describe("agent container", () => {
  it("sleeps for as little as a second", () => {
    const settings = agentSettings("waf", { shutdown: { preStopSleepSeconds: 1 } });
    const { lifecycle } = plain(agentContainer(settings, { secret, listenHost: "" }));
    assert.deepEqual(lifecycle, { preStop: { exec: { command: ["sleep", "1"] } } });
  });

  it("has neither startup probe nor preStop when they are switched off", () => {
    const settings = agentSettings("waf", {
      startupProbe: { enabled: false },
      shutdown: { preStopSleepSeconds: 0 },
    });
    const given = agentContainer(settings, { secret, listenHost: "" });
    assert.ok(!("startupProbe" in given));
    assert.ok(!("lifecycle" in given));
    assert.deepEqual(given.ports, [{ name: "sigsci-grpc", containerPort: 9999, protocol: "TCP" }]);
  });

  it("follows the ports everywhere", () => {
    const settings = agentSettings("waf", { port: 8443, startupProbe: { port: 3000 } });
    const given = plain(agentContainer(settings, { secret, listenHost: "" }));
    assert.deepEqual(
      given.ports?.map((port) => port.containerPort),
      [8443, 3000],
    );
    assert.deepEqual(given.readinessProbe, { tcpSocket: { port: 8443 }, periodSeconds: 5 });
    assert.deepEqual(given.startupProbe?.httpGet, { path: "/startup", port: 3000 });
    assert.ok(given.env?.some((variable) => variable.value === ":8443"));
  });

  it("is the same with deferred arguments once they are known", async () => {
    const settings = agentSettings("waf", {
      image: { version: pulumi.output("4.84.0") },
      resources: pulumi.output({
        requests: { cpu: "1", memory: "512Mi" },
        limits: { cpu: "1", memory: "1Gi" },
      }),
    });
    assert.deepEqual(await resolved(agentContainer(settings, { secret, listenHost: "" })), container);
  });
});

describe("agent Service", () => {
  it("speaks gRPC for every namespace, on a port of its own that stays when the agent's moves", () => {
    assert.deepEqual(agentService(agentSettings("waf", { port: 8443 }), context), {
      metadata: {
        ...metadata,
        annotations: { "networking.istio.io/exportTo": "*", "pulumi.com/skipAwait": "true" },
      },
      spec: {
        type: "ClusterIP",
        selector: { app: "waf-agent" },
        ports: [
          { name: "grpc", protocol: "TCP", appProtocol: "grpc", port: 9999, targetPort: "sigsci-grpc" },
        ],
      },
    });
  });

  it("leads to the container's port by name", () => {
    const { spec } = plain(agentService(agentSettings("waf"), context));
    const ports = podOf({ port: 8443 }).spec?.containers[0]?.ports;
    assert.equal(ports?.find((port) => port.name === spec?.ports?.[0]?.targetPort)?.containerPort, 8443);
  });

  it("has the host name that Istio's registry knows", () => {
    const settings = agentSettings("waf", { name: "guard" });
    assert.equal(serviceHost(settings, "shop", "cluster.local"), "guard.shop.svc.cluster.local");
  });
});
