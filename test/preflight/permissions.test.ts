import assert from "node:assert/strict";
import fc from "fast-check";
import { Enforcement, Placement } from "../../src/args";
import type { SigsciIstioIntegrationArgs } from "../../src/args";
import { WorkloadKind } from "../../src/enforcement/targetArgs";
import { MeshConfigStrategy } from "../../src/mesh/args";
import type { MeshArgs } from "../../src/mesh/args";
import { PreflightCheck } from "../../src/preflight/args";
import { permissionFindings } from "../../src/preflight/checks/permissions";
import { ReadFailure } from "../../src/preflight/clusterReader";
import type { AccessQuestion } from "../../src/preflight/clusterReader";
import { describeFinding } from "../../src/preflight/finding";
import { reviewRights } from "../../src/preflight/reviewRights";
import { neededRights } from "../../src/preflight/rights";
import type { Right } from "../../src/preflight/rights";
import type { KnownTarget } from "../../src/preflight/subject";
import { integrationSettings } from "../../src/settings";
import { storefront } from "./objects";

const keys = { site: "shop-prod", accessKeyId: "access", secretAccessKey: "secret" };
const places = {
  agent: { namespace: "sigsci" },
  istioNamespace: "istio-system",
  meshes: [{ id: "istio-system/istio" }],
};

function rights(
  args: Partial<SigsciIstioIntegrationArgs> = {},
  targets: KnownTarget[] = [storefront],
  meshes = places.meshes,
): Right[] {
  const settings = integrationSettings("waf", { credentials: keys, targets, ...args });
  return neededRights(settings, { ...places, meshes, targets });
}

/** A right in one line. */
const line = ({ verb, group, resource, namespace = "", name = "*" }: AccessQuestion): string =>
  `${verb} ${group}/${resource} ${namespace}/${name}`;

/** Both verbs of an object of ours. */
const both = (what: string, namespace: string, name = "*"): string[] => [
  `create ${what} ${namespace}/*`,
  `patch ${what} ${namespace}/${name}`,
];

const agent = [
  ...both("/secrets", "sigsci"),
  ...both("/serviceaccounts", "sigsci", "waf-agent"),
  ...both("/services", "sigsci", "waf-agent"),
  ...both("apps/deployments", "sigsci", "waf-agent"),
];
const policies = [
  ...both("security.istio.io/authorizationpolicies", "shop", "waf-storefront"),
  ...both("telemetry.istio.io/telemetries", "shop", "waf-storefront"),
];

/** An API server that allows some questions, and has none of the rest. */
function cluster(allows: (question: AccessQuestion) => boolean | ReadFailure) {
  const asked: string[] = [];
  return {
    asked,
    may: (question: AccessQuestion) =>
      Promise.resolve().then(() => {
        asked.push(line(question));
        const answer = allows(question);
        if (answer instanceof ReadFailure) {
          throw answer;
        }
        return answer;
      }),
  };
}

/** What RBAC says, where a Role grants a resource in one namespace. */
const inNamespaces =
  (...namespaces: string[]) =>
  ({ verb, namespace }: AccessQuestion): boolean =>
    verb !== "*" && namespace !== undefined && namespaces.includes(namespace);

