import assert from "node:assert/strict";
import { dependencies, named, recordComponent } from "../component/program";
import { added, changed } from "./differences";
import { field, guide } from "./guide";
import { agentContainer, item, recommendedLabels, rendered } from "./objects";
import { row } from "./row";

const labels = recommendedLabels("sigsci-agent", { "app.kubernetes.io/component": "waf-agent" });
const version = { "app.kubernetes.io/version": "4.84.0" };
const namespaceWhy = "written out; the guide gives it to `kubectl`";
const labelsWhy = "Kubernetes' recommended labels";

describe("guide: Deploy the external authorizer", () => {
  row("the agent's Service", async ({ compare }) => {
    const args = { namespace: "foo", agent: { name: "sigsci-agent" } };
    compare(guide("service"), await rendered("waf-service", args), [
      added("metadata", { namespace: "foo" }, namespaceWhy),
      added("metadata.labels", labels, labelsWhy),
      added(
        "metadata",
        {
          annotations: { "networking.istio.io/exportTo": "*", "pulumi.com/skipAwait": "true" },
        },
        "visible to the proxies of every namespace; Pulumi waits for the Deployment instead",
      ),
      added("spec", { type: "ClusterIP" }, "Kubernetes' defaults, written out"),
      added("spec.ports[grpc]", { protocol: "TCP" }, "Kubernetes' defaults, written out"),
      added(
        "spec.ports[grpc]",
        { appProtocol: "grpc" },
        "Istio speaks HTTP/2 to it by more than the port's name",
      ),
      changed(
        "spec.ports[grpc].targetPort",
        9999,
        "sigsci-grpc",
        "by name: while another `agent.port` rolls out, old and new pods are both reached",
      ),
    ]);
  });

  row("the agent's Deployment", async ({ compare }) => {
    const container = "spec.template.spec.containers[sigsci-agent]";
    const onePod = "one pod serves everybody: the old one stays until the new one is ready";
    const deployment = await rendered("waf-deployment", {
      namespace: "foo",
      agent: { name: "sigsci-agent" },
      credentials: { existingSecret: { name: "sigsci-agent-accesskey" } },
    });
    compare(guide("deployment"), deployment, [
      added("metadata", { namespace: "foo" }, namespaceWhy),
      added("metadata", { labels: { app: "sigsci-agent", ...labels, ...version } }, labelsWhy),
      added("spec.template.metadata.labels", { ...labels, ...version }, labelsWhy),
      changed(
        `${container}.image`,
        "signalsciences/sigsci-agent:latest",
        "signalsciences/sigsci-agent:4.84.0",
        "slip: `latest` with `IfNotPresent` stays at what a node has; a pinned version instead",
      ),
      added(
        container,
        { volumeMounts: [{ name: "sigsci-tmp", mountPath: "/sigsci/tmp" }] },
        "slip: read-only root without the writable volume; it is mounted",
      ),
      added(
        "spec.template.spec",
        { volumes: [{ name: "sigsci-tmp", emptyDir: { sizeLimit: "256Mi" } }] },
        "slip: read-only root without the writable volume; it is mounted",
      ),
      added(
        `${container}.env`,
        {
          "[SIGSCI_STARTUP_PROBE_LISTENER]": { name: "SIGSCI_STARTUP_PROBE_LISTENER", value: "0.0.0.0:2024" },
        },
        "startup and readiness probes",
      ),
      added(
        `${container}.ports`,
        { "[1]": { name: "sigsci-startup", containerPort: 2024, protocol: "TCP" } },
        "startup and readiness probes",
      ),
      added(
        container,
        {
          startupProbe: { httpGet: { path: "/startup", port: 2024 }, periodSeconds: 2, failureThreshold: 90 },
          readinessProbe: { tcpSocket: { port: 9999 }, periodSeconds: 5 },
        },
        "startup and readiness probes",
      ),
      added(
        container,
        {
          resources: {
            requests: { cpu: "1", memory: "512Mi" },
            limits: { cpu: "1", memory: "1Gi" },
          },
        },
        "a size, which `max-procs` follows",
      ),
      added(
        `${container}.env`,
        { "[SIGSCI_MAX_PROCS]": { name: "SIGSCI_MAX_PROCS", value: "1" } },
        "a size, which `max-procs` follows",
      ),
      added(
        container,
        { lifecycle: { preStop: guide("preStop") } },
        "the preStop sleep, and time to stop after it",
      ),
      added(
        "spec.template.spec",
        { terminationGracePeriodSeconds: 45 },
        "the preStop sleep, and time to stop after it",
      ),
      added(
        `${container}.securityContext`,
        { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        'the Pod Security profile "restricted"',
      ),
      added(
        "spec.template.spec",
        {
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 100,
            runAsGroup: 101,
            fsGroup: 101,
            seccompProfile: { type: "RuntimeDefault" },
          },
        },
        'the Pod Security profile "restricted"',
      ),
      added(
        "spec.template.spec",
        {
          serviceAccountName: "sigsci-agent",
          automountServiceAccountToken: false,
          enableServiceLinks: false,
        },
        "a ServiceAccount of its own, without a token",
      ),
      added(
        "spec.template.metadata.labels",
        { "sidecar.istio.io/inject": "false" },
        "no proxy in the agent's own pods",
      ),
      added(
        "spec.template.metadata",
        { annotations: { "sidecar.istio.io/inject": "false" } },
        "no proxy in the agent's own pods",
      ),
      added(
        "spec",
        { strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } },
        onePod,
      ),
      added(
        "spec",
        { progressDeadlineSeconds: 600, revisionHistoryLimit: 3 },
        "limits of a rollout, written out",
      ),
      added(
        `${container}.ports[0]`,
        { name: "sigsci-grpc", protocol: "TCP" },
        "named port, as the Service refers to it",
      ),
      added(
        container,
        { terminationMessagePolicy: "FallbackToLogsOnError" },
        "the pod's status shows why an agent cannot start",
      ),
    ]);
  });

  row("the namespace", async ({ compare, differs }) => {
    const recording = await recordComponent({ namespace: "foo", createNamespace: false });
    assert.ok(recording.resources.every(({ type }) => type !== "kubernetes:core/v1:Namespace"));
    const names = ["waf-service", "waf-deployment", "waf-secret", "waf-service-account"];
    for (const name of names) {
      compare("foo", field(named(recording, name).inputs, "metadata", "namespace"));
    }
    const own = await rendered("waf-namespace");
    assert.equal(field(own, "metadata", "name"), "sigsci");
    differs('by default a namespace `sigsci` of its own, with the Pod Security profile "restricted"');
  });

  row("no response data", async ({ compare, differs }) => {
    const args = { agent: { expectResponseData: false } };
    const recording = await recordComponent(args);
    const container = await agentContainer(args);
    compare(undefined, item(field(container, "env"), "SIGSCI_ENVOY_EXPECT_RESPONSE_DATA"));
    assert.ok(recording.resources.every(({ name }) => name !== "waf-web-telemetry"));
    differs(
      "variable, access log provider and Telemetry go together: none of them is left without the others",
    );
  });

  row("the agent runs", async ({ differs }) => {
    const command = "$ kubectl logs deployment/waf-agent -n sigsci -c sigsci-agent";
    const recording = await recordComponent();
    const deployment = named(recording, "waf-deployment").inputs;
    const [workload, namespace, container] = [
      field(deployment, "metadata", "name"),
      field(deployment, "metadata", "namespace"),
      field(deployment, "spec", "template", "spec", "containers", 0, "name"),
    ].map(String);
    assert.equal(command, `$ kubectl logs deployment/${workload} -n ${namespace} -c ${container}`);
    const metadata = JSON.stringify(field(deployment, "metadata"));
    assert.ok(!metadata.includes("pulumi.com/skipAwait"));
    assert.ok(dependencies(recording, "waf-mesh-default").includes("waf-deployment"));
    assert.ok(dependencies(recording, "waf-web-policy").includes("waf-mesh-default"));
    differs(
      "`pulumi up` waits for the rollout and fails without it; the mesh learns of the agent after that",
    );
  });
});
