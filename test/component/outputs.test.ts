import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Enforcement, SigsciIstioIntegration } from "../../src";
import { recordProgram, redact } from "../../src/offline/recording";
import { defaultCluster, named, recordComponent, smallest } from "./program";

/** The list as it stands in all three texts, indented by the given number of spaces. */
const providerLines = (indent: number): string =>
  [
    "- name: waf-ext-authz",
    "  envoyExtAuthzGrpc:",
    "    service: waf-agent.sigsci.svc.cluster.local",
    "    port: 9999",
    "    timeout: 200ms",
    "    failOpen: true",
    "    includeRequestBodyInCheck:",
    "      maxRequestBytes: 100000",
    "      allowPartialMessage: true",
    "      packAsBytes: true",
    "- name: waf-access-log",
    "  envoyHttpAls:",
    "    service: waf-agent.sigsci.svc.cluster.local",
    "    port: 9999",
    "    additionalRequestHeadersToLog:",
    "    - x-sigsci-request-id",
    "    - x-sigsci-waf-response",
    "    - accept",
    "    - content-type",
    "    - content-length",
    "    additionalResponseHeadersToLog:",
    "    - date",
    "    - server",
    "    - content-type",
    "    - content-length",
  ]
    .map((line) => `${" ".repeat(indent)}${line}\n`)
    .join("");

const outputs = {
  namespace: "sigsci",
  serviceHost: "waf-agent.sigsci.svc.cluster.local",
  servicePort: 9999,
  secretName: "sigsci.shop-0bf2da09e2",
  extAuthzProviderName: "waf-ext-authz",
  accessLogProviderName: "waf-access-log",
  extensionProviders: [
    {
      name: "waf-ext-authz",
      envoyExtAuthzGrpc: {
        service: "waf-agent.sigsci.svc.cluster.local",
        port: 9999,
        timeout: "200ms",
        failOpen: true,
        includeRequestBodyInCheck: { maxRequestBytes: 100_000, allowPartialMessage: true, packAsBytes: true },
      },
    },
    {
      name: "waf-access-log",
      envoyHttpAls: {
        service: "waf-agent.sigsci.svc.cluster.local",
        port: 9999,
        additionalRequestHeadersToLog: [
          "x-sigsci-request-id",
          "x-sigsci-waf-response",
          "accept",
          "content-type",
          "content-length",
        ],
        additionalResponseHeadersToLog: ["date", "server", "content-type", "content-length"],
      },
    },
  ],
  extensionProvidersYaml: providerLines(0),
  helmValuesYaml: `meshConfig:\n  extensionProviders:\n${providerLines(2)}`,
  istioOperatorYaml:
    "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec:\n  meshConfig:\n    extensionProviders:\n" +
    providerLines(4),
  meshConfigMaps: ["istio-system/istio"],
  authorizationPolicies: ["shop/waf-web"],
  telemetries: ["shop/waf-web"],
  envoyFilters: [] as string[],
  notInspected: [
    "what is behind the first 100000 bytes of a request body",
    "what follows the headers of a request that asks for a WebSocket (Upgrade: websocket)",
    "every request while the only agent pod is away, for example evicted from its node",
    "requests that the agent does not answer within 200ms",
  ],
  coverage: [
    {
      name: "web",
      kind: "Workload",
      namespace: "shop",
      matchLabels: { app: "web" },
      targetRefs: [],
      requests: ["every request"],
      percent: 100,
      enforcement: "AuthorizationPolicy",
      provider: "waf-ext-authz",
      agentHost: "waf-agent.sigsci.svc.cluster.local",
      mode: "Block",
      failOpen: true,
    },
  ],
};

