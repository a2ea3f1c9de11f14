import assert from "node:assert/strict";
import { PreflightCheck } from "../../../src/args/preflight";
import { RequestFailure } from "../../../src/kubernetes/requestFailure";
import { readAdmissionApi } from "../../../src/preflight/admissionApi";
import { admission } from "../../../src/preflight/checks/admission";
import { findings, object, storefront, subject } from "../objects";

const injects = subject({ admission: { injects: true, guards: true, excludedPods: [] } });
const guards = subject({ admission: { injects: false, guards: true, excludedPods: [] } });
const api = (...resources: string[]) => ({ version: "v1.34.2", resources: new Set(resources) });

describe("preflight: the policies of admission", () => {
  it("stop a run on an API server without them, with the ways that work there", () => {
    const found = findings([admission], { admissionApi: api("validatingadmissionpolicies") }, injects);
    assert.deepEqual(found, [
      {
        check: PreflightCheck.Admission,
        severity: "error",
        where: "sidecar.injection",
        message:
          "the API server (v1.34.2) does not serve MutatingAdmissionPolicies of admissionregistration.k8s.io/v1: that " +
          "takes Kubernetes 1.36 or later, so the update would stop there.",
        remedy:
          "What works here: name each workload in `targets[].workload`, or add the agent in the program that owns it with " +
          "`withSigsciAgent` or `sigsciAgentTransform`; and leave `sidecar.injection` out.",
      },
    ]);
    assert.match(
      findings([admission], { admissionApi: api() }, guards)[0]?.message ?? "",
      /ValidatingAdmissionPolicies .* 1\.30 or later/,
    );
  });

  it("warn of running pods that they would refuse when these are created anew", () => {
    const web = { labels: { app: "web" } };
    const hostNetwork = { hostNetwork: true, containers: [{ name: "web" }] };
    const excluded = { labels: { app: "web", waf: "off" } };
    const pods = [
      object("shop/fits", { containers: [{ name: "web" }] }, web),
      object("shop/node", hostNetwork, web),
      object("shop/port", { containers: [{ name: "web", ports: [{ containerPort: 9999 }] }] }, web),
      object("shop/excluded", hostNetwork, excluded),
      object("shop/windows", { ...hostNetwork, os: { name: "windows" } }, web),
      object("shop/has", { ...hostNetwork, containers: [{ name: "sigsci-agent" }] }, web),
    ];
    const excludedPods = [{ matchLabels: { waf: "off" } }];
    const asked = subject({ admission: { injects: true, guards: true, excludedPods } });
    assert.deepEqual(findings([admission], { pods }, asked), [
      {
        check: PreflightCheck.Admission,
        severity: "warning",
        where: "target storefront",
        message:
          "the agent does not fit into pods that run, so admission refuses them when they are created anew, or with " +
          'failurePolicy "Ignore" leaves them without it: pod node: spec.hostNetwork: the agent\'s port would be a port of ' +
          "the node, and Istio puts no proxy into such a pod that could ask it, pod port: " +
          "spec.containers[0].ports[0].containerPort: container web has the port on which the agent listens in the same pod.",
        remedy: "Change these pods, or leave their labels out by `sidecar.excludedPods`.",
      },
    ]);
    assert.deepEqual(findings([admission], { pods }, guards), []);
    const targets = [{ ...storefront, workload: { name: "web" } }];
    assert.deepEqual(findings([admission], { pods }, { ...asked, targets }), []);
  });

  it("say nothing where they are served, not asked for, or not known", () => {
    const both = api("validatingadmissionpolicies", "mutatingadmissionpolicies");
    assert.deepEqual(findings([admission], { admissionApi: both }, injects), []);
    assert.deepEqual(findings([admission], { admissionApi: api() }, subject()), []);
    assert.deepEqual(findings([admission], {}, injects), []);
  });

  it("are read with the version of the server", async () => {
    const answers: Record<string, object> = {
      "/version": { gitVersion: "v1.36.3" },
      "/apis/admissionregistration.k8s.io/v1": { resources: [{ name: "mutatingadmissionpolicies" }] },
    };
    const read = await readAdmissionApi({ get: (path) => Promise.resolve(answers[path] as never) });
    assert.deepEqual(read, { version: "v1.36.3", resources: new Set(["mutatingadmissionpolicies"]) });
    const failing = { get: () => Promise.reject(new RequestFailure("unreachable", "gone")) };
    assert.equal(await readAdmissionApi(failing), undefined);
    const broken = { get: () => Promise.reject(new TypeError("no")) };
    await assert.rejects(readAdmissionApi(broken), TypeError);
  });
});
