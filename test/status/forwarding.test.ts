import assert from "node:assert/strict";
import type { StatusReport } from "../../src/status/report";
import {
  deployment,
  pod,
  policy,
  policyFilters,
  runStatus,
  shop,
  sidecarDump,
  type RecordedCluster,
} from "./recordedCluster";

const proxy = { dump: sidecarDump(policyFilters("waf-web")) };
const istiod = {
  metadata: {
    name: "istiod-6c",
    namespace: "istio-system",
    labels: { app: "istiod", "istio.io/rev": "canary" },
  },
  spec: { containers: [{ name: "discovery" }] },
  status: { phase: "Running" },
};

/** A cluster whose istiod and proxies are reached by port-forwards only. */
function cluster(changes: Partial<RecordedCluster> = {}): RecordedCluster {
  return {
    forwards: true,
    lists: {
      namespaces: [shop],
      deployments: [deployment("web")],
      pods: [istiod, pod("web-7d9-a", "web"), pod("web-7d9-b", "web")],
      authorizationpolicies: [policy("web", "web")],
    },
    proxies: { "web-7d9-a.shop": proxy, "web-7d9-b.shop": proxy },
    ...changes,
  };
}

async function reportOf(recorded: RecordedCluster, ...args: string[]): Promise<StatusReport> {
  const { out, err } = await runStatus(recorded, ["status", "--json", ...args]);
  assert.notEqual(out, "", err);
  return JSON.parse(out) as StatusReport;
}

const counted = `
envoy_http_ext_authz_ok{http_conn_manager_prefix="inbound"} 5
envoy_http_ext_authz_denied{http_conn_manager_prefix="inbound"} 2
envoy_http_ext_authz_error{http_conn_manager_prefix="inbound"} 0
istio_requests_total{reporter="destination"} 7
`;

describe("pulumi-sigsci-istio status by port-forwards", () => {
  it("reaches istiod and the proxies through the API server", async () => {
    const { exitCode, istiods, workloads } = await reportOf(cluster({ stats: counted }), "--stats");
    assert.deepEqual(istiods, [{ name: "istio-system/istiod-6c", proxies: 2, problem: null }]);
    const [web] = workloads.filter(({ name }) => name === "web");
    assert.deepEqual([exitCode, web?.status], [0, "inspected"]);
    assert.deepEqual(web?.counters, { checked: 14, blocked: 4, passed: 10, failed: 0, isExact: true });
  });

  it("does not take filters for proof that no request has gone through", async () => {
    const stats = counted.replaceAll(/\} [0-7]$/gm, "} 0").replace('"destination"} 0', '"destination"} 9');
    const { exitCode, workloads } = await reportOf(cluster({ stats }), "--stats");
    const [web] = workloads.filter(({ name }) => name === "web");
    assert.deepEqual(
      [exitCode, web?.status, web?.findings.map(({ id, text }) => `${id}: ${text}`)],
      [
        3,
        "unknown",
        ["stats-disagree: its proxies have served 18 requests and asked the agent about none of them"],
      ],
    );
  });

  it("gives the words of the node when nothing listens in the pod", async () => {
    const { exitCode, istiods } = await reportOf(cluster({ closedPorts: [15014] }));
    assert.deepEqual(
      [exitCode, istiods[0]?.problem],
      [3, "pods/portforward istio-system/istiod-6c: error forwarding port 15014: connection refused"],
    );
    const counters = await reportOf(cluster({ closedPorts: [15020] }), "--stats");
    assert.deepEqual(counters.workloads.find(({ name }) => name === "web")?.counters, null);
    assert.match(
      counters.gaps.join("\n"),
      /the counters of 2 proxies could not be read: pods\/portforward shop\/web-7d9-[ab]: error forwarding port 15020/,
    );
  });

  it("names the rights that a port-forward needs", async () => {
    const { exitCode, gaps } = await reportOf(cluster({ forbidden: ["portforward"] }));
    assert.equal(exitCode, 3);
    assert.deepEqual(gaps, [
      "istiod cannot be reached: get and create pods/portforward is not permitted. Grant, or name it with --istiod,\n" +
        "      in a Role in istio-system:\n      rules:\n" +
        '        - { apiGroups: [""], resources: ["pods/portforward"], verbs: ["get", "create"] }',
    ]);
  });

  it("says where it looked for istiod", async () => {
    const lists = { ...cluster().lists, pods: [pod("web-7d9-a", "web")] };
    const { exitCode, gaps } = await reportOf(cluster({ lists }));
    assert.deepEqual(
      [exitCode, gaps],
      [
        3,
        [
          "no pod of istiod (label app=istiod) runs in namespace istio-system: name its namespace with " +
            "--istio-namespace, or its address with --istiod",
        ],
      ],
    );
  });
});
