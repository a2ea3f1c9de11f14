import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import { parse } from "yaml";
import {
  Enforcement,
  Placement,
  SidecarForm,
  SidecarInjection,
  SigsciIstioIntegration,
  sigsciAgentTransform,
  withSigsciAgent,
} from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { recordProgram, reveal } from "../../src/offline/recording";
import type { Recording, RecordOptions } from "../../src/offline/recording";
import { defaultCluster, named, recordComponent, smallest } from "../component/program";
import { added, changed } from "./differences";
import { field, guide } from "./guide";
import { item, rendered, variables } from "./objects";
import { row } from "./row";

const secret = { name: "sigsci.my-site-name-here" };
const app = guide("pod", "containers", 0);
const agent = guide("pod", "containers", 1);

/** A pod spec with the guide's application. */
const podSpec = { containers: [Object(app) as { name: string }] }; // a container of a file of ours

/** A cluster that runs the guide's application without the agent. */
const reads: NonNullable<RecordOptions["reads"]> = (type, id) =>
  type === "kubernetes:apps/v1:Deployment" && id === "default/helloworld"
    ? {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "helloworld", namespace: "default", resourceVersion: "12" },
        spec: { template: { metadata: { labels: { app: "helloworld" } }, spec: podSpec } },
      }
    : defaultCluster(type, id);

function recordPatched(args: Partial<SigsciIstioIntegrationArgs>): Promise<Recording> {
  return recordProgram(
    () => {
      new SigsciIstioIntegration("waf", {
        ...smallest,
        sidecar: { form: SidecarForm.Container },
        ...args,
      });
    },
    { reads },
  );
}

