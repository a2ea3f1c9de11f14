import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { AgentArgs } from "../../src/args/agent";
import { environmentProblems } from "../../src/validation/environmentProblems";
import { agentShape } from "../../src/validation/shapes/agent";
import type { ArgumentProblem } from "../../src/validation/problem";

const problemsOf = (args: AgentArgs): ArgumentProblem[] => [
  ...agentShape(args, "agent"),
  ...environmentProblems(args, "agent"),
];

function only(args: AgentArgs): ArgumentProblem {
  const problems = problemsOf(args);
  assert.equal(problems.length, 1, JSON.stringify(problems));
  const [problem] = problems;
  assert.ok(problem);
  return problem;
}

describe("problems of options and variables", () => {
  it("names both places of an option that is set twice", () => {
    const twice: [AgentArgs, string, string][] = [
      [
        { options: { maxProcs: "2" }, extraOptions: { "max-procs": "2" } },
        "agent.options.maxProcs",
        'agent.extraOptions["max-procs"]',
      ],
      [
        { options: { logOut: "/dev/stdout" }, env: [{ name: "SIGSCI_LOG_OUT", value: "x" }] },
        "agent.options.logOut",
        "agent.env[0]",
      ],
      [
        { extraOptions: { "new-option": "1" }, env: [{ name: "SIGSCI_NEW_OPTION", value: "1" }] },
        'agent.extraOptions["new-option"]',
        "agent.env[0]",
      ],
      [{ env: [{ name: "A" }, { name: "B" }, { name: "A" }] }, "agent.env[0]", "agent.env[2]"],
      [
        { extraOptions: { "envoy-grpc-address": ":1" } },
        "agent.port",
        'agent.extraOptions["envoy-grpc-address"]',
      ],
      [
        { env: [{ name: "SIGSCI_ENVOY_EXPECT_RESPONSE_DATA", value: "1" }] },
        "agent.expectResponseData",
        "agent.env[0]",
      ],
      [
        { extraOptions: { "startup-probe-listener": ":1" } },
        "agent.startupProbe",
        'agent.extraOptions["startup-probe-listener"]',
      ],
      [
        {
          options: { anonymousIpSecretKey: "pepper" },
          env: [{ name: "SIGSCI_ANONYMOUS_IP_SECRET_KEY", valueFrom: {} }],
        },
        "agent.options.anonymousIpSecretKey",
        "agent.env[0]",
      ],
    ];
    for (const [args, first, second] of twice) {
      const problem = only(args);
      assert.equal(problem.path, second);
      assert.ok(problem.reason.endsWith(` is already set by ${first}`), problem.reason);
      assert.match(problem.remedy, /not both/);
      assert.equal(problem.value, undefined);
    }
  });

  it("leaves an option free that the component does not set", () => {
    const args: AgentArgs = {
      expectResponseData: false,
      startupProbe: { enabled: false },
      extraOptions: { "startup-probe-listener": ":2024" },
      env: [{ name: "SIGSCI_ENVOY_EXPECT_RESPONSE_DATA", value: "0" }],
    };
    assert.deepEqual(problemsOf(args), []);
  });

  it("refuses every secret in plain text and shows none", () => {
    const given: [AgentArgs, string, RegExp][] = [
      [{ extraOptions: { accesskeyid: "hidden" } }, 'agent.extraOptions["accesskeyid"]', /as credentials/],
      [
        { extraOptions: { secretaccesskey: "hidden" } },
        'agent.extraOptions["secretaccesskey"]',
        /as credentials/,
      ],
      [
        { extraOptions: { "anonymous-ip-secret-key": "hidden" } },
        'agent.extraOptions["anonymous-ip-secret-key"]',
        /anonymousIpSecretKey/,
      ],
      [{ env: [{ name: "SIGSCI_ACCESSKEYID", value: "hidden" }] }, "agent.env[0]", /existingSecret/],
      [{ env: [{ name: "SIGSCI_SECRETACCESSKEY", valueFrom: {} }] }, "agent.env[0]", /existingSecret/],
      [
        { env: [{ name: "SIGSCI_ANONYMOUS_IP_SECRET_KEY", value: "hidden" }] },
        "agent.env[0].value",
        /secretKeyRef/,
      ],
      [
        { env: [{ name: "SIGSCI_ANONYMOUS_IP_SECRET_KEY", value: pulumi.secret("hidden") }] },
        "agent.env[0].value",
        /secretKeyRef/,
      ],
      [{ options: { anonymousIpSecretKey: "hidden " } }, "agent.options.anonymousIpSecretKey", /Remove/],
    ];
    for (const [args, path, remedy] of given) {
      const problem = only(args);
      assert.equal(problem.path, path);
      assert.match(problem.remedy, remedy);
      assert.ok(!JSON.stringify(problem).includes("hidden"));
    }
    assert.match(only({ options: { anonymousIpSecretKey: "" } }).reason, /empty/);
  });

  it("takes the salt from a Secret of somebody else", () => {
    const secretKeyRef = { name: "mine", key: "salt" };
    const args = { env: [{ name: "SIGSCI_ANONYMOUS_IP_SECRET_KEY", valueFrom: { secretKeyRef } }] };
    assert.deepEqual(problemsOf(args), []);
  });

  it("names the option that an invalid name means", () => {
    const meant: [string, string][] = [
      ["SIGSCI_MAX_PROCS", "max-procs"],
      ["max_procs", "max-procs"],
      ["Max-Procs", "max-procs"],
      ["sigsci-max-procs", "max-procs"],
      [" max procs ", "max-procs"],
      ["--max-procs", "max-procs"],
    ];
    for (const [name, option] of meant) {
      const problem = only({ extraOptions: { [name]: "2" } });
      assert.equal(problem.path, `agent.extraOptions[${JSON.stringify(name)}]`);
      assert.equal(problem.remedy, `Write "${option}".`, name);
    }
    assert.match(only({ extraOptions: { "": "2" } }).remedy, /documented name/);
    assert.match(only({ extraOptions: { "9": "2" } }).remedy, /documented name/);
  });

  it("refuses durations that the agent would read otherwise", () => {
    for (const value of ["200", "0.2", "-1s", "abc", "0s", "10 s"]) {
      const places: [AgentArgs, string][] = [
        [{ options: { contextExpiration: value } }, "agent.options.contextExpiration"],
        [{ extraOptions: { "cleaner-interval": value } }, 'agent.extraOptions["cleaner-interval"]'],
        [{ env: [{ name: "SIGSCI_UPLOAD_INTERVAL", value }] }, "agent.env[0].value"],
      ];
      for (const [args, path] of places) {
        const problem = only(args);
        assert.equal(problem.path, path);
        assert.equal(problem.value, value);
        assert.match(problem.remedy, /a bare number means milliseconds/);
      }
    }
    assert.deepEqual(problemsOf({ options: { contextExpiration: "1m30s", uploadInterval: "500ms" } }), []);
  });

  it("refuses values of the wrong kind", () => {
    const given: [AgentArgs, string][] = [
      [{ options: { maxProcs: "0" } }, "agent.options.maxProcs"],
      [{ options: { maxProcs: "1.5" } }, "agent.options.maxProcs"],
      [{ extraOptions: { "max-procs": "all" } }, 'agent.extraOptions["max-procs"]'],
      [{ options: { inspectionMaxContentLength: -1 } }, "agent.options.inspectionMaxContentLength"],
      [{ options: { inspectionMaxContentLength: 1.5 } }, "agent.options.inspectionMaxContentLength"],
      [{ extraOptions: { "waf-data-log-all": "yes" } }, 'agent.extraOptions["waf-data-log-all"]'],
      [{ options: { clientIpHeader: "" } }, "agent.options.clientIpHeader"],
      [{ extraOptions: { "new-option": "" } }, 'agent.extraOptions["new-option"]'],
    ];
    for (const [args, path] of given) {
      assert.equal(only(args).path, path, JSON.stringify(args));
    }
    const fine = { maxProcs: "50%", inspectionMaxContentLength: 0, wafDataLogAll: false };
    assert.deepEqual(problemsOf({ options: fine }), []);
  });

  it("refuses raw variables that Kubernetes refuses", () => {
    assert.equal(only({ env: [{ name: "" }] }).path, "agent.env[0].name");
    // A JavaScript program may leave the name out, which the types do not allow.
    const nameless = { env: [{ value: "x" }] } as unknown as AgentArgs;
    assert.equal(only(nameless).path, "agent.env[0].name");
    for (const name of ["1A", "A B", "A=B", "Ä"]) {
      assert.equal(only({ env: [{ name: "OK" }, { name }] }).path, "agent.env[1].name", name);
    }
    const both = only({ env: [{ name: "A", value: "hidden", valueFrom: {} }] });
    assert.match(both.reason, /both value and valueFrom/);
    assert.ok(!JSON.stringify(both).includes("hidden"));
  });

  it("refuses a name of a raw variable that is no text, also beside another wrong type, and shows nothing of it", () => {
    for (const [name, reason] of [
      [["hidden"], "it must be a string, not a list"],
      [{ of: "hidden" }, "it must be a string, not an object"],
      [true, "it must be a string"],
      [4711, "it must be a string"],
    ]) {
      const args = { port: "9999", env: [{ name }] } as unknown as AgentArgs;
      const shown = agentShape(args, "agent").map((problem) => [problem.path, problem.value, problem.reason]);
      assert.deepEqual(shown, [
        ["agent.port", "9999", "it must be a number, without quotes"],
        ["agent.env[0].name", undefined, reason],
      ]);
    }
  });

  it("skips what is known only later", () => {
    const args: AgentArgs = {
      options: { contextExpiration: pulumi.output("200"), maxProcs: pulumi.output("zero") },
      extraOptions: { "cleaner-interval": pulumi.output("200") },
      env: [pulumi.output({ name: "" }), { name: pulumi.output("") }],
    };
    assert.deepEqual(problemsOf(args), []);
  });
});
