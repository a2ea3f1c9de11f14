import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { agentProblems } from "../../src/validation/agentProblems";
import { agentShape } from "../../src/validation/shapes/agent";
import { agentWarnings } from "../../src/validation/agentWarnings";
import type { AgentArgs } from "../../src/args/agent";
import type { ArgumentProblem } from "../../src/validation/problem";

const problemsOf = (args?: AgentArgs): ArgumentProblem[] => [
  ...agentShape(args ?? {}, "agent"),
  ...agentProblems("waf", args, "agent"),
];
const today = new Date("2026-11-24T12:00:00Z");

function only(args: AgentArgs): ArgumentProblem {
  const problems = problemsOf(args);
  assert.equal(problems.length, 1, JSON.stringify(problems));
  const [problem] = problems;
  assert.ok(problem);
  return problem;
}

/** Each arguments object is refused once, at that path, with that reason. */
function refuses(cases: [AgentArgs, string, RegExp][]): void {
  for (const [args, path, reason] of cases) {
    const problem = only(args);
    assert.equal(problem.path, path, JSON.stringify(args));
    assert.match(problem.reason, reason, JSON.stringify(args));
    assert.ok(problem.remedy.length > 10);
  }
}

describe("agent problems", () => {
  it("has none for the defaults and for everything set well", () => {
    assert.deepEqual(problemsOf(), []);
    assert.deepEqual(problemsOf({}), []);
    const args: AgentArgs = {
      name: "guard",
      image: { repository: "registry.example:5000/waf/agent", version: "4.80.0" },
      port: 1024,
      replicas: 3,
      expectResponseData: false,
      options: { clientIpHeader: "X-Real-IP", contextExpiration: "30s", maxProcs: "2" },
      extraOptions: { "debug-log-verbosity": "3" },
      env: [{ name: "HTTPS_PROXY", value: "http://proxy.example:3128" }],
      resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "500m", memory: "1Gi" } },
      temporaryVolume: { mountPath: "/work/waf", sizeLimit: "1Gi" },
      startupProbe: { port: 65_535, periodSeconds: 1, failureThreshold: 1 },
      shutdown: { preStopSleepSeconds: 0, terminationGracePeriodSeconds: 1 },
      networkPolicy: { fromNamespaces: ["shop"], toCidrs: ["203.0.113.0/24", "2001:db8::/32", "::/0"] },
      serviceAccountName: "mine",
      imagePullSecrets: ["pull.example"],
      priorityClassName: "system-cluster-critical",
      nodeSelector: { "kubernetes.io/os": "linux" },
      podLabels: { team: "edge", "example.com/cost": "" },
      podAnnotations: { "example.com/note": "anything / goes = here" },
    };
    assert.deepEqual(problemsOf(args), []);
  });

  it("refuses names that a Service cannot have, the default included", () => {
    refuses([
      [{ name: "" }, "agent.name", /empty/],
      [{ name: "WAF" }, "agent.name", /lower-case/],
      [{ name: "1waf" }, "agent.name", /letter first/],
      [{ name: "a".repeat(64) }, "agent.name", /64 characters/],
    ]);
    const [problem] = agentProblems("My_WAF", {}, "agent");
    assert.equal(problem?.path, "agent.name");
    assert.equal(problem.value, "My_WAF-agent");
    assert.match(problem.reason, /^the default follows the component's name: only lower-case/);
    assert.deepEqual(agentProblems("My_WAF", { name: "waf" }, "agent"), []);
  });

  it("refuses ports that cannot be listened on", () => {
    refuses([
      [{ port: 0 }, "agent.port", /1 to 65535/],
      [{ port: 65_536 }, "agent.port", /1 to 65535/],
      [{ port: 99.5 }, "agent.port", /whole number/],
      [{ port: 443 }, "agent.port", /drops all/],
      [{ port: 1023 }, "agent.port", /drops all/],
      [{ startupProbe: { port: 80 } }, "agent.startupProbe.port", /drops all/],
      [{ startupProbe: { port: 9999 } }, "agent.startupProbe.port", /this port already \(agent\.port\)/],
      [{ port: 2024 }, "agent.startupProbe.port", /this port already/],
    ]);
    assert.deepEqual(problemsOf({ port: 2024, startupProbe: { enabled: false, port: 2024 } }), []);
  });

  it("refuses replicas that nobody would answer", () => {
    refuses([
      [{ replicas: 0 }, "agent.replicas", /nobody answers/],
      [{ replicas: -1 }, "agent.replicas", /nobody answers/],
      [{ replicas: 1.5 }, "agent.replicas", /no whole number/],
    ]);
  });

  it("refuses quantities, requests over limits and limits of zero", () => {
    refuses([
      [{ resources: { limits: { cpu: "one" } } }, "agent.resources.limits.cpu", /no Kubernetes quantity/],
      [
        { resources: { requests: { memory: "512m" } } },
        "agent.resources.requests.memory",
        /fraction of a byte/,
      ],
      [{ resources: { limits: { cpu: "-1" } } }, "agent.resources.limits.cpu", /not negative/],
      [{ resources: { limits: { cpu: "0m" } } }, "agent.resources.limits.cpu", /limit of zero/],
      [{ resources: { limits: { memory: "0" } } }, "agent.resources.limits.memory", /limit of zero/],
      [
        { resources: { requests: { cpu: "1500m" }, limits: { cpu: "1" } } },
        "agent.resources.requests.cpu",
        /more than the limit, 1/,
      ],
      [
        { resources: { requests: { memory: "1Gi" }, limits: { memory: "1G" } } },
        "agent.resources.requests.memory",
        /more than the limit, 1G/,
      ],
    ]);
  });

  it("leaves other resources alone", () => {
    const limits = { "hugepages-2Mi": "0", "example.com/device": "1" };
    assert.deepEqual(problemsOf({ resources: { requests: { cpu: "0" }, limits } }), []);
  });

  it("refuses volumes that hide or limit too much", () => {
    const at = "agent.temporaryVolume";
    refuses([
      [{ temporaryVolume: { mountPath: "tmp" } }, `${at}.mountPath`, /not absolute/],
      [{ temporaryVolume: { mountPath: "" } }, `${at}.mountPath`, /not absolute/],
      [{ temporaryVolume: { mountPath: "/" } }, `${at}.mountPath`, /would hide/],
      [{ temporaryVolume: { mountPath: "/sigsci" } }, `${at}.mountPath`, /would hide/],
      [{ temporaryVolume: { mountPath: "/work/" } }, `${at}.mountPath`, /slash at its end/],
      [{ temporaryVolume: { mountPath: "/work//a" } }, `${at}.mountPath`, /double slash/],
      [{ temporaryVolume: { mountPath: "/work/../etc" } }, `${at}.mountPath`, /a part \. or \.\./],
      [{ temporaryVolume: { mountPath: "/a:b" } }, `${at}.mountPath`, /colon/],
      [{ temporaryVolume: { sizeLimit: "big" } }, `${at}.sizeLimit`, /no Kubernetes quantity/],
      [{ temporaryVolume: { sizeLimit: "256m" } }, `${at}.sizeLimit`, /fraction of a byte/],
      [{ temporaryVolume: { sizeLimit: "0" } }, `${at}.sizeLimit`, /room to write/],
    ]);
  });

  it("refuses startup probes that cannot succeed", () => {
    const at = "agent.startupProbe";
    refuses([
      [{ startupProbe: { periodSeconds: 0 } }, `${at}.periodSeconds`, /whole number from 1/],
      [{ startupProbe: { failureThreshold: 1.5 } }, `${at}.failureThreshold`, /whole number from 1/],
      [{ image: { version: "4.50.0" } }, `${at}.enabled`, /first version that can is 4\.51\.0/],
    ]);
    const off = { enabled: false, periodSeconds: 0 };
    assert.deepEqual(problemsOf({ image: { version: "4.50.0" }, startupProbe: off }), []);
  });

  it("refuses a grace period that the sleep uses up", () => {
    const at = "agent.shutdown";
    refuses([
      [{ shutdown: { preStopSleepSeconds: -1 } }, `${at}.preStopSleepSeconds`, /whole number from 0/],
      [{ shutdown: { preStopSleepSeconds: 0.5 } }, `${at}.preStopSleepSeconds`, /whole number from 0/],
      [
        { shutdown: { terminationGracePeriodSeconds: 30 } },
        `${at}.terminationGracePeriodSeconds`,
        /no time to stop/,
      ],
      [
        { shutdown: { preStopSleepSeconds: 0, terminationGracePeriodSeconds: 0 } },
        `${at}.terminationGracePeriodSeconds`,
        /whole number from 1/,
      ],
    ]);
    assert.deepEqual(problemsOf({ shutdown: { terminationGracePeriodSeconds: 31 } }), []);
  });

  it("refuses network policies that let nothing or everything through", () => {
    const at = "agent.networkPolicy";
    refuses([
      [{ networkPolicy: { fromNamespaces: [] } }, `${at}.fromNamespaces`, /no pod could reach/],
      [{ networkPolicy: { fromNamespaces: ["shop", "Shop"] } }, `${at}.fromNamespaces[1]`, /lower-case/],
      [{ networkPolicy: { toCidrs: [] } }, `${at}.toCidrs`, /as every address/],
    ]);
    for (const cidr of [
      "",
      "10.0.0.0",
      "10.0.0.0/33",
      "::/129",
      "10.0.0/8",
      "10.0.0.0/8/8",
      "a/8",
      "10.0.0.0/08",
    ]) {
      const problem = only({ networkPolicy: { toCidrs: ["0.0.0.0/0", cidr] } });
      assert.equal(problem.path, `${at}.toCidrs[1]`, cidr);
    }
  });

  it("refuses names, labels and annotations that Kubernetes refuses", () => {
    refuses([
      [{ serviceAccountName: "My" }, "agent.serviceAccountName", /lower-case/],
      [{ priorityClassName: "" }, "agent.priorityClassName", /empty/],
      [{ imagePullSecrets: ["ok", "a b"] }, "agent.imagePullSecrets[1]", /lower-case/],
      [{ nodeSelector: { "a b": "x" } }, 'agent.nodeSelector["a b"]', /as a key/],
      [{ nodeSelector: { pool: "a b" } }, 'agent.nodeSelector["pool"]', /letter or a digit/],
      [{ podLabels: { "a/b/c": "x" } }, 'agent.podLabels["a/b/c"]', /more than one slash/],
      [{ podLabels: { team: "a/b" } }, 'agent.podLabels["team"]', /letter or a digit/],
      [{ podAnnotations: { "": "x" } }, 'agent.podAnnotations[""]', /empty/],
    ]);
  });

  it("refuses labels and annotations that the component needs", () => {
    refuses([
      [{ podLabels: { app: "x" } }, 'agent.podLabels["app"]', /sets it itself/],
      [
        { podLabels: { "app.kubernetes.io/name": "x" } },
        'agent.podLabels["app.kubernetes.io/name"]',
        /sets it itself/,
      ],
      [
        { podLabels: { "sidecar.istio.io/inject": "true" } },
        'agent.podLabels["sidecar.istio.io/inject"]',
        /sets it itself/,
      ],
      [
        { podAnnotations: { "sidecar.istio.io/inject": "true" } },
        'agent.podAnnotations["sidecar.istio.io/inject"]',
        /sets it itself/,
      ],
    ]);
  });

  it("passes on what is wrong with image and options", () => {
    refuses([
      [{ image: { version: "v4.84.0" } }, "agent.image.version", /three numbers/],
      [{ options: { contextExpiration: "10" } }, "agent.options.contextExpiration", /needs a unit/],
    ]);
  });

  it("says everything at once", () => {
    const paths = problemsOf({ name: "WAF", port: 0, replicas: 0, shutdown: { preStopSleepSeconds: -1 } });
    assert.deepEqual(
      paths.map(({ path }) => path),
      ["agent.name", "agent.port", "agent.replicas", "agent.shutdown.preStopSleepSeconds"],
    );
  });

  it("skips what is known only later, and finds it once it is known", () => {
    const wrong = {
      image: { version: "v4.84.0" },
      resources: { limits: { cpu: "one" } },
      temporaryVolume: { sizeLimit: "big" },
      serviceAccountName: "My",
      imagePullSecrets: ["a b"],
      nodeSelector: { pool: "a b" },
      networkPolicy: { fromNamespaces: ["Shop"] },
    };
    const later: AgentArgs = {
      image: { version: pulumi.output("v4.84.0") },
      resources: pulumi.output({ limits: { cpu: "one" } }),
      temporaryVolume: { sizeLimit: pulumi.output("big") },
      serviceAccountName: pulumi.output("My"),
      imagePullSecrets: [pulumi.output("a b")],
      nodeSelector: { pool: pulumi.output("a b") },
      networkPolicy: { fromNamespaces: [pulumi.output("Shop")] },
    };
    assert.deepEqual(problemsOf(later), []);
    assert.equal(problemsOf(wrong).length, 7);
    const inside = { resources: { limits: { cpu: pulumi.output("one"), memory: "0" } } };
    assert.equal(only(inside).path, "agent.resources.limits.memory");
  });

  it("accepts every grace period above every sleep, and no other", () => {
    fc.assert(
      fc.property(fc.nat(600), fc.nat(600), (preStopSleepSeconds, terminationGracePeriodSeconds) => {
        const problems = problemsOf({ shutdown: { preStopSleepSeconds, terminationGracePeriodSeconds } });
        assert.equal(problems.length === 0, terminationGracePeriodSeconds > preStopSleepSeconds);
      }),
    );
  });
});

