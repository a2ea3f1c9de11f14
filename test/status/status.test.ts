import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import Ajv from "ajv";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { runCommand } from "../cli/run";
import { inFolder } from "../render/temporaryFolder";
import type { WorkloadStatus } from "../../src/status/report";
import {
  deployment,
  kubeconfigFor,
  pod,
  policy,
  policyFilters,
  refusingFilter,
  runStatus,
  sidecarDump,
  type RecordedCluster,
} from "./recordedCluster";
import {
  cluster,
  cluster9999,
  dropped,
  envoyFilterWith,
  good,
  proxiesWith,
  reportOf,
  verdict,
} from "./verdict";

describe("pulumi-sigsci-istio status", () => {
  it("reports what the proxies hold", async () => {
    const { exitCode, targets, workloads, istiods, gaps } = await reportOf(cluster());
    const expected: WorkloadStatus = {
      namespace: "shop",
      name: "web",
      kind: "Deployment",
      status: "inspected",
      targets: ["waf/web"],
      pods: { total: 2, inspected: 2 },
      enforcement: "AuthorizationPolicy",
      requests: "all requests",
      observed: false,
      failOpen: true,
      agent: "sigsci-agent.sigsci.svc.cluster.local:9999",
      findings: [],
      counters: null,
    };
    assert.deepEqual(workloads, [expected]);
    assert.deepEqual(targets, [
      {
        component: "waf",
        target: "web",
        policy: "AuthorizationPolicy shop/waf-web",
        status: "inspected",
        observed: false,
        findings: [],
      },
    ]);
    assert.deepEqual([exitCode, istiods.map(({ proxies }) => proxies), gaps], [0, [2], []]);
  });

  it("names the pods whose proxy lacks the policy", async () => {
    const proxies = { "web-7d9-a.shop": good, "web-7d9-b.shop": { dump: sidecarDump([]) } };
    assert.deepEqual(await verdict(cluster({ proxies })), [
      1,
      "partly",
      ["no-policy-in-the-proxy | web-7d9-b | its proxy does not have AuthorizationPolicy shop/waf-web"],
    ]);
  });

  it("names the listener on which a filter is missing", async () => {
    const some = { dump: sidecarDump(policyFilters("waf-web"), { second: [] }) };
    const proxies = { "web-7d9-a.shop": some, "web-7d9-b.shop": some };
    assert.deepEqual(await verdict(cluster({ proxies })), [
      1,
      "notInspected",
      [
        "no-policy-in-the-proxy | its proxy does not have AuthorizationPolicy shop/waf-web on " +
          "virtualInbound/virtualInbound-catchall-http",
      ],
    ]);
  });

  it("does not take the rules of a part of a policy for the policy", async () => {
    const extra = { authorizationpolicies: [policy("web", "web", { rules: [{}, {}] })] };
    const [exitCode, status] = await verdict(cluster({ extra }));
    assert.deepEqual([exitCode, status], [1, "notInspected"]);
  });

  it("says that requests are refused where istiod knows no provider", async () => {
    const refusing = { dump: sidecarDump([refusingFilter("waf-web")]) };
    assert.deepEqual(
      await verdict(cluster({ proxies: { "web-7d9-a.shop": refusing, "web-7d9-b.shop": refusing } })),
      [
        1,
        "notInspected",
        [
          "provider-missing | it refuses requests with 403: istiod does not know the policy's provider, or the provider's " +
            "host",
        ],
      ],
    );
  });

  it("names the policy of somebody else that makes istiod refuse requests", async () => {
    const refusing = { dump: sidecarDump([refusingFilter("opa"), refusingFilter("waf-web")]) };
    const opa = {
      metadata: { name: "opa", namespace: "shop" },
      spec: { action: "CUSTOM", provider: { name: "opa" }, rules: [{}] },
    };
    const recorded = cluster({
      proxies: { "web-7d9-a.shop": refusing, "web-7d9-b.shop": refusing },
      extra: { authorizationpolicies: [policy("web", "web"), opa] },
    });
    assert.deepEqual(await verdict(recorded), [
      1,
      "notInspected",
      [
        "two-authorizers | it refuses requests with 403, as istiod knows no provider for a policy, or policies of two " +
          "providers mean it: AuthorizationPolicy shop/opa",
        "two-authorizers | AuthorizationPolicy shop/opa sends its requests to opa too",
      ],
    ]);
  });

  it("gives the words of a proxy that refused its configuration", async () => {
    const lastError =
      "Error adding/updating listener(s) virtualInbound: goo.gle/debugonly\ngrpc_service {\n}\n: Proto constraint " +
      "validation failed (MaxRequestBytes: value must be greater than 0)\n";
    const refused = { ...good, acked: "0", lastError };
    const [exitCode, status, findings] = await verdict(
      cluster({ proxies: { "web-7d9-a.shop": refused, "web-7d9-b.shop": refused } }),
    );
    assert.deepEqual(
      [exitCode, status, findings],
      [
        1,
        "notInspected",
        [
          "refused-by-the-proxy | its proxy refused its configuration and keeps the one before: Error adding/updating " +
            "listener(s) virtualInbound: Proto constraint validation failed (MaxRequestBytes: value must be greater than 0)",
        ],
      ],
    );
  });

  describe("never says inspected of a workload", () => {
    const both = (dump: readonly object[]): Partial<RecordedCluster> => ({
      proxies: { "web-7d9-a.shop": { dump }, "web-7d9-b.shop": { dump } },
    });
    const filters = policyFilters("waf-web");
    const switchOff = { typedPerFilterConfig: { "envoy.filters.http.ext_authz": { disabled: true } } };
    const chains = "virtualInbound/0.0.0.0_8080, virtualInbound/virtualInbound-catchall-http";
    const withoutShare = (one: object): object => {
      const { typedConfig } = one as { typedConfig: object };
      return { ...one, typedConfig: { ...typedConfig, filterEnabled: { defaultValue: {} } } };
    };
    const isOff = `asks-about-none | a configuration that is not ours switches the check off on ${chains}`;
    const off = (routeConfig: object): Partial<RecordedCluster> =>
      both(sidecarDump(filters, { routeConfig }));
    const cases: readonly [string, Parameters<typeof cluster>[0], string][] = [
      [
        "whose policy has no rules",
        { extra: { authorizationpolicies: [policy("web", "web", { rules: [] })] } },
        "asks-about-none | AuthorizationPolicy shop/waf-web is for no requests: the policy has no rules",
      ],
      [
        "whose filter is switched off",
        both(sidecarDump(filters.map((one) => ({ ...one, disabled: true })))),
        isOff,
      ],
      ["whose virtual hosts switch it off", off({ virtualHosts: [{ ...switchOff, routes: [{}] }] }), isOff],
      ["whose routes all switch it off", off({ virtualHosts: [{ routes: [switchOff, switchOff] }] }), isOff],
      ["whose filter has a share of 0 %", both(sidecarDump(filters.map(withoutShare))), isOff],
      ["whose route configuration switches it off", off({ ...switchOff, virtualHosts: [] }), isOff],
      [
        "whose ports are all TCP to the proxy",
        both(sidecarDump(filters, { httpPort: 0, tcpPort: 9090 })),
        "asks-about-none | its proxy takes its ports for TCP: 9090",
      ],
    ];
    for (const [title, changes, finding] of cases) {
      it(title, async () => {
        assert.deepEqual(await verdict(cluster(changes)), [1, "notInspected", [finding]]);
      });
    }

    it("whose proxies were sent nothing yet", async () => {
      const nothing = { ...good, sent: "", acked: "" };
      const proxies = { "web-7d9-a.shop": nothing, "web-7d9-b.shop": nothing };
      assert.deepEqual((await verdict(cluster({ proxies }))).slice(0, 2), [3, "unknown"]);
    }).timeout(10_000);

    it("without the routes that switch the check off, and the ports that a gateway passes through", async () => {
      const some = sidecarDump(filters, {
        routeConfig: { virtualHosts: [{ routes: [{ name: "health", ...switchOff }, { name: "rest" }] }] },
      });
      const { workloads } = await reportOf(cluster(both(some)));
      assert.equal(
        workloads[0]?.requests,
        "all requests; not route health, for which the check is switched off",
      );
      const passthrough = {
        "@type": "type.googleapis.com/envoy.config.listener.v3.Listener",
        name: "0.0.0.0_8443",
        address: { socketAddress: { portValue: 8443 } },
        filterChains: [{ filterChainMatch: { serverNames: ["db.example.com"] }, filters: [] }],
      };
      const [listener, , ...rest] = sidecarDump(filters);
      const gateway = { dump: [listener ?? {}, passthrough, ...rest], type: "router" } as const;
      const proxies = { "web-7d9-a.shop": gateway, "web-7d9-b.shop": gateway };
      const [row] = (await reportOf(cluster({ proxies }))).workloads;
      assert.equal(row?.requests, "all requests; not port 8443 (db.example.com), which is TCP to the proxy");
    });

    it("and says nothing of TCP where the proxy tells HTTP by the bytes", async () => {
      const { workloads } = await reportOf(cluster(both(sidecarDump(filters, { tcpPort: 8080 }))));
      assert.deepEqual([workloads[0]?.status, workloads[0]?.requests], ["inspected", "all requests"]);
    });
  });

  it("says nothing of a proxy that has not acknowledged the last push", async () => {
    const late = { ...good, acked: "0" };
    assert.deepEqual(
      await verdict(cluster({ proxies: { "web-7d9-a.shop": late, "web-7d9-b.shop": good } })),
      [3, "unknown", ["not-seen | web-7d9-a | its proxy has not acknowledged the last push"]],
    );
  }).timeout(10_000);

  it("says what happens when the agent has no endpoint", async () => {
    const idle = { dump: sidecarDump(policyFilters("waf-web"), { addresses: [] }) };
    assert.deepEqual(
      await verdict(cluster({ proxies: { "web-7d9-a.shop": idle, "web-7d9-b.shop": idle } })),
      [
        1,
        "notInspected",
        [
          "no-endpoint | the agent (sigsci-agent.sigsci.svc.cluster.local:9999) has no healthy endpoint, its requests pass " +
            "uninspected",
        ],
      ],
    );
  });

  it("looks for the agent in the pod where the proxy asks itself", async () => {
    const name = "outbound|9999||agent.sidecar.internal";
    const dump = sidecarDump(policyFilters("waf-web", name), { addresses: ["127.0.0.1"], name });
    const withAgent = (podName: string, ready: boolean): object =>
      pod(podName, "web", {
        spec: {
          containers: [{ name: "web" }, { name: "istio-proxy" }],
          initContainers: [{ name: "sigsci-agent", env: [{ name: "SIGSCI_ACCESSKEYID" }] }],
        },
        status: { initContainerStatuses: [{ name: "sigsci-agent", ready }] },
      });
    const recorded = cluster({
      proxies: { "web-7d9-a.shop": { dump }, "web-7d9-b.shop": { dump }, "web-7d9-c.shop": { dump } },
      extra: { pods: [withAgent("web-7d9-a", true), withAgent("web-7d9-b", false), pod("web-7d9-c", "web")] },
    });
    assert.deepEqual(await verdict(recorded), [
      1,
      "partly",
      [
        "agent-missing-in-pod | web-7d9-b | the agent in the pod is not ready, its requests pass uninspected",
        "agent-missing-in-pod | web-7d9-c | the pod has no agent, its requests pass uninspected",
      ],
    ]);
    const { workloads } = await reportOf(recorded);
    assert.equal(workloads[0]?.agent, "in the pod");
  });

  it("tells a pod that stays without the agent from one that lacks it, and an agent in it all the same", async () => {
    const name = "outbound|9999||agent.sidecar.internal";
    const dump = sidecarDump(policyFilters("waf-web", name), { addresses: ["127.0.0.1"], name });
    const annotate = (object: object, field: string, value: object): object => {
      const { metadata } = object as { metadata: Record<string, object> };
      return { ...object, metadata: { ...metadata, [field]: { ...metadata[field], ...value } } };
    };
    const excluded = (podName: string, spec: object): object =>
      annotate(pod(podName, "web", { spec }), "labels", { waf: "off" });
    const agent = { name: "sigsci-agent", env: [{ name: "SIGSCI_ACCESSKEYID" }] };
    const withAgent = { containers: [{ name: "web" }, { name: "istio-proxy" }], initContainers: [agent] };
    const recorded = cluster({
      proxies: { "web-7d9-a.shop": { dump }, "web-7d9-b.shop": { dump }, "web-7d9-c.shop": { dump } },
      extra: {
        authorizationpolicies: [
          annotate(policy("web", "web"), "annotations", { "pulumi-sigsci-istio/excluded-pods": "waf=off" }),
        ],
        pods: [pod("web-7d9-a", "web"), excluded("web-7d9-b", {}), excluded("web-7d9-c", withAgent)],
      },
    });
    assert.deepEqual(await verdict(recorded), [
      1,
      "notInspected",
      [
        "agent-missing-in-pod | web-7d9-a | the pod has no agent, its requests pass uninspected",
        "excluded-pod | web-7d9-b | sidecar.excludedPods leaves the pod without an agent, its requests pass uninspected",
        "agent-missing-in-pod | web-7d9-c | the agent in the pod is not ready, its requests pass uninspected",
      ],
    ]);
  });

  it("names pods that were not started again since their namespace asks for proxies", async () => {
    const extra = { pods: [pod("web-7d9-a", "web"), pod("web-7d9-b", "web", { proxy: false })] };
    assert.deepEqual(await verdict(cluster({ extra })), [
      1,
      "partly",
      ["pod-not-restarted | web-7d9-b | it has no proxy yet: it was not started again"],
    ]);
  });

  it("says why the pods of a workload have no proxy", async () => {
    const extra = {
      namespaces: [{ metadata: { name: "shop" } }],
      pods: [pod("web-7d9-a", "web", { proxy: false })],
    };
    assert.deepEqual(await verdict(cluster({ extra, proxies: {} })), [
      1,
      "notInspected",
      ["no-proxy | no proxy of the mesh: the namespace does not ask for sidecars"],
    ]);
  });

  it("tells a proxy without istiod from an istiod that does not answer", async () => {
    assert.deepEqual(await verdict(cluster({ proxies: { "web-7d9-a.shop": good } })), [
      1,
      "partly",
      ["not-connected | web-7d9-b | its proxy is connected to no istiod"],
    ]);
    assert.deepEqual(await verdict(cluster({ isSilent: true })), [
      3,
      "unknown",
      ["not-seen | the istiod of its proxy could not be asked"],
    ]);
  });

  it("asks for the proxy of a pod whose name another one ends with", async () => {
    const other = { dump: sidecarDump([]) };
    const proxies = { "my-web-7d9-a.shop": other, "web-7d9-a.shop": good, "web-7d9-b.shop": good };
    assert.deepEqual(await verdict(cluster({ proxies })), [0, "inspected", []]);
  });

  it("counts a target in the root namespace among those of each namespace that it reaches", async () => {
    const root = policy("all", "web") as { metadata: { namespace: string } };
    root.metadata.namespace = "istio-system";
    const recorded = cluster({ extra: { authorizationpolicies: [policy("web", "web"), root] } });
    const targets = async (namespace: string): Promise<[number, string[]]> => {
      const report = await reportOf(recorded, "--namespace", namespace);
      return [report.exitCode, report.targets.map(({ target, status }) => `${target} ${status}`)];
    };
    assert.deepEqual(await targets("shop"), [1, ["web inspected", "all notInspected"]]);
    assert.deepEqual(await targets("istio-system"), [3, []]);
  });

  it("does not say that a target selects nothing where it may not list what it selects", async () => {
    const [reference] = [{ group: "", kind: "Service", name: "web" }];
    const extra = { authorizationpolicies: [policy("web", "web", { targetRefs: [reference] })] };
    const { exitCode, targets } = await reportOf(cluster({ extra, forbidden: ["services"] }));
    assert.deepEqual(
      [exitCode, targets.map(({ status, findings: [one] }) => [status, one?.id])],
      [3, [["unknown", "not-seen"]]],
    );
  });

  it("finds a policy for another revision", async () => {
    const made = policy("web", "web") as { metadata: { labels: Record<string, string> } };
    made.metadata.labels["istio.io/rev"] = "canary";
    const empty = { dump: sidecarDump([]) };
    const recorded = cluster({
      proxies: { "web-7d9-a.shop": empty, "web-7d9-b.shop": empty },
      extra: { authorizationpolicies: [made] },
    });
    assert.deepEqual(await verdict(recorded), [
      1,
      "notInspected",
      [
        "other-revision | AuthorizationPolicy shop/waf-web is for revision canary, its proxy belongs to default",
      ],
    ]);
  });

  it("finds a target that is switched off", async () => {
    const extra = { authorizationpolicies: [policy("web", "web", { action: "AUDIT" })] };
    const report = await reportOf(cluster({ extra }));
    const [target] = report.targets;
    assert.deepEqual(
      [report.exitCode, target?.target, target?.status, target?.findings[0]?.text],
      [1, "web", "notInspected", "its policy is switched off, as `teardown: true` does"],
    );
  });

  it("finds a target that selects nothing, and workloads that no target means", async () => {
    const extra = { authorizationpolicies: [policy("web", "wbe")] };
    const report = await reportOf(cluster({ extra }));
    assert.deepEqual(
      report.targets.map(({ status, findings }) => [status, findings]),
      [["notInspected", [{ id: "selects-nothing", text: "it selects no workload of the cluster" }]]],
    );
    assert.deepEqual(
      report.workloads.map(({ status, name }) => [name, status]),
      [["web", "untargeted"]],
    );
    assert.equal(report.exitCode, 1);
  });

  it("checks the filters of an EnvoyFilter field by field", async () => {
    const envoyFilter = envoyFilterWith({
      name: "envoy.filters.http.ext_authz",
      typed_config: {
        grpc_service: { envoy_grpc: { cluster_name: cluster9999 } },
        failure_mode_allow: true,
        status_on_error: { code: 503 },
      },
    });
    const extra = { authorizationpolicies: [], envoyfilters: [envoyFilter] };
    const having = (more: object, name = "envoy.filters.http.ext_authz"): RecordedCluster => {
      const grpcService = { envoyGrpc: { clusterName: cluster9999 } };
      const filter = { name, typedConfig: { grpcService, failureModeAllow: true, ...more } };
      return cluster({ extra, ...proxiesWith(filter) });
    };
    const statusOnError = { code: "ServiceUnavailable" };
    assert.deepEqual(await verdict(having({ statusOnError })), [0, "inspected", []]);
    // An istiod that does not know a field leaves it out.
    assert.deepEqual(await verdict(having({})), [1, "notInspected", [dropped]]);
    const other = having({ statusOnError }, "envoy.filters.http.ext_proc");
    assert.deepEqual(await verdict(other), [1, "notInspected", [dropped]]);
  });

  it("never says inspected of what it may not see, and names the right", async () => {
    const report = await reportOf(cluster({ forbidden: ["authorizationpolicies"] }));
    assert.equal(report.exitCode, 3);
    assert.deepEqual(report.gaps, [
      "not permitted: list authorizationpolicies. Grant\n      in a ClusterRole:\n      rules:\n" +
        '        - { apiGroups: ["security.istio.io"], resources: ["authorizationpolicies"], verbs: ["list"] }',
    ]);
    const more = await reportOf(
      cluster({ forbidden: ["services", "deployments", "pods"] }),
      "--namespace",
      "shop",
    );
    assert.match(more.gaps.join("\n"), /^not permitted: list pods, services, deployments\. Grant\n/);
  });

  it("does not wait for workloads of which no pod runs, where others do", async () => {
    const idle = {
      metadata: { name: "idle", namespace: "shop" },
      spec: { template: { metadata: { labels: { app: "web" } } } },
    };
    const both = cluster({ extra: { deployments: [deployment("web"), idle] } });
    const { exitCode, targets, workloads } = await reportOf(both);
    assert.deepEqual(
      [exitCode, targets[0]?.status, workloads.map(({ name, status }) => [name, status])],
      [
        0,
        "inspected",
        [
          ["web", "inspected"],
          ["idle", "unknown"],
        ],
      ],
    );
    const alone = await reportOf(cluster({ extra: { deployments: [idle], pods: [] } }));
    assert.deepEqual([alone.exitCode, alone.targets[0]?.status], [3, "unknown"]);
  });

  it("says once why an API server gives no list", async () => {
    await inFolder({ k: kubeconfigFor("https://127.0.0.1:9") }, async (folder) => {
      const { exitCode, out } = await runCommand(["status", "--kubeconfig", join(folder, "k")], false, 200);
      assert.equal(exitCode, 3);
      assert.deepEqual(out.split("\n").slice(0, 3), [
        "https://127.0.0.1:9: no target of this package was seen there (0 replicas of istiod, 0 proxies).",
        "",
        "! 127.0.0.1:9 does not answer (ECONNREFUSED)",
      ]);
      assert.equal(out.split("does not answer").length, 3, out);
    });
  });

  it("looks at one component, and at one namespace", async () => {
    const report = await reportOf(cluster(), "--component", "edge");
    assert.deepEqual([report.exitCode, report.targets], [3, []]);
    assert.deepEqual(report.gaps, ["component edge has no target there; these have: waf"]);
    assert.equal((await reportOf(cluster(), "--namespace", "shop")).exitCode, 0);
    assert.deepEqual((await reportOf(cluster(), "--namespace", "other")).workloads, []);
  });

  it("says which requests pass by the filters", async () => {
    const proxy = { dump: sidecarDump(policyFilters("waf-web"), { tcpPort: 9090 }) };
    const annotated = (annotation: string): RecordedCluster => {
      const annotations = { [`traffic.sidecar.istio.io/${annotation}`]: "8081" };
      const made = pod("web-7d9-a", "web") as { metadata: object };
      const template = {
        metadata: { labels: { app: "web" }, annotations },
        spec: { containers: [{ name: "web" }] },
      };
      const owner = { metadata: { name: "web", namespace: "shop" }, spec: { template } };
      const own = { ...made, metadata: { ...made.metadata, annotations } };
      return cluster({ proxies: { "web-7d9-a.shop": proxy }, extra: { deployments: [owner], pods: [own] } });
    };
    const [web] = (await reportOf(annotated("excludeInboundPorts"))).workloads;
    assert.deepEqual(
      [web?.status, web?.requests],
      ["inspected", "all requests; except port 8081; not port 9090, which is TCP to the proxy"],
    );
  });

  it("asks about a thousand pods, a few at a time", async () => {
    const pods = Array.from({ length: 1000 }, (_, index) => pod(`web-7d9-${index}`, "web"));
    const proxies = Object.fromEntries(pods.map((_, index) => [`web-7d9-${index}.shop`, good]));
    let [open, most, asked] = [0, 0, 0];
    const onConfig = (isAnswered: boolean): void => {
      open += isAnswered ? -1 : 1;
      asked += isAnswered ? 0 : 1;
      most = Math.max(most, open);
    };
    const [web] = (await reportOf(cluster({ proxies, extra: { pods }, onConfig }))).workloads;
    assert.deepEqual([web?.status, web?.pods, asked], ["inspected", { total: 1000, inspected: 1000 }, 1000]);
    // On a busy machine some wait for others.
    assert.ok(most > 1 && most <= 8, `${most} at once`);
  }).timeout(30_000);

  it("says that an istiod is too old, or none", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const closed = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await new Promise((resolve) => server.close(resolve));
    const report = await reportOf(cluster(), "--istiod", closed);
    assert.equal(report.exitCode, 3);
    assert.deepEqual(
      report.istiods.map(({ problem }) => problem),
      [null, `${closed} does not answer (ECONNREFUSED)`],
    );
  });

  it("says that an istiod does not have its pages, or prints something else on them", async () => {
    const old = await reportOf(cluster({ isOld: true }));
    assert.deepEqual(
      [old.exitCode, old.workloads[0]?.status, old.istiods[0]?.problem?.replace(/^.* answers/, "answers")],
      [3, "unknown", "answers /debug/syncz with HTTP status 404"],
    );
    const strange = { dump: [{ "@type": "type.googleapis.com/envoy.admin.v3.ListenersConfigDump" }] };
    const proxies = { "web-7d9-a.shop": strange, "web-7d9-b.shop": strange };
    assert.deepEqual(await verdict(cluster({ proxies })), [
      3,
      "unknown",
      ["not-seen | istiod prints no listeners and clusters of the proxy"],
    ]);
  });

  it("prints JSON that its schema describes", async () => {
    const file = resolve(__dirname, "../../docs/status.schema.json");
    // The file is a schema; ajv says so if it is none.
    const validate = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(file, "utf8")) as object);
    const proxies = { "web-7d9-a.shop": good, "web-7d9-b.shop": { dump: sidecarDump([]) } };
    const report = await reportOf(cluster({ proxies }));
    assert.ok(validate(report), JSON.stringify(validate.errors));
    assert.ok(!validate({ ...report, exitCode: 4 }));
  });

  it("advises on each finding", async () => {
    const proxies = { "web-7d9-a.shop": good, "web-7d9-b.shop": { dump: sidecarDump([]) } };
    const extra = { pods: [pod("web-7d9-a", "web"), pod("web-7d9-b", "web", { proxy: false })] };
    const { out, exitCode } = await runStatus(cluster({ proxies, extra }), ["doctor"], 80);
    assert.equal(exitCode, 1);
    assert.deepEqual(out.split("\n").slice(-7), [
      "What to do",
      "- shop/web: web-7d9-b: it has no proxy yet: it was not started again",
      "    Its requests pass uninspected. They were started before the namespace asked",
      "    for proxies.",
      "    Start them again: `kubectl rollout restart deployment/web -n shop`.",
      "    See docs/troubleshooting.md#pod-not-restarted.",
      "",
    ]);
  });

  it("is used wrongly", async () => {
    const usage = async (...args: string[]): Promise<[number, string]> => {
      const { exitCode, err } = await runStatus(cluster(), ["status", ...args]);
      return [exitCode, err.split("\n")[0] ?? ""];
    };
    assert.deepEqual(await usage("--istiod", "istiod:15014"), [
      2,
      "error: option '--istiod <url>' argument 'istiod:15014' is invalid. It is no URL such as http://127.0.0.1:15014.",
    ]);
    assert.deepEqual(await usage("--watch", "--json"), [
      2,
      "error: --watch and --json cannot be used together.",
    ]);
    assert.deepEqual(await usage("--context", "staging"), [
      3,
      "error: the kubeconfig has no context staging. Choose one with --context: x.",
    ]);
  });

  it("prints lines that fit", async () => {
    const proxies = { "web-7d9-a.shop": good, "web-7d9-b.shop": { dump: sidecarDump([]) } };
    const extra = { deployments: [deployment("web"), deployment("batch")] };
    const { out, exitCode } = await runStatus(cluster({ proxies, extra }), ["status"], 80);
    assert.equal(exitCode, 1);
    assert.equal(
      out,
      [
        "http://cluster: 0 of 1 target inspected (1 replica of istiod, 2",
        "proxies).",
        "",
        "Targets",
        "  waf/web  AuthorizationPolicy  partly inspected",
        "",
        "Workloads that a target means",
        "  shop/web  Deployment  inspected 1 of 2 pods",
        "                        web-7d9-b: its proxy does not have AuthorizationPolicy",
        "                        shop/waf-web",
        "                        all requests, by AuthorizationPolicy, fails open, agent",
        "                        sigsci-agent.sigsci.svc.cluster.local:9999",
        "",
        "Workloads that no target means",
        "  shop/batch  Deployment  no target",
        "",
      ].join("\n"),
    );
  });
});
