import assert from "node:assert/strict";
import fc from "fast-check";
import { RequestFailure } from "../../src/kubernetes/requestFailure";
import type { AccessQuestion } from "../../src/kubernetes/rbacRules";
import { reviewRights } from "../../src/preflight/reviewRights";
import { storefront } from "./objects";
import { both, cluster, inNamespaces, line, rights } from "./accessReviews";

describe("preflight: how rights are asked for", () => {
  it("costs an administrator one question, and nobody any when there is nothing to ask", async () => {
    const all = cluster(() => true);
    assert.deepEqual(await reviewRights(all, rights()), { missing: [], unknown: undefined });
    assert.deepEqual(all.asked, ["* */* /*"]);
    const none = cluster(() => true);
    await reviewRights(none, []);
    assert.deepEqual(none.asked, []);
  });

  it("takes some fifteen questions with the documented Roles", async () => {
    const roles = cluster(inNamespaces("istio-system", "sigsci", "shop"));
    const review = await reviewRights(roles, rights({ createNamespace: false }));
    assert.deepEqual(review, { missing: [], unknown: undefined });
    assert.equal(roles.asked.length, 14);
    assert.deepEqual(roles.asked.slice(1), rights({ createNamespace: false }).map(line));
  });

  it("asks once for many targets where one rule covers them", async () => {
    const many = Array.from({ length: 40 }, (_, index) => ({ ...storefront, name: `t${index}` }));
    const inOne = cluster(inNamespaces("istio-system", "sigsci", "shop"));
    assert.deepEqual((await reviewRights(inOne, rights({ createNamespace: false }, many))).missing, []);
    assert.equal(inOne.asked.length, 14);
    const scattered = many.map((target) => ({ ...target, namespace: target.name }));
    const everywhere = cluster(({ verb }) => verb !== "*");
    assert.deepEqual((await reviewRights(everywhere, rights({}, scattered))).missing, []);
    assert.equal(everywhere.asked.length, 16);
  });

  it("finds the namespace, and the name, where the right ends", async () => {
    const targets = ["shop", "bank"].flatMap((namespace) =>
      ["a", "b"].map((name) => ({ ...storefront, namespace, name: `${namespace}-${name}` })),
    );
    const some = cluster(
      ({ verb, resource, namespace, name }) =>
        verb !== "*" &&
        (resource !== "telemetries" || namespace === "shop" || (verb === "patch" && name === "waf-bank-a")),
    );
    const { missing } = await reviewRights(some, rights({}, targets));
    assert.deepEqual(missing.map(line), [
      "create telemetry.istio.io/telemetries bank/*",
      "patch telemetry.istio.io/telemetries bank/waf-bank-b",
    ]);
  });

  it("asks for the namespace where the API server looks for the right to it", async () => {
    const some = cluster(({ verb }) => verb === "create");
    await reviewRights(some, rights());
    assert.ok(some.asked.includes("create /namespaces /*"));
    assert.ok(some.asked.includes("patch /namespaces sigsci/sigsci"));
  });

  it("finds exactly what is not allowed, whatever is", async () => {
    const targets = ["shop", "bank"].flatMap((namespace) =>
      ["a", "b"].map((name) => ({ ...storefront, namespace, name: `${namespace}-${name}` })),
    );
    const all = rights({}, targets);
    await fc.assert(
      fc.asyncProperty(fc.subarray(all), async (denied) => {
        const lines = new Set(denied.map(line));
        // A wide question is allowed where nothing in it is denied.
        const allows = ({ verb, group, resource, namespace, name }: AccessQuestion): boolean =>
          !denied.some(
            (right) =>
              [right.verb, "*"].includes(verb) &&
              [right.group, "*"].includes(group) &&
              [right.resource, "*"].includes(resource) &&
              (resource === "namespaces" ||
                ((namespace === undefined || right.namespace === namespace) &&
                  (name === undefined || right.name === name))),
          );
        const { missing, unknown } = await reviewRights(cluster(allows), all);
        assert.deepEqual(new Set(missing.map(line)), lines);
        assert.equal(missing.length, denied.length);
        assert.equal(unknown, undefined);
      }),
    );
  });

  it("keeps apart what was not answered, and does not hide a defect", async () => {
    const failure = new RequestFailure("timeout", "c did not answer within 10 s");
    const silent = cluster(() => failure);
    assert.deepEqual(await reviewRights(silent, rights()), {
      missing: [],
      unknown: { rights: rights(), failure },
    });
    assert.equal(silent.asked.length, 1);
    const partly = cluster(({ resource }) => (resource === "secrets" ? failure : resource === "services"));
    const { missing, unknown } = await reviewRights(partly, rights());
    assert.deepEqual(unknown?.rights.map(line), both("/secrets", "sigsci"));
    assert.ok(missing.length > 0 && missing.every(({ resource }) => !/^(secrets|services)$/.test(resource)));
    const broken = { may: () => Promise.reject(new TypeError("x")) };
    await assert.rejects(reviewRights(broken, rights()), TypeError);
  });
});
