import assert from "node:assert/strict";
import { PreflightCheck } from "../../../src/args/preflight";
import { Placement } from "../../../src/args/integration";
import { existingSecret as secretCheck, expectedSecrets } from "../../../src/preflight/checks/existingSecret";
import { findings, namespace, object, storefront, subject } from "../objects";

const namespaces = [namespace("shop"), namespace("sigsci")];

describe("preflight: the Secret that exists", () => {
  const existingSecret = "sigsci-keys";

  it("stops when it is missing", () => {
    assert.deepEqual(findings([secretCheck], { secrets: [], namespaces }, subject({ existingSecret })), [
      {
        check: PreflightCheck.ExistingSecret,
        severity: "error",
        where: "credentials.existingSecret",
        message:
          "there is no Secret sigsci/sigsci-keys: the agent's pods could not start, and the update would wait for them in vain.",
        remedy:
          "Create it first, or check its name and namespace. If this program creates it, give the name as the output of " +
          "that resource.",
      },
    ]);
    const [later] = findings([secretCheck], { secrets: [], namespaces: [] }, subject({ existingSecret }));
    assert.equal(later?.severity, "warning");
  });

  it("must be in each namespace of a target with Sidecar placement", () => {
    const targets = [
      storefront,
      { ...storefront, name: "teller", namespace: "bank" },
      { ...storefront, name: "x" },
    ];
    const sidecar = subject({ existingSecret, placement: Placement.Sidecar, targets });
    assert.deepEqual(expectedSecrets(sidecar), ["shop/sigsci-keys", "bank/sigsci-keys"]);
    const secrets = [object("shop/sigsci-keys")];
    assert.match(
      findings([secretCheck], { secrets }, sidecar)[0]?.message ?? "",
      /^there is no Secret bank\/sigsci-keys:/,
    );
  });

  it("says nothing when it is there, was not looked for, or is ours", () => {
    const secrets = [object("sigsci/sigsci-keys")];
    assert.deepEqual(findings([secretCheck], { secrets }, subject({ existingSecret })), []);
    assert.deepEqual(findings([secretCheck], {}, subject({ existingSecret })), []);
    assert.deepEqual(findings([secretCheck], { secrets: [] }, subject()), []);
  });
});
