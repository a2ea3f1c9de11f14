import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import type { AgentArgs } from "../../src/args/agent";
import { createdSecretReference, existingSecretReference } from "../../src/settings/secretReference";
import { agentEnvironment } from "../../src/agent/environment";
import { environmentProblems } from "../../src/validation/environmentProblems";
import { agentOptions, optionVariable } from "../../src/agent/optionCatalogue";
import { agentSettings } from "../../src/settings/agent";
import type { ArgumentProblem } from "../../src/validation/problem";
import { agentShape } from "../../src/validation/shapes/agent";
import { resolved } from "./resolved";

const problemsOf = (args: AgentArgs): ArgumentProblem[] => [
  ...agentShape(args, "agent"),
  ...environmentProblems(args, "agent"),
];

const secret = createdSecretReference("sigsci.shop-0123456789", false);
const fromSecret = (key: string, name = "sigsci.shop-0123456789"): object => ({
  secretKeyRef: { name, key },
});
const keys = [
  { name: "SIGSCI_ACCESSKEYID", valueFrom: fromSecret("accesskeyid") },
  { name: "SIGSCI_SECRETACCESSKEY", valueFrom: fromSecret("secretaccesskey") },
];

function environment(args: AgentArgs): unknown {
  return agentEnvironment(agentSettings("waf", args), secret, "");
}

