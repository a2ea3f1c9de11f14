import assert from "node:assert/strict";
import { AdmissionFailurePolicy, Placement, SidecarForm, SidecarInjection } from "../../src";
import type { SidecarPlacementArgs, SigsciIstioIntegrationArgs } from "../../src";
import { argumentProblems, argumentWarnings } from "../../src/validation";
import { patched, web, withSidecar } from "../component/sidecarProgram";

const injection = SidecarInjection.Admission;
const given = (sidecar: SidecarPlacementArgs, args: Partial<SigsciIstioIntegrationArgs> = {}) =>
  withSidecar({ targets: [web], sidecar, ...args });
const paths = (...args: Parameters<typeof given>): string[] =>
  argumentProblems("waf", given(...args)).map(({ path }) => path);

describe("arguments of admission", () => {
  it("are fine together", () => {
    const excludedPods = [{ matchLabels: { "sidecar.istio.io/inject": "false" } }];
    const failurePolicy = AdmissionFailurePolicy.Fail;
    assert.deepEqual(
      paths({ injection, requireAgent: true, failurePolicy, excludedPods, enforceFromPercent: 90 }),
      [],
    );
    assert.deepEqual(paths({ requireAgent: true, failurePolicy, excludedPods }), []);
    assert.deepEqual(
      paths({ injection }, { targets: [web, { ...patched, name: "b", matchLabels: { app: "b" } }] }),
      [],
    );
  });

  it("go with placement Sidecar alone", () => {
    assert.deepEqual(paths({ injection }, { placement: Placement.Service }), ["sidecar"]);
  });

  it("need the native sidecar, and a pod that no workload's patch changes", () => {
    assert.deepEqual(paths({ injection, form: SidecarForm.Container }), ["sidecar.form"]);
    assert.deepEqual(paths({ injection }, { targets: [patched] }), ["sidecar.injection"]);
  });

  it("leave the namespaces of Kubernetes itself alone", () => {
    const targets = [web, { name: "dns", namespace: "kube-system" }];
    for (const sidecar of [{ injection }, { requireAgent: true }]) {
      const [problem, ...others] = argumentProblems("waf", given(sidecar, { targets }));
      assert.deepEqual(others, []);
      assert.equal(problem?.path, "targets[1].namespace");
      assert.match(problem.reason, /^Istio gives pods there no sidecar, .* pods of the cluster itself/);
    }
  });

  it("have an effect, or are refused", () => {
    const failurePolicy = AdmissionFailurePolicy.Ignore;
    const excludedPods = [{ matchLabels: { waf: "off" } }];
    assert.deepEqual(paths({ failurePolicy, excludedPods }), [
      "sidecar.failurePolicy",
      "sidecar.excludedPods",
    ]);
    assert.deepEqual(paths({ excludedPods, enforceFromPercent: 10 }), []);
  });

  it("leave pods out by a label, and count in percent", () => {
    assert.deepEqual(paths({ injection, excludedPods: [{ matchLabels: {} }] }), [
      "sidecar.excludedPods[0].matchLabels",
    ]);
    for (const enforceFromPercent of [-1, 101, 0.5]) {
      assert.deepEqual(paths({ injection, enforceFromPercent }), ["sidecar.enforceFromPercent"]);
    }
    assert.deepEqual(paths({ injection, enforceFromPercent: 100 }, { preflight: { enabled: false } }), [
      "sidecar.enforceFromPercent",
    ]);
  });

  it("warn of pods that are created without the agent", () => {
    const warnings = (failOpen: boolean): string[] =>
      argumentWarnings(
        given({ injection, failurePolicy: AdmissionFailurePolicy.Ignore }, { inspection: { failOpen } }),
        new Date("2026-11-29"),
      ).filter((line) => line.startsWith("sidecar."));
    assert.deepEqual(warnings(true), [
      "sidecar.failurePolicy: a pod that cannot get the agent is created without it, and its requests pass uninspected. " +
        "Leave it out to have such pods refused.",
    ]);
    assert.match(warnings(false)[0] ?? "", /and its requests are refused\./);
  });

  it("warn of labels that a pod gets only after admission has looked for them", () => {
    const key = "service.istio.io/canonical-name";
    const late = { ...web, matchLabels: { app: "web", [key]: "web" } };
    const warnings = (sidecar: SidecarPlacementArgs, target: object = late): string[] =>
      argumentWarnings(given(sidecar, { targets: [{ ...late, ...target }] }), new Date("2026-11-29")).filter(
        (line) => line.startsWith("targets[0]."),
      );
    assert.deepEqual(warnings({ injection }), [
      `targets[0].matchLabels["${key}"]: Istio adds this label to a pod after admission has looked for it, so a pod whose ` +
        "template does not have it gets no agent, and its requests pass uninspected. Use a label of the pod templates.",
    ]);
    assert.deepEqual(warnings({ injection }, { matchLabels: web.matchLabels }), []);
    assert.deepEqual(warnings({ requireAgent: true }), []);
    assert.deepEqual(warnings({ injection }, { workload: { name: "web" } }), []);
  });
});
