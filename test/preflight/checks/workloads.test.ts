import assert from "node:assert/strict";
import { Enforcement, Placement } from "../../../src/args/integration";
import { TargetKind, TargetRefKind } from "../../../src/args/targets";
import { workloads } from "../../../src/preflight/checks/workloads";
import { injection } from "../../../src/preflight/checks/injection";
import { PreflightCheck } from "../../../src/args/preflight";
import type { LiveObject } from "../../../src/kubernetes/liveObject";
import type { ClusterFacts } from "../../../src/preflight/clusterFacts";
import { findings, namespace, object, pod, storefront, subject } from "../objects";

const messages = (facts: ClusterFacts, changes = {}): string[] =>
  findings([workloads, injection], facts, subject(changes)).map(({ message }) => message);
const namespaces = [namespace("shop"), namespace("sigsci")];

describe("preflight: what targets select", () => {
  it("warns of labels that no pod has", () => {
    assert.deepEqual(
      findings([workloads, injection], { namespaces, pods: [pod("shop/api-1", { app: "api" })] }, subject()),
      [
        {
          check: PreflightCheck.Workloads,
          severity: "warning",
          where: "target storefront",
          message: "no pod has the labels app=web in namespace shop: nothing would be inspected.",
          remedy:
            "Check `matchLabels` against the labels of the pods; if the workload comes later, nothing needs to be done.",
        },
      ],
    );
    const targets = [{ name: "all", namespace: "shop" }];
    assert.deepEqual(messages({ namespaces, pods: [] }, { targets }), [
      "there is no pod in namespace shop: nothing would be inspected.",
    ]);
    assert.deepEqual(messages({ namespaces: [], pods: [] }), [
      "there is no namespace shop: nothing would be inspected.",
    ]);
  });

  it("is content with a workload that has no pods at the moment, and counts no ended pod", () => {
    const template = { template: { metadata: { labels: { app: "web" } } } };
    assert.deepEqual(messages({ namespaces, pods: [], workloads: [object("shop/web", template)] }), []);
    const ended = { ...pod("shop/web-1", { app: "web" }), status: { phase: "Succeeded" } };
    assert.equal(messages({ namespaces, pods: [ended] }).length, 1);
    assert.deepEqual(messages({ namespaces }), [], "the pods are not known");
  });

  it("finds pods of every namespace for a target in the root namespace", () => {
    const targets = [{ ...storefront, namespace: "istio-system" }];
    assert.deepEqual(messages({ namespaces, pods: [pod("shop/web-1", { app: "web" })] }, { targets }), []);
  });

  it("counts the pods without a proxy", () => {
    const bare = (name: string, meta: object = {}): object =>
      object(`shop/${name}`, { containers: [{ name: "web" }] }, { labels: { app: "web" }, ...meta });
    const pods = [pod("shop/web-1", { app: "web" }), bare("web-2")];
    assert.deepEqual(messages({ pods } as ClusterFacts), [
      "1 of 2 pods is without Istio's proxy (web-2; reason: the namespace does not ask for sidecars): requests to it would " +
        "pass without inspection.",
    ]);
    const ambient = bare("web-3", { annotations: { "ambient.istio.io/redirection": "enabled" } });
    const [found] = findings([workloads, injection], { pods: [ambient] } as ClusterFacts, subject());
    assert.equal(
      found?.remedy,
      "They are in ambient mode, where only a waypoint can inspect: make the waypoint the target.",
    );
    const enabled = [namespace("shop", { "istio-injection": "enabled" })];
    const [older] = findings(
      [workloads, injection],
      { namespaces: enabled, pods: [bare("web-5")] } as ClusterFacts,
      subject(),
    );
    assert.equal(older?.remedy, "Injection is on, but was not when they started: start them again.");
    const [plain] = findings(
      [workloads, injection],
      { namespaces, pods: [bare("web-6")] } as ClusterFacts,
      subject(),
    );
    assert.equal(plain?.remedy, "Switch injection on for the namespace or the pods, and start them again.");
    const auto = { name: "auto.sidecar-injector.istio.io", namespaceSelector: {}, objectSelector: {} };
    const [byDefault] = findings(
      [workloads, injection],
      { namespaces, pods: [bare("web-7")], injectionWebhooks: [{ webhooks: [auto] }] } as ClusterFacts,
      subject(),
    );
    assert.equal(byDefault?.remedy, "Injection is on, but was not when they started: start them again.");
    const native = object(
      "shop/web-4",
      { initContainers: [{ name: "istio-proxy" }] },
      { labels: { app: "web" } },
    );
    assert.deepEqual(messages({ pods: [native] }), [], "a native sidecar is a proxy too");
  });

  it("says why a pod has no proxy, or one that sees no request, and what helps", () => {
    const web = (name: string, spec: object, annotations: Record<string, string> = {}): object =>
      object(`shop/${name}`, spec, { labels: { app: "web" }, annotations });
    const containers = [{ name: "web", ports: [{ containerPort: 80 }] }];
    const pods = [
      web("web-1", { containers, hostNetwork: true }),
      web("web-2", { containers }),
      web("web-3", { containers }, { "sidecar.istio.io/inject": "false" }),
      web(
        "web-4",
        { containers: [...containers, { name: "istio-proxy" }] },
        { "traffic.sidecar.istio.io/excludeInboundPorts": "80" },
      ),
    ];
    const selector = { matchLabels: { other: "label" } };
    const webhook = { name: "auto.sidecar-injector.istio.io", namespaceSelector: selector };
    const facts = {
      namespaces: [namespace("shop", { "istio-injection": "enabled" })],
      injectionWebhooks: [{ webhooks: [webhook] }],
      pods,
    } as ClusterFacts;
    const is = "1 of 4 pods is";
    const pass = "requests to it would pass without inspection.";
    assert.deepEqual(
      findings([injection], facts, subject()).map(({ message, remedy }) => [message, remedy]),
      [
        [
          `${is} without Istio's proxy (web-1; reason: hostNetwork): ${pass}`,
          "Istio gives no sidecar to pods with `hostNetwork`: run them without it, or leave them out of the target.",
        ],
        [
          `${is} without Istio's proxy (web-2; reason: no webhook of Istio selects it): ${pass}`,
          "Injection is asked for: compare the labels with the selectors of Istio's webhooks " +
            "(`kubectl get mutatingwebhookconfigurations --output yaml`).",
        ],
        [
          `${is} without Istio's proxy (web-3; reason: sidecar injection is off): ${pass}`,
          "Switch injection on for the namespace or the pods, and start them again.",
        ],
        [
          `${is} served past Istio's proxy (web-4; reason: traffic.sidecar.istio.io/excludeInboundPorts names all its ` +
            `ports): ${pass}`,
          "Change that annotation of the pods, and start them again.",
        ],
      ],
    );
  });

  it("asks for the agent in each pod with Sidecar placement", () => {
    const sidecar = { placement: Placement.Sidecar };
    const pods = [
      pod("shop/web-1", { app: "web" }),
      pod("shop/web-2", { app: "web" }, "default", ["web", "sigsci-agent"]),
    ];
    assert.deepEqual(messages({ pods }), []);
    assert.deepEqual(messages({ pods }, sidecar), [
      "1 of 2 pods is without a container sigsci-agent (web-1): until there is one, requests would pass without inspection.",
    ]);
    const targets = [{ ...storefront, workload: { name: "web" } }];
    assert.deepEqual(messages({ pods }, { ...sidecar, targets }), []);
  });

  it("finds agents that were added for another enforcement", () => {
    const web = (name: string, agent: object): LiveObject => {
      const found = pod(`shop/${name}`, { app: "web" });
      const initContainers = [{ name: "sigsci-agent", restartPolicy: "Always", ...agent }];
      return { ...found, spec: { ...(found.spec as object), initContainers } };
    };
    const pods = [
      web("web-1", { env: [{ name: "SIGSCI_ENVOY_EXPECT_RESPONSE_DATA", value: "1" }] }),
      web("web-2", { env: [{ name: "SIGSCI_ENVOY_EXTPROC_ENABLED", value: "true" }] }),
      web("web-3", { envFrom: [{ configMapRef: { name: "waf" } }] }),
    ];
    const sidecar = { placement: Placement.Sidecar, enforcement: Enforcement.EnvoyFilter };
    assert.deepEqual(messages({ pods }, sidecar), []);
    assert.deepEqual(messages({ pods }, { ...sidecar, enforcement: Enforcement.ExternalProcessing }), [
      "the agent of 1 of 3 pods is without SIGSCI_ENVOY_EXTPROC_ENABLED (web-1) and does not serve external processing: " +
        "requests would pass without inspection.",
    ]);
  });

  it("does not take a waypoint for a selected pod: no selector reaches it", () => {
    const containers = [{ name: "istio-proxy", args: ["proxy", "waypoint", "--domain"] }];
    const targets = [{ name: "all", namespace: "shop" }];
    const facts = { namespaces, pods: [object("shop/w-1", { containers })], workloads: [] };
    assert.deepEqual(messages(facts, { targets, placement: Placement.Sidecar }), [
      "there is no pod in namespace shop: nothing would be inspected.",
    ]);
    const template = { template: { metadata: { labels: {} }, spec: { containers } } };
    const scaledDown = { ...facts, pods: [], workloads: [object("shop/w", template)] };
    assert.equal(messages(scaledDown, { targets }).length, 1);
  });

  it("looks for what targets refer to", () => {
    const targetRefs = [
      { kind: TargetRefKind.Gateway, name: "edge" },
      { kind: TargetRefKind.Service, name: "web" },
      { kind: TargetRefKind.GatewayClass, name: "istio-waypoint" },
    ];
    const targets = [{ name: "edge", namespace: "shop", kind: TargetKind.Waypoint, targetRefs }];
    const facts = { gateways: [object("bank/edge")], services: [object("shop/web")] };
    assert.deepEqual(messages(facts, { targets }), [
      "there is no Gateway shop/edge: nothing would be inspected there.",
    ]);
    assert.deepEqual(messages({}, { targets }), []);
  });

  describe("that are for the other kind of proxy", () => {
    const proxy = (role: string): object => ({ name: "istio-proxy", args: ["proxy", role] });
    const running = (name: string, role: string): LiveObject =>
      object(`shop/${name}`, { containers: [proxy(role)] }, { labels: { app: "web" } });
    const annotated = { annotations: { "inject.istio.io/templates": "gateway" }, labels: { app: "web" } };
    const chart = object("shop/web", {
      template: { metadata: annotated, spec: { containers: [{ name: "istio-proxy", image: "auto" }] } },
    });
    const found = (pods: LiveObject[], changes: object, workloadsThere: LiveObject[] = []): string[] =>
      findings([workloads], { namespaces, pods, workloads: workloadsThere }, subject(changes)).map(
        ({ severity, message, remedy }) => `${severity}: ${message} ${remedy}`,
      );
    const pass = "their requests would pass without inspection.";
    const filters = { enforcement: Enforcement.ExternalProcessing };
    const edge = { ...filters, targets: [{ ...storefront, kind: TargetKind.Gateway }] };
    const ofGateways =
      `error: all pods that it selects are gateways, and its EnvoyFilter is for sidecars: ${pass} For this target, ` +
      "set `kind` to Gateway.";

    it("stops where no request of a target would be inspected", () => {
      assert.deepEqual(found([running("a", "router")], filters), [ofGateways]);
      assert.deepEqual(found([], filters, [chart]), [ofGateways]);
      assert.deepEqual(found([running("a", "sidecar")], edge), [
        `error: all pods that it selects are no gateways, and its EnvoyFilter is for gateways: ${pass} For this ` +
          "target, leave `kind` out.",
      ]);
    });

    it("warns where some are of the other kind", () => {
      assert.deepEqual(found([running("a", "router"), running("b", "sidecar")], filters), [
        `warning: 1 of 2 pods that it selects are gateways, and its EnvoyFilter is for sidecars: ${pass} Give them a ` +
          "target of their own, with `kind` set to Gateway.",
      ]);
    });

    it("is content with the right kind, with what cannot be told, and with policies, which both regard", () => {
      assert.deepEqual(found([running("a", "sidecar")], filters), []);
      assert.deepEqual(found([running("a", "router")], edge), []);
      assert.deepEqual(found([pod("shop/web-1", { app: "web" })], edge), []);
      assert.deepEqual(found([running("a", "router")], {}), []);
    });
  });
});