describe("agent warnings", () => {
  it("has none for the defaults", () => {
    assert.deepEqual(agentWarnings(undefined, "agent", today), []);
    assert.deepEqual(agentWarnings({}, "agent", today), []);
  });

  it("collects image, options and user", () => {
    const warnings = agentWarnings(
      {
        image: { version: "latest" },
        extraOptions: { "max-proc": "2" },
        podSecurityContext: { runAsNonRoot: true },
      },
      "agent",
      today,
    );
    assert.equal(warnings.length, 3);
    assert.match(warnings[0] ?? "", /^agent\.image: image tag latest/);
    assert.match(warnings[1] ?? "", /^agent\.extraOptions\["max-proc"\]/);
    assert.match(
      warnings[2] ?? "",
      /^agent\.podSecurityContext: runAsNonRoot without runAsUser.* runAsUser: 100\. /,
    );
    assert.match(warnings[2] ?? "", / OpenShift adds one itself: podSecurityContext: \{\}\.$/);
    assert.deepEqual(agentWarnings({ podSecurityContext: {} }, "agent", today), []);
  });

  it("skips what is known only later", () => {
    const args: AgentArgs = {
      image: { version: pulumi.output("latest") },
      podSecurityContext: pulumi.output({ runAsNonRoot: true }),
    };
    assert.deepEqual(agentWarnings(args, "agent", today), []);
    const user = { runAsNonRoot: true, runAsUser: pulumi.output(7) };
    assert.deepEqual(agentWarnings({ podSecurityContext: user }, "agent", today), []);
  });
});