describe("the outputs of a component", () => {
  it("are these, and none is secret", async () => {
    assert.deepEqual(named(await recordComponent(), "waf").outputs, outputs);
  });

  it("hold no secret either when keys and kubeconfig are secret Outputs", async () => {
    const { accessKeyId, secretAccessKey, site } = smallest.credentials;
    const recording = await recordComponent({
      credentials: { site, accessKeyId, secretAccessKey: pulumi.secret(secretAccessKey ?? "") },
      preflight: { kubeconfig: pulumi.secret("/no/such/file") },
    });
    assert.deepEqual(named(recording, "waf").outputs, outputs);
  });

  it("are the same as properties of the component", async () => {
    const recording = await recordProgram(
      () => {
        const waf = new SigsciIstioIntegration("waf", smallest);
        return Object.fromEntries(
          Object.keys(outputs).map((key) => [key, Reflect.get(waf, key) as pulumi.Output<unknown>]),
        );
      },
      { reads: defaultCluster },
    );
    assert.deepEqual(recording.outputs, outputs);
  });

  it("follow the arguments", async () => {
    const recording = await recordComponent({
      namespace: pulumi.output("security"),
      agent: { name: "agent", port: 5000 },
      mesh: { clusterDomain: "example.org", providerNames: { extAuthz: "authz", accessLog: "log" } },
      targets: [
        { name: "all", namespace: pulumi.output("pay"), notPaths: ["/healthz"] },
        {
          name: "api",
          namespace: "shop",
          matchLabels: { app: "api" },
          rules: [{ ports: [80] }, { paths: ["/a"] }],
        },
      ],
    });
    const {
      extensionProviders,
      extensionProvidersYaml,
      helmValuesYaml,
      istioOperatorYaml,
      secretName,
      ...rest
    } = named(recording, "waf").outputs;
    for (const text of [extensionProvidersYaml, helmValuesYaml, istioOperatorYaml]) {
      assert.match(
        String(text),
        /- name: authz\n +envoyExtAuthzGrpc:\n +service: agent\.security\.svc\.example\.org\n/,
      );
    }
    const how = {
      percent: 100,
      enforcement: "AuthorizationPolicy",
      provider: "authz",
      agentHost: "agent.security.svc.example.org",
      mode: "Block",
      failOpen: true,
    };
    assert.deepEqual(rest, {
      namespace: "security",
      serviceHost: "agent.security.svc.example.org",
      servicePort: 9999,
      extAuthzProviderName: "authz",
      accessLogProviderName: "log",
      meshConfigMaps: ["istio-system/istio"],
      authorizationPolicies: ["pay/waf-all", "shop/waf-api"],
      telemetries: ["pay/waf-all", "shop/waf-api"],
      envoyFilters: [],
      notInspected: [
        ...outputs.notInspected.slice(0, 2),
        "target api: paths that the application takes for /a in another spelling",
        ...outputs.notInspected.slice(2),
      ],
      coverage: [
        {
          name: "all",
          kind: "Workload",
          namespace: "pay",
          matchLabels: {},
          targetRefs: [],
          requests: ["except paths /healthz"],
          ...how,
        },
        {
          name: "api",
          kind: "Workload",
          namespace: "shop",
          matchLabels: { app: "api" },
          targetRefs: [],
          requests: ["ports 80", "paths /a"],
          ...how,
        },
      ],
    });
    assert.match(String(secretName), /^sigsci\.shop-[0-9a-f]{10}$/);
    assert.ok(
      JSON.stringify(redact(extensionProviders)).includes('"service":"agent.security.svc.example.org"'),
    );
  });
});

describe("the outputs of a component with EnvoyFilters", () => {
  it("hold nothing for the mesh configuration", async () => {
    const recording = await recordComponent({ enforcement: Enforcement.EnvoyFilter });
    const { extensionProviders, extensionProvidersYaml, helmValuesYaml, istioOperatorYaml } = named(
      recording,
      "waf",
    ).outputs;
    assert.deepEqual(
      [extensionProviders, extensionProvidersYaml, helmValuesYaml, istioOperatorYaml],
      [[], undefined, undefined, undefined],
    );
  });
});

describe("the warnings of a component", () => {
  it("stand in the log of the component, and the component is created all the same", async () => {
    const recording = await recordComponent({ inspection: { failOpen: false } });
    const warnings = recording.logs.filter(({ severity }) => severity === "warning");
    assert.deepEqual(warnings, [
      {
        severity: "warning",
        message:
          "inspection.failOpen is false: while the agent cannot answer in time, every request of the targets is refused with 403.",
        urn: named(recording, "waf").urn,
      },
    ]);
    assert.equal(named(recording, "waf-web-policy").id, "shop/waf-web");
  });
});
