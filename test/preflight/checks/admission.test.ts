import assert from "node:assert/strict";
import { PreflightCheck } from "../../../src/args/preflight";
import { RequestFailure } from "../../../src/kubernetes/requestFailure";
import { readAdmissionApi } from "../../../src/preflight/admissionApi";
import { admission } from "../../../src/preflight/checks/admission";
import { findings, subject } from "../objects";

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