describe("guide: Add the Next-Gen WAF agent as an Envoy gRPC service", () => {
  row("the agent's container in a pod", ({ compare }) => {
    const spec = withSigsciAgent(podSpec, { secret, form: SidecarForm.Container });
    compare(app, field(spec, "containers", 0));
    const restricted =
      'the Pod Security profile "restricted", with the group whose traffic Istio leaves alone';
    const probe =
      "a startup probe by a file: the kubelet cannot reach 127.0.0.1, and Istio takes over HTTP probes";
    const size = "a size: a request that fits into each pod, and a limit, which `max-procs` follows";
    compare(agent, field(spec, "containers", 1), [
      changed(
        "image",
        "signalsciences/sigsci-agent:latest",
        "signalsciences/sigsci-agent:4.84.0",
        "slip: `latest` with `IfNotPresent` stays at what a node has; a pinned version instead",
      ),
      changed(
        "env[SIGSCI_ENVOY_GRPC_ADDRESS].value",
        "localhost:9999",
        "127.0.0.1:9999",
        "the address that the proxy is given; `localhost` may also be `::1`",
      ),
      added(
        "",
        { volumeMounts: [{ name: "sigsci-tmp", mountPath: "/sigsci/tmp" }] },
        "slip: the volume is defined and never mounted; it is mounted",
      ),
      added(
        "env",
        {
          "[SIGSCI_STARTUP_PROBE_FILEPATH]": {
            name: "SIGSCI_STARTUP_PROBE_FILEPATH",
            value: "/sigsci/tmp/startup-complete",
          },
        },
        probe,
      ),
      added(
        "",
        {
          startupProbe: {
            exec: { command: ["cat", "/sigsci/tmp/startup-complete"] },
            periodSeconds: 2,
            failureThreshold: 90,
          },
        },
        probe,
      ),
      added(
        "",
        { resources: { requests: { cpu: "200m", memory: "512Mi" }, limits: { cpu: "1", memory: "1Gi" } } },
        size,
      ),
      added("env", { "[SIGSCI_MAX_PROCS]": { name: "SIGSCI_MAX_PROCS", value: "1" } }, size),
      added("", { lifecycle: { preStop: { exec: { command: ["sleep", "10"] } } } }, "the preStop sleep"),
      added(
        "securityContext",
        {
          runAsNonRoot: true,
          runAsUser: 100,
          runAsGroup: 1337,
          seccompProfile: { type: "RuntimeDefault" },
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
        },
        restricted,
      ),
      added("ports[0]", { name: "sigsci-grpc", protocol: "TCP" }, "a named port"),
      added(
        "",
        { terminationMessagePolicy: "FallbackToLogsOnError" },
        "the pod's status shows why an agent cannot start",
      ),
    ]);
  });

  row("the volume in a pod", ({ compare }) => {
    const spec = withSigsciAgent(podSpec, { secret, form: SidecarForm.Container });
    compare(guide("pod", "volumes"), field(spec, "volumes"), [
      added("[sigsci-tmp].emptyDir", { sizeLimit: "256Mi" }, "the agent cannot fill the node's disk"),
    ]);
  });

  row("another port", async ({ compare }) => {
    const args = { placement: Placement.Sidecar, agent: { port: 9555 } };
    const own = withSigsciAgent(podSpec, { secret, form: SidecarForm.Container, agent: { port: 9555 } });
    compare(9555, field(own, "containers", 1, "ports", 0, "containerPort"));
    compare(
      "127.0.0.1:9555",
      field(variables(field(own, "containers", 1)).SIGSCI_ENVOY_GRPC_ADDRESS, "value"),
    );
    const mesh = parse(String(field(await rendered("waf-mesh-default", args), "data", "mesh"))) as unknown;
    compare(9555, field(mesh, "extensionProviders", 0, "envoyExtAuthzGrpc", "port"));
    compare(9555, field(mesh, "extensionProviders", 1, "envoyHttpAls", "port"));
    const filter = await rendered("waf-web-envoy-filter", { ...args, enforcement: Enforcement.EnvoyFilter });
    assert.match(JSON.stringify(filter), /"port_value":9555/);
  });

  row("the Secret in the application's namespace", async ({ compare }) => {
    const recording = await recordComponent({
      placement: Placement.Sidecar,
      targets: [
        { name: "helloworld", namespace: "default", matchLabels: { app: "helloworld" } },
        { name: "pay", namespace: "bar", matchLabels: { app: "pay" } },
      ],
    });
    const places = ["default", "bar"].map((namespace) =>
      field(named(recording, `waf-secret-${namespace}`).inputs, "metadata", "namespace"),
    );
    compare(["default", "bar"], places);
  });

  row("the deployment of the application", async ({ compare, differs }) => {
    const recording = await recordPatched({
      placement: Placement.Sidecar,
      targets: [
        {
          name: "helloworld",
          namespace: "default",
          matchLabels: { app: "helloworld" },
          workload: { name: "helloworld" },
        },
      ],
    });
    const { inputs, type } = named(recording, "waf-helloworld-workload");
    assert.equal(type, "kubernetes:apps/v1:DeploymentPatch");
    const containers = field(reveal(inputs), "spec", "template", "spec", "containers");
    const names = (list: unknown): unknown[] =>
      (Array.isArray(list) ? list : []).map((one: unknown) => field(one, "name"));
    compare(names(guide("pod", "containers")), names(containers));
    assert.deepEqual(item(containers, "helloworld"), { name: "helloworld" });
    differs(
      "the component patches the running Deployment, which restarts its pods; Istio injects `istio-proxy`",
    );
  });

  row("the agent in every new pod", async ({ compare, differs }) => {
    const recording = await recordComponent({
      placement: Placement.Sidecar,
      sidecar: { injection: SidecarInjection.Admission },
      targets: [{ name: "default", namespace: "default" }],
    });
    const policy = named(recording, "waf-default-injection").inputs;
    compare(
      { matchLabels: { "kubernetes.io/metadata.name": "default" } },
      field(policy, "spec", "matchConstraints", "namespaceSelector"),
    );
    const expression = String(field(policy, "spec", "mutations", 0, "jsonPatch", "expression"));
    assert.match(
      expression,
      /path: "\/spec\/initContainers\/0", value: Object\.spec\.initContainers\{\s+name: "sigsci-agent"/,
    );
    differs("not in the guide: the API server adds it to each new pod of the namespace, without a webhook");
  });
  row("the agent's log in the pod", async ({ differs }) => {
    const command = "$ kubectl logs deployment/helloworld -n default -c sigsci-agent";
    const recording = await recordPatched({
      placement: Placement.Sidecar,
      targets: [
        {
          name: "helloworld",
          namespace: "default",
          matchLabels: { app: "helloworld" },
          workload: { name: "helloworld" },
        },
      ],
    });
    const { inputs } = named(recording, "waf-helloworld-workload");
    const [name, namespace] = ["name", "namespace"].map((key) => String(field(inputs, "metadata", key)));
    const container = item(field(reveal(inputs), "spec", "template", "spec", "containers"), "sigsci-agent");
    const containerName = String(field(container, "name"));
    assert.equal(command, `$ kubectl logs deployment/${name} -n ${namespace} -c ${containerName}`);
    assert.equal(field(variables(container).SIGSCI_ENVOY_GRPC_ADDRESS, "value"), "127.0.0.1:9999");
    differs("the guide's last line tells that it listens on 127.0.0.1:9999");
  });

  row("the application's own manifests", async ({ compare, differs }) => {
    const recording = await recordProgram(() => {
      const transform = sigsciAgentTransform({
        matchLabels: { app: "helloworld" },
        namespaces: ["default"],
        agent: { secret: { name: "sigsci.my-site-name-here" }, form: SidecarForm.Container },
      });
      new k8s.apps.v1.Deployment(
        "helloworld",
        {
          metadata: { name: "helloworld", namespace: "default" },
          spec: {
            selector: { matchLabels: { app: "helloworld" } },
            template: { metadata: { labels: { app: "helloworld" } }, spec: podSpec },
          },
        },
        { transforms: [transform] },
      );
    });
    const spec = field(named(recording, "helloworld").inputs, "spec", "template", "spec");
    compare(withSigsciAgent(podSpec, { secret, form: SidecarForm.Container }), spec);
    compare(app, field(spec, "containers", 0));
    differs("not in the guide: for charts and YAML that a program applies");
  });

  row("external authorization by the agent in the pod", async ({ compare, differs }) => {
    const recording = await recordComponent({
      placement: Placement.Sidecar,
      enforcement: Enforcement.AuthorizationPolicy,
    });
    const entry = field(named(recording, "waf-service-entry").inputs, "spec");
    compare([{ address: "127.0.0.1" }], field(entry, "endpoints"));
    const mesh = parse(String(field(named(recording, "waf-mesh-default").inputs, "data", "mesh"))) as unknown;
    const provider = field(mesh, "extensionProviders", 0, "envoyExtAuthzGrpc");
    assert.equal(field(provider, "service"), field(entry, "hosts", 0));
    assert.equal(field(named(recording, "waf-web-policy").inputs, "spec", "action"), "CUSTOM");
    differs("not in the guide: a ServiceEntry leads to 127.0.0.1, so that no EnvoyFilter is needed");
  });
});
