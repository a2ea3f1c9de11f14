import assert from "node:assert/strict";
import { preflightFindings } from "../../../src/preflight/checks";
import { RequestFailure } from "../../../src/kubernetes/requestFailure";
import type { AccessQuestion } from "../../../src/kubernetes/rbacRules";
import { describeFinding } from "../../../src/preflight/finding";
import { reviewRights } from "../../../src/preflight/reviewRights";
import type { KnownTarget } from "../../../src/preflight/subject";
import { storefront, subject } from "../objects";
import { cluster, rights } from "../accessReviews";

describe("preflight: missing rights", () => {
  const findingsOf = async (
    allows: (question: AccessQuestion) => boolean | RequestFailure,
    sameUser = true,
    targets: KnownTarget[] = [storefront],
    isPreview = false,
  ) => {
    const review = await reviewRights(cluster(allows), rights({}, targets));
    return preflightFindings({ rights: { ...review, sameUser, isPreview } }, subject());
  };

  it("are nothing to speak of when none is missing", async () => {
    assert.deepEqual(await findingsOf(() => true), []);
  });

  it("stop the run with one finding and the rules to grant", async () => {
    const targets = [storefront, { ...storefront, name: "teller", namespace: "bank" }];
    const [finding, ...more] = await findingsOf(
      ({ verb, resource }) =>
        verb !== "*" &&
        !["secrets", "services", "authorizationpolicies", "namespaces"].includes(resource) &&
        !(resource === "configmaps"),
      true,
      targets,
    );
    assert.deepEqual(more, []);
    assert.equal(finding?.severity, "error");
    assert.equal(
      describeFinding(finding),
      [
        "permissions: the user of this run may not do everything that the update needs, so it would stop half way. " +
          "Not allowed are",
        "      create namespaces in the cluster",
        "      patch namespaces in the cluster",
        "      create secrets in sigsci",
        "      patch secrets in sigsci",
        "      create services in sigsci",
        "      patch services in sigsci",
        "      patch configmaps istio in istio-system",
        "      create authorizationpolicies.security.istio.io in shop, bank",
        "      patch authorizationpolicies.security.istio.io in shop, bank",
        "    Grant",
        "      in a ClusterRole:",
        "      rules:",
        '        - { apiGroups: [""], resources: ["namespaces"], verbs: ["create", "patch"] }',
        "      in a Role in sigsci:",
        "      rules:",
        '        - { apiGroups: [""], resources: ["secrets", "services"], verbs: ["create", "patch"] }',
        "      in a Role in istio-system:",
        "      rules:",
        '        - { apiGroups: [""], resources: ["configmaps"], resourceNames: ["istio"], verbs: ["patch"] }',
        "      in a Role in shop, bank:",
        "      rules:",
        '        - { apiGroups: ["security.istio.io"], resources: ["authorizationpolicies"], verbs: ["create", "patch"] }',
        "    The complete Roles are in docs/permissions.yaml. (check Permissions)",
        "    See docs/preflight.md#permissions of pulumi-sigsci-istio.",
      ].join("\n"),
    );
  });

  it("only warn in a preview, which a user who may only read can run", async () => {
    const [finding, ...more] = await findingsOf(() => false, true, [storefront], true);
    assert.deepEqual(more, []);
    assert.equal(finding?.severity, "warning");
    assert.match(finding.message, /^the user of this run may not do everything that the update needs/);
  });

  it("only warn when preflight may look as another user than Pulumi writes", async () => {
    const [finding, ...more] = await findingsOf(() => false, false);
    assert.deepEqual(more, []);
    assert.equal(finding?.severity, "warning");
    assert.match(finding.message, /^the user of preflight's kubeconfig may not do everything/);
  });

  it("only warn when they cannot be asked for", async () => {
    const failure = new RequestFailure("forbidden", "the server answers with HTTP status 403");
    const [finding, ...more] = await findingsOf(({ resource }) =>
      /^(secrets|services)$/.test(resource) ? failure : resource !== "*",
    );
    assert.deepEqual(more, []);
    assert.deepEqual(
      [finding?.severity, finding?.message],
      [
        "warning",
        "whether the user may write secrets, services could not be asked: the server answers with HTTP status 403.",
      ],
    );
  });
});
