import assert from "node:assert/strict";
import { Enforcement, Placement } from "../../src/args/integration";
import { TargetRefKind } from "../../src/args/targets";
import { PreflightCheck } from "../../src/args/preflight";
import { RequestFailure } from "../../src/kubernetes/requestFailure";
import type { LiveObject } from "../../src/kubernetes/liveObject";
import { describeGaps, readFacts } from "../../src/preflight/readFacts";
import { pathOf, plannedReads } from "../../src/preflight/reads";
import { istiod, namespace, pod, storefront, subject } from "./objects";

const paths = (changes = {}, ignored: PreflightCheck[] = []): string[] =>
  plannedReads(subject(changes), ignored).map((read) => `${read.verb} ${pathOf(read)}`);

/** An API server that holds lists by path, and refuses some. */
function cluster(lists: Record<string, LiveObject[]>, refused: Record<string, RequestFailure["kind"]> = {}) {
  const asked: string[] = [];
  const of = (path: string): LiveObject[] => {
    asked.push(path);
    const kind = refused[path];
    if (kind !== undefined) {
      throw new RequestFailure(kind, kind === "timeout" ? "c did not answer within 10 s" : "HTTP status 403");
    }
    return lists[path] ?? [];
  };
  return {
    asked,
    get: (path: string) => Promise.resolve().then(() => of(path)[0]),
    list: (path: string) => Promise.resolve().then(() => of(path)),
  };
}

