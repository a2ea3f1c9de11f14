import assert from "node:assert/strict";
import { AdmissionFailurePolicy, SidecarInjection } from "../../../src/args/sidecar";
import { TargetRefKind } from "../../../src/args/targets";
import { at, listAt, textAt } from "../../../src/kubernetes/liveObject";
import { sidecarPlacementSettings } from "../../../src/settings/sidecar";
import {
  guardActions,
  guardPolicySpec,
  injectionPolicySpec,
} from "../../../src/sidecar/admission/policySpecs";

const pods = { namespace: "shop", matchLabels: { app: "web" }, port: 9555 };
const agent = {
  container: { name: "sigsci-agent", image: "agent:1" },
  volume: { name: "sigsci-tmp", emptyDir: { sizeLimit: "256Mi" } },
};
const admission = sidecarPlacementSettings({ injection: SidecarInjection.Admission });
const guarded = { who: "component waf of dev", target: "web", isAdded: true };
const messages = (spec: object): string[] =>
  listAt(spec, "validations").map((one) => textAt(one, "message") ?? "");

describe("the policy that adds the agent", () => {
  it("is for new pods of the target alone", () => {
    const resourceRules = [
      { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] },
    ];
    const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": "shop" } };
    assert.deepEqual(at(injectionPolicySpec(pods, agent, admission), "matchConstraints"), {
      namespaceSelector,
      objectSelector: { matchLabels: { app: "web" } },
      resourceRules,
    });
    const whole = { namespace: "shop", port: 9999 };
    assert.deepEqual(at(injectionPolicySpec(whole, agent, admission), "matchConstraints"), {
      namespaceSelector,
      resourceRules,
    });
    const gateway = { ...whole, targetRefs: [{ kind: TargetRefKind.Gateway, name: "edge" }] };
    assert.deepEqual(
      at(injectionPolicySpec(gateway, agent, admission), "matchConstraints", "objectSelector"),
      {
        matchExpressions: [
          { key: "gateway.networking.k8s.io/gateway-name", operator: "In", values: ["edge"] },
        ],
      },
    );
  });

  it("puts container and volume into lists that need not be there", () => {
    const [mutation] = listAt(injectionPolicySpec(pods, agent, admission), "mutations");
    assert.deepEqual(mutation, {
      patchType: "JSONPatch",
      jsonPatch: {
        expression: [
          '(has(object.spec.initContainers) ? [] : [JSONPatch{op: "add", path: "/spec/initContainers", value: []}]) +',
          '[JSONPatch{op: "add", path: "/spec/initContainers/0", value: Object.spec.initContainers{',
          '  name: "sigsci-agent",',
          '  image: "agent:1"',
          "}}] +",
          '(has(object.spec.volumes) ? [] : [JSONPatch{op: "add", path: "/spec/volumes", value: []}]) +',
          '[JSONPatch{op: "add", path: "/spec/volumes/-", value: Object.spec.volumes{',
          '  name: "sigsci-tmp",',
          "  emptyDir: Object.spec.volumes.emptyDir{",
          '    sizeLimit: "256Mi"',
          "  }",
          "}}]",
        ].join("\n"),
      },
    });
  });

  it("leaves alone what is excluded, has an agent, is for Windows, or does not fit", () => {
    const excludedPods = [{ matchLabels: { waf: 'o"ff', tier: "x" } }];
    const spec = injectionPolicySpec(pods, agent, { ...admission, excludedPods });
    const conditions = listAt(spec, "matchConditions");
    assert.deepEqual(
      conditions.map((one) => at(one, "name")),
      [
        "linux",
        "no-waypoint",
        "not-excluded",
        "without-agent",
        "own-network",
        "free-name",
        "free-port",
        "free-port-name",
        "free-volume-name",
      ],
    );
    assert.equal(
      textAt(conditions[2], "expression"),
      '!(has(object.metadata.labels) && "waf" in object.metadata.labels && object.metadata.labels["waf"] == "o\\"ff" && ' +
        'has(object.metadata.labels) && "tier" in object.metadata.labels && object.metadata.labels["tier"] == "x")',
    );
    assert.match(textAt(conditions[6], "expression") ?? "", /p\.containerPort == 9555 /);
  });

  it("has no more conditions than an API server takes, however many pods are excluded", () => {
    const excludedPods = Array.from({ length: 100 }, (_, index) => ({ matchLabels: { app: `a${index}` } }));
    const conditions = listAt(
      injectionPolicySpec(pods, agent, { ...admission, excludedPods }),
      "matchConditions",
    );
    assert.ok(conditions.length <= 64, String(conditions.length));
    const expression = textAt(conditions[2], "expression") ?? "";
    assert.equal(expression.split(" && !(").length, 100);
    assert.match(expression, /== "a99"\)$/);
  });

  it("refuses a pod for which it cannot be evaluated, unless it is told to ignore that", () => {
    const policyOf = (failurePolicy?: AdmissionFailurePolicy): unknown =>
      at(
        injectionPolicySpec(pods, agent, { ...admission, ...(failurePolicy && { failurePolicy }) }),
        "failurePolicy",
      );
    assert.equal(policyOf(), "Fail");
    assert.equal(policyOf(AdmissionFailurePolicy.Ignore), "Ignore");
  });
});

describe("the policy that guards the pods", () => {
  it("says of each reason that keeps the agent out what to do", () => {
    const found = messages(guardPolicySpec(pods, admission, guarded));
    assert.equal(found.length, 5);
    assert.equal(
      found[0],
      "target web of component waf of dev: the agent does not fit into this pod, as it uses hostNetwork: the agent's " +
        "port would be a port of the node, and Istio puts no proxy into such a pod. Change the pod, or leave its labels " +
        "out by sidecar.excludedPods.",
    );
    // The API server takes no line breaks there.
    assert.ok(found.every((message) => !message.includes("\n")));
  });

  it("asks for the agent only where that is wanted, and says how it gets there", () => {
    const required = { ...admission, requireAgent: true };
    assert.match(messages(guardPolicySpec(pods, required, guarded))[5] ?? "", /MutatingAdmissionPolicy/);
    const [only, ...more] = messages(guardPolicySpec(pods, required, { ...guarded, isAdded: false }));
    assert.deepEqual(more, []);
    assert.match(only ?? "", /^target web of component waf of dev: this pod has no container sigsci-agent,/);
    assert.match(only ?? "", /withSigsciAgent/);
  });

  it("warns where pods without the agent are taken, and denies else", () => {
    const { Fail, Ignore } = AdmissionFailurePolicy;
    assert.deepEqual(guardActions({ requireAgent: false, failurePolicy: Fail }), ["Deny"]);
    assert.deepEqual(guardActions({ requireAgent: false, failurePolicy: Ignore }), ["Warn"]);
    assert.deepEqual(guardActions({ requireAgent: true, failurePolicy: Ignore }), ["Deny"]);
  });
});
