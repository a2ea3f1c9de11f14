import assert from "node:assert/strict";
import {
  agentPlaceProblems,
  envoyFilterTargetProblems,
  waypointProblem,
} from "../../src/validation/envoyFilterTargetProblems";

const group = "gateway.networking.k8s.io";
const waypointReason =
  "Istio ignores an EnvoyFilter for a waypoint without an error, so nothing would be inspected";
const waypointRemedy = "Use enforcement AuthorizationPolicy for waypoints.";

describe("envoyFilterTargetProblems", () => {
  const sidecars = { context: "SIDECAR_INBOUND", rules: [{}] } as const;
  const gateways = { context: "GATEWAY", rules: [{}] } as const;

  it("accepts sidecars, gateways and rules", () => {
    const rules = [{ paths: ["/a"] }];
    assert.deepEqual(envoyFilterTargetProblems({}, { ...sidecars, rules }, "targets[0]"), []);
    const targetRefs = [
      { group, kind: "Gateway", name: "public" },
      { group, kind: "GatewayClass", name: "istio" },
    ];
    assert.deepEqual(envoyFilterTargetProblems({}, { ...gateways, targetRefs }, "targets[0]"), []);
  });

  it("refuses what only a waypoint answers for", () => {
    const gateway = { group, kind: "Gateway", name: "public" };
    for (const reference of [
      { group: "", kind: "Service", name: "cart" },
      { group: "networking.istio.io", kind: "ServiceEntry", name: "bank" },
      { group, kind: "GatewayClass", name: "istio-waypoint" },
    ]) {
      const target = { ...gateways, targetRefs: [gateway, reference] };
      assert.deepEqual(envoyFilterTargetProblems({}, target, "targets[2]"), [
        {
          path: "targets[2].targetRefs[1]",
          value: reference,
          reason: waypointReason,
          remedy: waypointRemedy,
        },
      ]);
    }
  });

  it("refuses gateways and rules in the guide's form", () => {
    const guide = { guideCompatible: true };
    assert.deepEqual(envoyFilterTargetProblems(guide, sidecars, "targets[0]"), []);
    assert.deepEqual(envoyFilterTargetProblems(guide, gateways, "targets[0]"), [
      {
        path: "targets[0]",
        reason: "the guide's EnvoyFilter (guideCompatible) is for sidecars, not for gateways",
        remedy: "Leave out guideCompatible.",
      },
    ]);
    const rules = [
      { paths: ["/a"], methods: undefined },
      { paths: ["/b"], notPorts: [1] },
    ];
    assert.deepEqual(envoyFilterTargetProblems(guide, { ...sidecars, rules }, "targets[0]"), [
      {
        path: "targets[0]",
        reason:
          "the guide's EnvoyFilter (guideCompatible) checks every request and has no place for paths, notPorts",
        remedy: "Leave out paths, notPorts, or leave out guideCompatible.",
      },
    ]);
    const [ofPorts] = envoyFilterTargetProblems(guide, { ...sidecars, grpcPorts: [9000] }, "targets[0]");
    assert.match(ofPorts?.reason ?? "", /has no place for grpcPorts$/);
  });
});

describe("waypointProblem", () => {
  it("names the waypoint as given, if it is", () => {
    const rest = { reason: waypointReason, remedy: waypointRemedy };
    assert.deepEqual(waypointProblem("a", "Waypoint"), { path: "a", value: "Waypoint", ...rest });
    assert.deepEqual(waypointProblem("a"), { path: "a", ...rest });
  });
});

describe("agentPlaceProblems", () => {
  const circuitBreakers = { maxRequests: 1 };
  const args = { guideCompatible: true, connectTimeout: "1s", circuitBreakers };

  it("accepts everything with the agent in the pod", () => {
    assert.deepEqual(agentPlaceProblems(args, "pod"), []);
  });

  it("refuses what belongs to the cluster in the pod, and the guide's form, behind a Service", () => {
    const reason = "the agent is behind a Service, whose cluster Istio makes";
    const remedy = "Leave it out, or set it in a DestinationRule for the agent's Service.";
    assert.deepEqual(agentPlaceProblems({}, "service"), []);
    assert.deepEqual(agentPlaceProblems({ guideCompatible: false }, "service"), []);
    assert.deepEqual(agentPlaceProblems(args, "service"), [
      {
        path: "envoyFilter.guideCompatible",
        value: true,
        reason: "the guide's EnvoyFilter looks for the agent in the pod, on 127.0.0.1",
        remedy: "Use placement Sidecar, or leave it out.",
      },
      { path: "envoyFilter.connectTimeout", value: "1s", reason, remedy },
      { path: "envoyFilter.circuitBreakers", value: circuitBreakers, reason, remedy },
    ]);
  });
});