describe("preflight: what is read", () => {
  it("is what the checks need, in the namespaces that matter", () => {
    assert.deepEqual(paths(), [
      "get /api/v1/namespaces/shop",
      "get /api/v1/namespaces/sigsci",
      "list /api/v1/namespaces/shop/pods",
      "list /apis/apps/v1/namespaces/shop/deployments",
      "list /apis/apps/v1/namespaces/shop/statefulsets",
      "list /apis/apps/v1/namespaces/shop/daemonsets",
      "list /api/v1/namespaces/shop/services",
      "list /apis/telemetry.istio.io/v1/namespaces/shop/telemetries",
      "list /apis/telemetry.istio.io/v1/namespaces/istio-system/telemetries",
      "list /apis/networking.istio.io/v1/namespaces/shop/destinationrules",
      "list /apis/networking.istio.io/v1/namespaces/istio-system/destinationrules",
      "list /apis/networking.istio.io/v1/namespaces/sigsci/destinationrules",
      "list /apis/networking.istio.io/v1/namespaces/shop/sidecars",
      "list /apis/networking.istio.io/v1/namespaces/istio-system/sidecars",
      "list /apis/security.istio.io/v1/namespaces/shop/authorizationpolicies",
      "list /apis/security.istio.io/v1/namespaces/istio-system/authorizationpolicies",
      "list /apis/networking.istio.io/v1/serviceentries",
      "list /apis/apps/v1/namespaces/istio-system/deployments",
      "list /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
    ]);
  });

  it("is more where targets are observed: istiod with EnvoyFilters, EnvoyFilters of others with policies", () => {
    const more = (changes: object): string[] => {
      const without = paths(changes);
      return paths({ ...changes, shadowed: ["storefront"] }).filter((path) => !without.includes(path));
    };
    assert.deepEqual(more({}), [
      "list /apis/networking.istio.io/v1alpha3/namespaces/shop/envoyfilters",
      "list /apis/networking.istio.io/v1alpha3/namespaces/istio-system/envoyfilters",
    ]);
    assert.deepEqual(more({ enforcement: Enforcement.EnvoyFilter, accessLog: undefined }), [
      "list /apis/apps/v1/namespaces/istio-system/deployments",
    ]);
  });

  it("reads the mesh configuration for the root namespace of observed targets", async () => {
    const asked = async (shadowed: readonly string[]): Promise<boolean> => {
      const client = cluster({});
      await readFacts(client, subject({ enforcement: Enforcement.EnvoyFilter, shadowed }));
      return client.asked.includes("/api/v1/namespaces/istio-system/configmaps/istio");
    };
    assert.deepEqual([await asked([]), await asked(["storefront"])], [false, true]);
  });

  it("is less with EnvoyFilters, with Sidecar placement and with checks left out", () => {
    const filters = paths({ enforcement: Enforcement.EnvoyFilter, accessLog: undefined });
    assert.ok(filters.every((path) => !/services|telemetr|serviceentr|webhook|istiod/.test(path)));
    assert.deepEqual(
      filters.filter((path) => !paths().includes(path)),
      [
        "list /apis/networking.istio.io/v1alpha3/namespaces/shop/envoyfilters",
        "list /apis/networking.istio.io/v1alpha3/namespaces/istio-system/envoyfilters",
      ],
    );
    assert.ok(paths({ placement: Placement.Sidecar }).every((path) => !path.includes("destinationrules")));
    assert.deepEqual(paths({ existingSecret: "keys" }, Object.values(PreflightCheck)), []);
    const some = Object.values(PreflightCheck).filter((check) => check !== PreflightCheck.ExistingSecret);
    assert.deepEqual(paths({ existingSecret: "keys" }, some), [
      "get /api/v1/namespaces/shop",
      "get /api/v1/namespaces/sigsci",
      "get /api/v1/namespaces/sigsci/secrets/keys",
    ]);
  });

  it("are Gateways and Services where a target refers to them, and of Secrets the metadata only", () => {
    const targetRefs = [{ kind: TargetRefKind.Gateway, name: "edge" }];
    const targets = [{ name: "edge", namespace: "edge", targetRefs }];
    assert.ok(
      paths({ targets }).includes("list /apis/gateway.networking.k8s.io/v1/namespaces/edge/gateways"),
    );
    const secret = plannedReads(subject({ existingSecret: "keys" })).find(({ fact }) => fact === "secrets");
    assert.equal(secret?.metadata, true);
  });

  it("are the mesh ConfigMaps of every revision that anything speaks of", async () => {
    const webhook = { metadata: { name: "tag", labels: { "istio.io/tag": "prod", "istio.io/rev": "1-30" } } };
    const reader = cluster({
      "/api/v1/namespaces/shop": [namespace("shop", { "istio.io/rev": "asked" })],
      "/api/v1/namespaces/shop/pods": [pod("shop/web-1", { app: "web" }, "running")],
      "/apis/apps/v1/namespaces/istio-system/deployments": [
        istiod({ SHARED_MESH_CONFIG: "shared" }, { revision: "canary" }),
      ],
      "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations": [webhook],
      "/api/v1/namespaces/istio-system/configmaps/istio": [{ metadata: { name: "istio" } }],
    });
    const { facts, gaps } = await readFacts(reader, subject());
    assert.deepEqual(gaps, []);
    assert.deepEqual(facts.meshConfigMaps, [{ metadata: { name: "istio" } }]);
    assert.deepEqual(
      reader.asked.filter((path) => path.includes("configmaps/")).map((path) => path.split("/").at(-1)),
      ["istio", "istio-canary", "istio-1-30", "istio-asked", "istio-running", "shared"],
    );
    assert.equal(facts.pods?.length, 1);
    assert.deepEqual(facts.sidecars, []);
  });

  it("are asked for side by side, mesh ConfigMaps of other revisions alone come after", async () => {
    const rounds = async (lists: Record<string, LiveObject[]>): Promise<number[]> => {
      const reader = cluster(lists);
      const asked: number[] = [];
      let waiting = 0;
      const inRound =
        <T>(read: (path: string) => Promise<T>) =>
        async (path: string): Promise<T> => {
          waiting += 1;
          await new Promise(setImmediate);
          if (waiting > 0) {
            asked.push(waiting);
            waiting = 0;
          }
          return read(path);
        };
      await readFacts({ get: inRound(reader.get), list: inRound(reader.list) }, subject());
      return asked;
    };
    const istiods = "/apis/apps/v1/namespaces/istio-system/deployments";
    const mesh = { "/api/v1/namespaces/istio-system/configmaps/istio": [{ metadata: { name: "istio" } }] };
    assert.deepEqual(await rounds({ ...mesh, [istiods]: [istiod()] }), [20]);
    const canary = istiod({}, { revision: "canary" });
    assert.deepEqual(await rounds({ ...mesh, [istiods]: [istiod(), canary] }), [20, 1]);
  });

  it("leaves out a fact of which a part is missing", async () => {
    const targets = [storefront, { ...storefront, name: "teller", namespace: "bank" }];
    const reader = cluster(
      { "/api/v1/namespaces/shop/pods": [pod("shop/web-1", { app: "web" })] },
      { "/api/v1/namespaces/bank/pods": "forbidden" },
    );
    const { facts, gaps } = await readFacts(reader, subject({ targets }));
    assert.equal(facts.pods, undefined);
    assert.equal(gaps.length, 1);
    assert.deepEqual(facts.services, []);
  });

  it("names the rules to grant for what may not be read, by namespace", async () => {
    const reader = cluster(
      {},
      {
        "/api/v1/namespaces/shop/pods": "forbidden",
        "/apis/telemetry.istio.io/v1/namespaces/shop/telemetries": "forbidden",
        "/apis/telemetry.istio.io/v1/namespaces/istio-system/telemetries": "forbidden",
        "/apis/networking.istio.io/v1/serviceentries": "forbidden",
      },
    );
    const { gaps } = await readFacts(reader, subject());
    assert.equal(
      describeGaps(gaps),
      "preflight looked at a part only, it may not read all of it. Grant\n" +
        "      in a Role in shop:\n      rules:\n" +
        '        - { apiGroups: [""], resources: ["pods"], verbs: ["list"] }\n' +
        '        - { apiGroups: ["telemetry.istio.io"], resources: ["telemetries"], verbs: ["list"] }\n' +
        "      in a Role in istio-system:\n      rules:\n" +
        '        - { apiGroups: ["telemetry.istio.io"], resources: ["telemetries"], verbs: ["list"] }\n' +
        "      in a ClusterRole:\n      rules:\n" +
        '        - { apiGroups: ["networking.istio.io"], resources: ["serviceentries"], verbs: ["list"] }\n' +
        "    or name the checks in `preflight.ignore`.",
    );
    assert.equal(describeGaps([]), undefined);
  });

  it("says what the time did not suffice for", async () => {
    const { gaps } = await readFacts(cluster({}, { "/api/v1/namespaces/shop/pods": "timeout" }), subject());
    assert.equal(
      describeGaps(gaps),
      "preflight looked at a part only, c did not answer within 10 s: not read are pods.",
    );
  });

  it("does not hide a defect", async () => {
    const broken = {
      get: () => Promise.reject(new TypeError("x")),
      list: () => Promise.reject(new TypeError("x")),
    };
    await assert.rejects(readFacts(broken, subject()), TypeError);
  });
});