describe("preflight: the rights that an update needs", () => {
  it("are those of the quick start", () => {
    assert.deepEqual(rights().map(line), [
      ...both("/namespaces", "", "sigsci"),
      ...agent,
      "patch /configmaps istio-system/istio",
      ...policies,
    ]);
    assert.deepEqual(rights({ createNamespace: false }).map(line), [
      ...agent,
      "patch /configmaps istio-system/istio",
      ...policies,
    ]);
  });

  it("follow what is made of the agent", () => {
    const made = (args: Partial<SigsciIstioIntegrationArgs>): string[] =>
      rights({ createNamespace: false, ...args }).map(line);
    assert.deepEqual(
      made({ agent: { replicas: 2, networkPolicy: {} } }).filter((one) => !made({}).includes(one)),
      [
        ...both("networking.k8s.io/networkpolicies", "sigsci", "waf-agent"),
        ...both("policy/poddisruptionbudgets", "sigsci", "waf-agent"),
      ],
    );
    const less = made({
      agent: { serviceAccountName: "agents" },
      credentials: { existingSecret: { name: "k" } },
    });
    assert.deepEqual(
      made({}).filter((one) => !less.includes(one)),
      [...both("/secrets", "sigsci"), ...both("/serviceaccounts", "sigsci", "waf-agent")],
    );
    const local = made({ placement: Placement.NodeLocal, agent: { replicas: 2 } });
    assert.deepEqual(
      local.filter((one) => !made({}).includes(one)),
      both("apps/daemonsets", "sigsci", "waf-agent"),
    );
    assert.ok(local.every((one) => !/deployments|budgets/.test(one)));
  });

  it("are with Sidecar placement in the namespaces of the targets", () => {
    const targets = [
      { ...storefront, workload: { name: "web" } },
      { ...storefront, name: "db", workload: { kind: WorkloadKind.StatefulSet, name: "db" } },
    ];
    const found = rights({ placement: Placement.Sidecar, agent: { expectResponseData: false } }, targets);
    assert.deepEqual(found.map(line), [
      ...both("/secrets", "shop"),
      "patch apps/deployments shop/web",
      "patch apps/statefulsets shop/db",
      ...both("networking.istio.io/serviceentries", "istio-system", "waf-agent"),
      "patch /configmaps istio-system/istio",
      ...both("security.istio.io/authorizationpolicies", "shop", "waf-storefront"),
      "patch security.istio.io/authorizationpolicies shop/waf-db",
    ]);
  });

  it("follow how Envoy is told and how the mesh is edited", () => {
    const filters = rights(
      { enforcement: Enforcement.EnvoyFilter, createNamespace: false },
      [storefront],
      [],
    );
    assert.deepEqual(filters.map(line), [
      ...agent,
      ...both("networking.istio.io/envoyfilters", "shop", "waf-storefront"),
    ]);
    const shared = [{ id: "istio-system/sigsci-mesh" }];
    const ofMesh = (mesh: MeshArgs): string[] =>
      rights({ mesh: { sharedConfigMapName: "sigsci-mesh", ...mesh } }, [storefront], shared)
        .map(line)
        .filter((one) => one.includes("istio-system"));
    const { External, Shared } = MeshConfigStrategy;
    assert.deepEqual(ofMesh({ strategy: External }), []);
    const written = ["create /configmaps istio-system/*", "patch /configmaps istio-system/sigsci-mesh"];
    assert.deepEqual(ofMesh({ strategy: Shared }), written);
    assert.deepEqual(ofMesh({ strategy: Shared, createSharedConfigMap: false }), written.slice(1));
    assert.deepEqual(ofMesh({ strategy: Shared, patchIstiod: true, revisions: ["default", "canary"] }), [
      ...written,
      "patch /configmaps istio-system/sigsci-mesh-env",
      "patch apps/deployments istio-system/istiod",
      "patch apps/deployments istio-system/istiod-canary",
    ]);
  });
});

describe("preflight: how rights are asked for", () => {
  it("costs an administrator one question, and nobody any when there is nothing to ask or it is left out", async () => {
    const all = cluster(() => true);
    assert.deepEqual(await reviewRights(all, rights()), { missing: [], unknown: undefined });
    assert.deepEqual(all.asked, ["* */* /*"]);
    const none = cluster(() => true);
    await reviewRights(none, []);
    const { missing } = await reviewRights(none, rights(), [PreflightCheck.Permissions]);
    assert.deepEqual([missing, none.asked], [[], []]);
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
    const failure = new ReadFailure("timeout", "the time was over");
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

describe("preflight: missing rights", () => {
  const findingsOf = async (
    allows: (question: AccessQuestion) => boolean | ReadFailure,
    sameUser = true,
    targets: KnownTarget[] = [storefront],
    isPreview = false,
  ) => permissionFindings(await reviewRights(cluster(allows), rights({}, targets)), { sameUser }, isPreview);

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
    const failure = new ReadFailure("forbidden", "the server answers with HTTP status 403");
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