describe("agent environment", () => {
  it("holds the keys by reference, listener, response data, probe and CPUs by default", () => {
    assert.deepEqual(environment({}), [
      ...keys,
      { name: "SIGSCI_ENVOY_GRPC_ADDRESS", value: ":9999" },
      { name: "SIGSCI_ENVOY_EXPECT_RESPONSE_DATA", value: "1" },
      { name: "SIGSCI_STARTUP_PROBE_LISTENER", value: "0.0.0.0:2024" },
      { name: "SIGSCI_MAX_PROCS", value: "1" },
    ]);
  });

  it("leaves out what is switched off", () => {
    const args = { expectResponseData: false, startupProbe: { enabled: false }, resources: {} };
    assert.deepEqual(environment(args), [...keys, { name: "SIGSCI_ENVOY_GRPC_ADDRESS", value: ":9999" }]);
  });

  it("listens where it is told, and tells by a file in a shared pod when it is ready", () => {
    const settings = agentSettings("waf", { port: 8443, startupProbe: { port: 3000 }, resources: {} });
    assert.deepEqual(agentEnvironment(settings, secret, "127.0.0.1"), [
      ...keys,
      { name: "SIGSCI_ENVOY_GRPC_ADDRESS", value: "127.0.0.1:8443" },
      { name: "SIGSCI_ENVOY_EXPECT_RESPONSE_DATA", value: "1" },
      { name: "SIGSCI_STARTUP_PROBE_FILEPATH", value: "/sigsci/tmp/startup-complete" },
    ]);
  });

  it("writes everything in its documented order", () => {
    const args: AgentArgs = {
      expectResponseData: false,
      startupProbe: { enabled: false },
      resources: { limits: { cpu: "1500m" } },
      temporaryVolume: { mountPath: "/work/waf" },
      options: {
        debugLogBlockedRequests: false,
        wafDataLogAll: true,
        inspectionMaxContentLength: 307_200,
        contextExpiration: "20s",
        statsdAddress: "$(HOST_IP):8125",
      },
      extraOptions: { "zeta-option": "z", "alpha-option": "a" },
      env: [
        { name: "HOST_IP", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } },
        { name: "HTTPS_PROXY", value: "http://proxy.example:3128" },
      ],
    };
    assert.deepEqual(problemsOf(args), []);
    assert.deepEqual(environment(args), [
      ...keys,
      { name: "HOST_IP", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } },
      { name: "HTTPS_PROXY", value: "http://proxy.example:3128" },
      { name: "SIGSCI_ENVOY_GRPC_ADDRESS", value: ":9999" },
      { name: "SIGSCI_MAX_PROCS", value: "2" },
      { name: "SIGSCI_RPC_ADDRESS", value: "/work/waf/sigsci.sock" },
      { name: "SIGSCI_SHARED_CACHE_DIR", value: "/work/waf/cache" },
      { name: "SIGSCI_CONTEXT_EXPIRATION", value: "20s" },
      { name: "SIGSCI_INSPECTION_MAX_CONTENT_LENGTH", value: "307200" },
      { name: "SIGSCI_WAF_DATA_LOG_ALL", value: "true" },
      { name: "SIGSCI_STATSD_ADDRESS", value: "$(HOST_IP):8125" },
      { name: "SIGSCI_DEBUG_LOG_BLOCKED_REQUESTS", value: "false" },
      { name: "SIGSCI_ALPHA_OPTION", value: "a" },
      { name: "SIGSCI_ZETA_OPTION", value: "z" },
    ]);
  });

  it("follows the CPU limit and the volume only while nobody sets the option", () => {
    const moved = { temporaryVolume: { mountPath: "/work" } };
    const byHand: AgentArgs[] = [
      { ...moved, options: { maxProcs: "50%", rpcAddress: "/work/a", sharedCacheDir: "/work/b" } },
      {
        ...moved,
        extraOptions: { "max-procs": "50%", "rpc-address": "/work/a", "shared-cache-dir": "/work/b" },
      },
      {
        ...moved,
        env: [
          { name: "SIGSCI_MAX_PROCS", value: "50%" },
          { name: "SIGSCI_RPC_ADDRESS", value: "/work/a" },
          { name: "SIGSCI_SHARED_CACHE_DIR", value: "/work/b" },
        ],
      },
    ];
    for (const args of byHand) {
      assert.deepEqual(problemsOf(args), []);
      const values = new Map(
        // The arguments are plain, so the list is.
        (environment(args) as { name: string; value?: string }[]).map(({ name, value }) => [name, value]),
      );
      assert.equal(values.size, 8);
      assert.equal(values.get("SIGSCI_MAX_PROCS"), "50%");
      assert.equal(values.get("SIGSCI_RPC_ADDRESS"), "/work/a");
      assert.equal(values.get("SIGSCI_SHARED_CACHE_DIR"), "/work/b");
    }
  });

  it("decides later when the CPU limit is known later", async () => {
    const list = environment({ resources: { limits: { cpu: pulumi.output("2500m") } } });
    assert.ok(pulumi.Output.isInstance(list));
    const known = (await resolved(list)) as { name: string; value?: string }[];
    assert.deepEqual(known.at(-1), { name: "SIGSCI_MAX_PROCS", value: "3" });
    const none = (await resolved(environment({ resources: pulumi.output({}) }))) as { name: string }[];
    assert.ok(!none.some(({ name }) => name === "SIGSCI_MAX_PROCS"));
  });

  it("decides later when a raw variable is known later", async () => {
    const env = [pulumi.output({ name: "SIGSCI_MAX_PROCS", value: "7" })];
    const known = (await resolved(environment({ env }))) as { name: string; value?: string }[];
    assert.deepEqual(
      known.filter(({ name }) => name === "SIGSCI_MAX_PROCS"),
      [{ name: "SIGSCI_MAX_PROCS", value: "7" }],
    );
  });

  it("stays plain when only a value is known later", () => {
    const args = { options: { clientIpHeader: pulumi.output("X-Real-IP") } };
    const list = environment(args);
    assert.ok(Array.isArray(list));
    assert.deepEqual(Object.keys(list.at(-1) as object), ["name", "value"]);
  });

  it("takes the salt from the Secret and never as a value", () => {
    const settings = agentSettings("waf", { options: { anonymousIpSecretKey: "pepper" } });
    const list = agentEnvironment(settings, createdSecretReference("s", true), "");
    assert.deepEqual((list as unknown[])[2], {
      name: "SIGSCI_ANONYMOUS_IP_SECRET_KEY",
      valueFrom: fromSecret("anonymousipsecretkey", "s"),
    });
    assert.ok(!JSON.stringify(list).includes("pepper"));
  });

  it("takes name and keys of an existing Secret", () => {
    const existing = existingSecretReference({ name: "mine", accessKeyIdKey: "id" });
    const list = agentEnvironment(agentSettings("waf"), existing, "") as unknown[];
    assert.deepEqual(list.slice(0, 2), [
      { name: "SIGSCI_ACCESSKEYID", valueFrom: fromSecret("id", "mine") },
      { name: "SIGSCI_SECRETACCESSKEY", valueFrom: fromSecret("secretaccesskey", "mine") },
    ]);
  });

  it("names no variable twice whenever the problems are none", () => {
    const someOptions = fc.subarray(agentOptions.map((option) => option.name));
    fc.assert(
      fc.property(
        someOptions,
        someOptions,
        fc.boolean(),
        fc.constantFrom("/sigsci/tmp", "/work"),
        (extra, raw, expectResponseData, mountPath) => {
          const args: AgentArgs = {
            expectResponseData,
            temporaryVolume: { mountPath },
            extraOptions: Object.fromEntries(extra.map((name) => [name, "1s"])),
            env: raw.map((name) => ({ name: optionVariable(name), valueFrom: {} })),
          };
          const list = environment(args) as { name: string }[];
          const names = list.map(({ name }) => name);
          const problems = problemsOf(args);
          if (problems.length === 0) {
            assert.equal(new Set(names).size, names.length);
          } else if (new Set(names).size !== names.length) {
            assert.ok(
              problems.some(({ reason }) => /already set by|plain text|set by the component/.test(reason)),
            );
          }
        },
      ),
    );
  });
});
