import assert from "node:assert/strict";
import { Enforcement, GrpcInspection, InspectionMode, Placement } from "../../src";
import type { AgentArgs, EnvoyFilterArgs, SigsciIstioIntegrationArgs, TargetArgs } from "../../src";
import { envoyFilterExclusions, notInspected } from "../../src/enforcement/notInspected";
import { AdmissionFailurePolicy, SidecarInjection } from "../../src/args/sidecar";
import type { SidecarPlacementArgs } from "../../src/args/sidecar";
import { integrationSettings } from "../../src/settings/integration";

const lines = (args: Partial<SigsciIstioIntegrationArgs>): string[] =>
  notInspected(integrationSettings("waf", { credentials: {}, targets: [], ...args }));

const webSocket = "what follows the headers of a request that asks for a WebSocket (Upgrade: websocket)";

describe("notInspected", () => {
  it("says of pods in which the agent is added what keeps it out, and what is held back", () => {
    const settings = integrationSettings("waf", {
      credentials: {},
      targets: [],
      placement: Placement.Sidecar,
      sidecar: {
        injection: SidecarInjection.Admission,
        excludedPods: [{ matchLabels: { waf: "off" } }],
        enforceFromPercent: 90,
      },
    });
    const found = notInspected(settings, undefined, { web: { carrying: 1, pods: 3 } });
    assert.equal(
      found[0],
      "target web: everything, until 90 % of its pods carry the agent (sidecar.enforceFromPercent): 1 of 3 running pods " +
        "carry the agent",
    );
    const started = "requests to pods of a target that were started without the agent";
    const pods = found.filter((one) => one.startsWith("requests to pods"));
    assert.deepEqual(pods, [
      `${started}: those that ran before admission added it, until they are started again`,
      "requests to pods with waf=off, which sidecar.excludedPods leaves without the agent",
    ]);
  });

  it("says that admission lets pods without the agent be created, unless they are refused", () => {
    const found = (sidecar: SidecarPlacementArgs): boolean =>
      notInspected(
        integrationSettings("waf", {
          credentials: {},
          targets: [],
          placement: Placement.Sidecar,
          sidecar: { injection: SidecarInjection.Admission, ...sidecar },
        }),
      ).includes(
        "requests to new pods of a target that the agent does not fit into, which sidecar.failurePolicy lets be created " +
          "without it",
      );
    const failurePolicy = AdmissionFailurePolicy.Ignore;
    assert.equal(found({ failurePolicy }), true);
    assert.equal(found({ failurePolicy, requireAgent: true }), false);
    assert.equal(found({}), false);
  });

  it("names the end of the body and what fails open", () => {
    assert.deepEqual(lines({}), [
      "what is behind the first 100000 bytes of a request body",
      webSocket,
      "every request while the only agent pod is away, for example evicted from its node",
      "requests that the agent does not answer within 200ms",
    ]);
  });

  it("names the absence of the only agent pod, where one serves all and nobody is refused", () => {
    const isNamed = (args: Partial<SigsciIstioIntegrationArgs>): boolean =>
      lines(args).includes(
        "every request while the only agent pod is away, for example evicted from its node",
      );
    assert.equal(isNamed({ agent: { replicas: 1 } }), true);
    assert.equal(isNamed({ agent: { replicas: 2, expectResponseData: false } }), false);
    const scaled = (minReplicas: number): AgentArgs => ({
      autoscaling: { minReplicas, maxReplicas: 3 },
      expectResponseData: false,
    });
    assert.equal(isNamed({ agent: scaled(1) }), true);
    assert.equal(isNamed({ agent: scaled(2) }), false);
    assert.equal(isNamed({ inspection: { failOpen: false } }), false);
    assert.equal(isNamed({ placement: Placement.NodeLocal }), false);
    assert.equal(isNamed({ placement: Placement.Sidecar }), false);
  });

  it("names each target that observes", () => {
    const targets = ["web", "api", "edge"].map((name): TargetArgs => ({ name, namespace: "shop" }));
    const observed = lines({
      inspection: { mode: InspectionMode.Observe },
      targets: targets.map((target, index) =>
        index === 1 ? { ...target, mode: InspectionMode.Block } : target,
      ),
    }).filter((line) => line.includes("not blocked"));
    assert.deepEqual(observed, [
      "target web: its requests are observed, not blocked, also while the agent does not answer",
      "target edge: its requests are observed, not blocked, also while the agent does not answer",
    ]);
  });

  it("follows the inspection", () => {
    assert.deepEqual(lines({ inspection: { failOpen: false, body: { maxBytes: 8192 } } }), [
      "what is behind the first 8192 bytes of a request body",
      webSocket,
    ]);
    assert.deepEqual(lines({ inspection: { failOpen: false, body: { enabled: false } } }), [
      "request bodies",
    ]);
  });

  it("names what EnvoyFilters leave out too", () => {
    const excluded = lines({
      enforcement: Enforcement.EnvoyFilter,
      envoyFilter: { excludedPaths: ["/healthz"], rolloutPercent: 5 },
    });
    assert.deepEqual(excluded.slice(2, 4), ["all but 5% of the requests, drawn at random", "paths /healthz"]);
  });

  it("names what a client can make of the conditions of a target", () => {
    const targets = [{ name: "web", namespace: "shop", notPaths: ["/static/*"] }];
    assert.equal(
      lines({ targets })[2],
      "target web: what the application reads as another path among /static/*, such as /static/..%2fadmin or /static/..%5cadmin",
    );
  });

  it("says everything in teardown", () => {
    assert.deepEqual(lines({ teardown: true }), ["everything, because teardown is on"]);
  });
});

const exclusions = (
  envoyFilter: EnvoyFilterArgs,
  target: Partial<TargetArgs> = {},
  bodies = true,
): string[] =>
  envoyFilterExclusions(
    integrationSettings("waf", {
      credentials: {},
      targets: [{ name: "web", namespace: "shop", ...target }],
      envoyFilter,
      inspection: { body: { enabled: bodies } },
    }),
  );

describe("envoyFilterExclusions", () => {
  it("names nothing by default", () => {
    assert.deepEqual(exclusions({}), []);
  });

  it("names what the ports for gRPC leave out", () => {
    const grpcPorts = [9000, 9001];
    const told = "to its ports 9000, 9001, told by a content-type that any client can send";
    assert.deepEqual(exclusions({}, { grpcPorts }), [`target web: bodies of gRPC requests ${told}`]);
    assert.deepEqual(exclusions({}, { grpcPorts }, false), []);
    assert.deepEqual(exclusions({ grpc: GrpcInspection.Full }, { grpcPorts }), []);
    assert.deepEqual(exclusions({ grpc: GrpcInspection.None }, { grpcPorts }), [
      `target web: gRPC requests ${told}`,
    ]);
  });

  it("names what each argument leaves out", () => {
    assert.deepEqual(
      exclusions({
        rolloutPercent: 12.5,
        excludedPaths: ["/healthz", "/static/*"],
        allowedHeaders: ["user-agent", "x-*"],
        disallowedHeaders: ["authorization"],
      }),
      [
        "all but 12.5% of the requests, drawn at random",
        "paths /healthz, /static/*",
        "headers other than user-agent, x-*",
        "headers authorization",
        "what the application reads as another path among /static/*, such as /static/..%2fadmin or /static/..%5cadmin",
      ],
    );
  });

  it("names what the guide's form leaves out", () => {
    assert.deepEqual(exclusions({ guideCompatible: true }), ["requests through HBONE"]);
  });
});
