import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { AgentArgs } from "../../src/args/agent";
import { sidecarAgentProblems } from "../../src/validation/sidecarProblems";
import { SidecarForm } from "../../src/args/sidecar";
import type { SidecarAgentArgs } from "../../src/args/sidecar";
import { describeProblem } from "../../src/validation/problem";

const secret = { name: "sigsci.shop" };

const shown = (args: Partial<SidecarAgentArgs>): string[] =>
  sidecarAgentProblems({ secret, ...args }, "agent").map((problem) => describeProblem(problem));
const paths = (agent: AgentArgs, form?: SidecarForm): string[] =>
  sidecarAgentProblems({ secret, agent, form }, "agent").map(({ path }) => path);

describe("arguments of the agent in an application's pod", () => {
  it("are fine by default, and with everything that applies", () => {
    assert.deepEqual(shown({}), []);
    const agent: AgentArgs = {
      image: { version: "4.83.0" },
      port: 9000,
      expectResponseData: false,
      options: { clientIpHeader: "X-Real-IP" },
      extraOptions: { "max-records": "7" },
      env: [{ name: "HTTPS_PROXY", value: "http://proxy:3128" }],
      resources: { limits: { cpu: "500m" } },
      temporaryVolume: { mountPath: "/work" },
      startupProbe: { periodSeconds: 1, failureThreshold: 10 },
    };
    assert.deepEqual(shown({ agent }), []);
    const shutdown = { preStopSleepSeconds: 5 };
    assert.deepEqual(shown({ agent: { ...agent, shutdown }, form: SidecarForm.Container }), []);
    assert.deepEqual(shown({ secret: { name: pulumi.output("sigsci.shop") } }), []);
  });

  it("refuse everything about pods of the agent's own", () => {
    const agent: Required<
      Omit<
        AgentArgs,
        | "image"
        | "port"
        | "expectResponseData"
        | "options"
        | "extraOptions"
        | "env"
        | "resources"
        | "temporaryVolume"
      >
    > = {
      name: "waf",
      replicas: 1,
      autoscaling: { maxReplicas: 3 },
      networkPolicy: {},
      serviceAccountName: "waf",
      imagePullSecrets: ["pull"],
      priorityClassName: pulumi.output("high"),
      nodeSelector: {},
      tolerations: [],
      affinity: {},
      podSecurityContext: {},
      podLabels: {},
      podAnnotations: {},
      startupProbe: { port: 2024 },
      shutdown: { terminationGracePeriodSeconds: 60 },
    };
    const expected = [
      ...Object.keys(agent).filter((field) => field !== "startupProbe" && field !== "shutdown"),
      "startupProbe.port",
      "shutdown.terminationGracePeriodSeconds",
    ].map((field) => `agent.agent.${field}`);
    assert.deepEqual(paths(agent), expected);
    assert.deepEqual(shown({ agent: { replicas: 2 } }), [
      "agent.agent.replicas = 2: it has no effect in an application's pod: there is one agent in each pod of the " +
        "application, so the application's replicas decide\n    Leave it out.",
    ]);
  });

  it("refuse a sleep of a native sidecar only", () => {
    const agent = { shutdown: { preStopSleepSeconds: 5 } };
    assert.deepEqual(paths(agent), ["agent.agent.shutdown.preStopSleepSeconds"]);
    assert.deepEqual(paths(agent, SidecarForm.NativeSidecar), ["agent.agent.shutdown.preStopSleepSeconds"]);
    assert.deepEqual(paths(agent, SidecarForm.Container), []);
    assert.deepEqual(paths({ shutdown: { preStopSleepSeconds: -1 } }, SidecarForm.Container), [
      "agent.agent.shutdown.preStopSleepSeconds",
    ]);
  });

  it("refuse ports that Istio's proxy has, and ports that need a capability", () => {
    for (const port of [15_000, 15_020, 15_099, 15_443, 1023, 0, 1.5, 65_536]) {
      assert.deepEqual(paths({ port }), ["agent.agent.port"], String(port));
    }
    for (const port of [14_999, 15_100, 15_442, 15_444, 1024, 2024, 65_535]) {
      assert.deepEqual(paths({ port }), [], String(port));
    }
  });

  it("refuse a second place that names the startup file", () => {
    const name = "SIGSCI_STARTUP_PROBE_FILEPATH";
    const twice: AgentArgs = {
      extraOptions: { "startup-probe-filepath": "/sigsci/tmp/x" },
      env: [{ name: "A", value: "b" }, { name: pulumi.output("B") }],
    };
    assert.deepEqual(paths(twice), ['agent.agent.extraOptions["startup-probe-filepath"]']);
    assert.deepEqual(paths({ env: [{ name, value: "/sigsci/tmp/x" }] }), ["agent.agent.env[0]"]);
    assert.deepEqual(paths({ ...twice, startupProbe: { enabled: false } }), []);
  });

  it("are checked like everywhere else", () => {
    const agent: AgentArgs = {
      image: { version: "4.50.0" },
      options: { contextExpiration: "soon" },
      resources: { limits: { memory: "lots" } },
      temporaryVolume: { mountPath: "tmp" },
    };
    assert.deepEqual(paths(agent), [
      "agent.agent.options.contextExpiration",
      "agent.agent.resources.limits.memory",
      "agent.agent.temporaryVolume.mountPath",
      "agent.agent.startupProbe.enabled",
    ]);
  });

  it("need a Secret, in the pod's namespace", () => {
    assert.deepEqual(shown({ secret: { name: "Keys" } }), [
      "agent.secret.name = 'Keys': only lower-case letters, digits, hyphens and dots are allowed, with a letter or a " +
        "digit at both ends and on both sides of a dot\n    Give the name of a Secret in the pod's namespace.",
    ]);
    const right = 'secret: { name: "sigsci-keys" }';
    const wrong: [unknown, string][] = [
      [undefined, `agent: it must be an object\n    Write agent: { ${right} }.`],
      [{}, `agent.secret: it is missing, and has no default\n    Write ${right}.`],
      [
        { secret: "KEY-0815" },
        `agent.secret: it must be an object, not a string of 8 characters\n    Write ${right}.`,
      ],
    ];
    for (const [given, message] of wrong) {
      assert.deepEqual(sidecarAgentProblems(given, "agent").map(describeProblem), [message]);
    }
  });

  it("say of what belongs to the pod that it has no effect, wherever it is given", () => {
    const reason =
      "it has no effect in an application's pod: there is one agent in each pod of the application, so the " +
      "application's replicas decide";
    const given = { secret: { name: "keys" }, replicas: 2 };
    assert.deepEqual(sidecarAgentProblems(given, "agent").map(describeProblem), [
      `agent.replicas: ${reason}\n    Remove it.`,
    ]);
    assert.deepEqual(shown({ agent: { replicas: 2 } }), [
      `agent.agent.replicas = 2: ${reason}\n    Leave it out.`,
    ]);
  });

  it("never show the salt for anonymous addresses", () => {
    const problems = shown({ agent: { options: { anonymousIpSecretKey: "salt-value" } } });
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", /^agent\.agent\.options\.anonymousIpSecretKey: the Secret is not ours/);
    assert.doesNotMatch(problems[0] ?? "", /salt-value/);
  });

  it("are all refused at once, beside a wrong type too", () => {
    const given = { secret: { name: "Bad_Name" }, agent: { replicas: "2", name: "waf" } };
    assert.deepEqual(
      sidecarAgentProblems(given, "agent").map(({ path }) => path),
      ["agent.secret.name", "agent.agent.replicas", "agent.agent.name", "agent.agent.replicas"],
    );
  });

  it("know two forms", () => {
    const problems = sidecarAgentProblems({ secret: { name: "keys" }, form: "container" }, "agent");
    assert.deepEqual(problems.map(describeProblem), [
      'agent.form = \'container\': it must be one of "NativeSidecar", "Container"\n' +
        "    Write form: SidecarForm.Container.",
    ]);
  });
});
