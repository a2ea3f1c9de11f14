import assert from "node:assert/strict";
import { Placement, SidecarForm, withSigsciAgent } from "../../src";
import { argumentProblems } from "../../src/validation";
import { named, recordComponent, smallest } from "../component/program";
import { added, changed, dropped } from "./differences";
import { field, guide } from "./guide";
import { agentContainer, agentPod, fields, rendered, variables } from "./objects";
import { row } from "./row";

const podSpec = { containers: [{ name: "helloworld" }] };

const names = (containers: unknown): unknown[] =>
  (Array.isArray(containers) ? containers : []).map((container: unknown) => field(container, "name"));

describe("guide: Integrating the Next-Gen WAF agent", () => {
  row("an agent in each pod", ({ compare }) => {
    const spec = withSigsciAgent(podSpec, { secret: { name: "sigsci.my-site-name-here" } });
    const ours = { containers: names(spec.containers), initContainers: names(field(spec, "initContainers")) };
    const why = "a native sidecar (`restartPolicy: Always`): ready before the application, stopped after it";
    compare({ containers: names(guide("pod", "containers")) }, ours, [
      dropped("containers[1]", "sigsci-agent", why),
      added("", { initContainers: ["sigsci-agent"] }, why),
    ]);
    assert.equal(field(spec, "initContainers", 0, "restartPolicy"), "Always");
  });

  row("an agent beside the containers of a pod", ({ compare }) => {
    const secret = { name: "sigsci.my-site-name-here" };
    const spec = withSigsciAgent(podSpec, { secret, form: SidecarForm.Container });
    compare({ containers: names(guide("pod", "containers")) }, { containers: names(spec.containers) });
  });

  row("an agent as a service", async ({ compare, differs }) => {
    const args = {
      placement: Placement.Service,
      agent: { replicas: 3, expectResponseData: false },
    };
    const deployment = await rendered("waf-deployment", args);
    compare({ replicas: 3 }, fields(field(deployment, "spec"), "replicas"));
    const container = field(deployment, "spec", "template", "spec", "containers", 0);
    assert.ok(!("SIGSCI_ENVOY_EXPECT_RESPONSE_DATA" in variables(container)));
    assert.ok((await recordComponent(args)).resources.every(({ name }) => name !== "waf-web-telemetry"));
    const [problem, ...more] = argumentProblems("waf", { ...smallest, agent: { replicas: 3 } });
    assert.deepEqual([problem?.path, more], ["agent.replicas", []]);
    differs("several pods only without response data: Istio sends checks and access log to different pods");
  });

  row("an agent on each node", async ({ differs }) => {
    const recording = await recordComponent({ placement: Placement.NodeLocal });
    assert.equal(named(recording, "waf-daemon-set").type, "kubernetes:apps/v1:DaemonSet");
    assert.equal(field(named(recording, "waf-service").inputs, "spec", "internalTrafficPolicy"), "Local");
    differs("not in the guide: scales with the nodes, and one agent sees request and response");
  });

  row("slow shutdown of the agent's pods", async ({ compare }) => {
    const pod = await agentPod({ agent: { shutdown: { preStopSleepSeconds: 30 } } });
    const ours = {
      preStop: field(pod, "containers", 0, "lifecycle", "preStop"),
      ...fields(pod, "terminationGracePeriodSeconds"),
    };
    const why = "the pod's default of 30 s would be used up by the sleep";
    compare({ preStop: guide("preStop") }, ours, [added("", { terminationGracePeriodSeconds: 45 }, why)]);
    const byDefault = await agentPod();
    assert.deepEqual(field(byDefault, "containers", 0, "lifecycle", "preStop"), guide("preStop"));
  });

  row("slow shutdown in an application's pod", ({ compare }) => {
    const secret = { name: "sigsci.my-site-name-here" };
    const beside = withSigsciAgent(podSpec, { secret, form: SidecarForm.Container });
    compare(guide("preStop"), field(beside, "containers", 1, "lifecycle", "preStop"), [
      changed(
        "exec.command[1]",
        "30",
        "10",
        "the pod belongs to the application, and its 30 s must leave the agent time to stop",
      ),
    ]);
    const spec = withSigsciAgent(
      { ...podSpec, terminationGracePeriodSeconds: 45 },
      { secret, form: SidecarForm.Container, agent: { shutdown: { preStopSleepSeconds: 30 } } },
    );
    compare(guide("preStop"), field(spec, "containers", 1, "lifecycle", "preStop"));
    const native = withSigsciAgent(podSpec, { secret });
    compare({ lifecycle: { preStop: guide("preStop") } }, fields(field(native, "initContainers", 0)), [
      dropped(
        "lifecycle",
        { preStop: guide("preStop") },
        "none in a native sidecar: the kubelet stops it last",
      ),
    ]);
    assert.ok(!("lifecycle" in Object(field(native, "initContainers", 0))));
  });

  row("start only with rules", async ({ compare }) => {
    const args = { agent: { startupProbe: { enabled: true, periodSeconds: 2, failureThreshold: 90 } } };
    const probe = { httpGet: { path: "/startup", port: 2024 }, periodSeconds: 2, failureThreshold: 90 };
    const listener = { name: "SIGSCI_STARTUP_PROBE_LISTENER", value: "0.0.0.0:2024" };
    const container = await agentContainer(args);
    assert.deepEqual(await agentContainer(), container);
    const ours = {
      startupProbe: field(container, "startupProbe"),
      port: field(container, "ports", 1),
      variable: variables(container).SIGSCI_STARTUP_PROBE_LISTENER,
    };
    compare(
      { startupProbe: probe, port: { containerPort: 2024, name: "startup-port" }, variable: listener },
      ours,
      [
        changed("port.name", "startup-port", "sigsci-startup", "no name that an application may use"),
        added("port", { protocol: "TCP" }, "Kubernetes' default, written out"),
      ],
    );
    assert.ok(
      !("startupProbe" in Object(await agentContainer({ agent: { startupProbe: { enabled: false } } }))),
    );
  });
});
