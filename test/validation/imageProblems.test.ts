import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { imageProblems, startupProbeVersionProblems } from "../../src/validation/imageProblems";
import type { ArgumentProblem } from "../../src/validation/problem";
import { imageShape } from "../../src/validation/shapes/image";
import type { AgentImageArgs } from "../../src/args/image";

const problemsOf = (image: AgentImageArgs): ArgumentProblem[] => [
  ...imageShape(image, "agent.image"),
  ...imageProblems(image, "agent.image"),
];

const digest = `sha256:${"0a".repeat(32)}`;

function only(image: AgentImageArgs): { path: string; reason: string; remedy: string } {
  const problems = problemsOf(image);
  assert.equal(problems.length, 1, JSON.stringify(problems));
  const [problem] = problems;
  assert.ok(problem);
  return problem;
}

describe("agent image problems", () => {
  it("accepts every mode", () => {
    const fine: AgentImageArgs[] = [
      {},
      { version: "4.84.0" },
      { version: "4.100.10" },
      { version: "latest", local: true },
      { tag: "testing" },
      { tag: "4.84.0-arm64_1" },
      { digest },
      { version: "4.84.0", digest },
      { repository: "signalsciences/sigsci-agent" },
      { repository: "sigsci-agent" },
      { repository: "localhost:5000/a/b__c/d--e.f_g" },
      { repository: "registry.example.com:443/waf/agent" },
      { repository: "[::1]:5000/waf/agent" },
    ];
    for (const image of fine) {
      assert.deepEqual(problemsOf(image), [], JSON.stringify(image));
    }
  });

  it("refuses a version and a tag at once", () => {
    const problem = only({ version: "4.84.0", tag: "testing" });
    assert.equal(problem.path, "agent.image.tag");
    assert.match(problem.reason, /agent\.image\.version is given too/);
  });

  it("refuses a version and a tag at once even when both are known only later", () => {
    const problem = only({ version: pulumi.output("4.84.0"), tag: pulumi.output("testing") });
    assert.equal(problem.path, "agent.image.tag");
  });

  it("names the version that was meant", () => {
    const meant: [string, string][] = [
      ["v4.84.0", 'Write "4.84.0".'],
      [" 4.84.0", 'Write "4.84.0".'],
      ["4.84", 'Write "4.84.0".'],
      ["v4.84", 'Write "4.84.0".'],
      ["4", 'Write "4.0.0".'],
    ];
    for (const [version, remedy] of meant) {
      const problem = only({ version });
      assert.equal(problem.path, "agent.image.version");
      assert.equal(problem.remedy, remedy, version);
    }
  });

  it("sends anything else to the tag", () => {
    for (const version of ["", "newest", "4.84.0-arm64", "04.1.2", "LATEST", "4.84.0.1"]) {
      const problem = only({ version });
      assert.equal(problem.path, "agent.image.version");
      assert.match(problem.remedy, /or use tag for a tag of your own/, version);
    }
  });

  it("refuses a repository with something else in it", () => {
    const reasons: [string, RegExp][] = [
      ["", /empty/],
      ["signalsciences/sigsci-agent:4.84.0", /contains a tag/],
      ["localhost:5000/sigsci-agent:latest", /contains a tag/],
      [`sigsci-agent@${digest}`, /contains a digest/],
      ["https://images.example/signalsciences/sigsci-agent", /no scheme/],
      ["SignalSciences/agent/", /no image repository/],
      ["images.example/SignalSciences/agent", /no image repository/],
      ["a//b", /no image repository/],
      ["a b", /no image repository/],
      ["-a.example/b", /no image repository/],
    ];
    for (const [repository, reason] of reasons) {
      const problem = only({ repository });
      assert.equal(problem.path, "agent.image.repository");
      assert.match(problem.reason, reason, repository);
    }
  });

  it("refuses tags and digests that no registry takes", () => {
    for (const tag of ["", "-a", ".a", "a b", "a:b", "x".repeat(129)]) {
      assert.equal(only({ tag }).path, "agent.image.tag", tag);
    }
    for (const bad of ["", "0a".repeat(32), digest.toUpperCase(), `${digest}0`, "sha512:00"]) {
      assert.equal(only({ digest: bad }).path, "agent.image.digest", bad);
    }
  });

  it("skips what is known only later", () => {
    const later = pulumi.output("not: a / valid @ value");
    assert.deepEqual(problemsOf({ repository: later, version: later, digest: later }), []);
  });

  it("refuses a startup probe before 4.51.0", () => {
    const problems = startupProbeVersionProblems({ version: "4.50.9" }, "agent.startupProbe");
    assert.deepEqual(problems, [
      {
        path: "agent.startupProbe.enabled",
        reason: "agent 4.50.9 cannot answer a startup probe; the first version that can is 4.51.0",
        remedy: "Use version 4.51.0 or later, or set agent.startupProbe.enabled to false.",
      },
    ]);
    for (const version of ["4.51.0", "4.84.0", "5.0.0", "latest"]) {
      assert.deepEqual(startupProbeVersionProblems({ version }, "agent.startupProbe"), [], version);
    }
    assert.equal(startupProbeVersionProblems({ tag: "4.9.0" }, "agent.startupProbe").length, 1);
  });
});
