import assert from "node:assert/strict";
import { distance } from "fastest-levenshtein";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import type { AgentArgs } from "../../src/args/agent";
import { environmentWarnings } from "../../src/validation/agentWarnings";
import { agentOptions } from "../../src/agent/optionCatalogue";
import { closest } from "../../src/validation/closest";

const likelyOption = (name: string): string | undefined =>
  closest(
    name,
    agentOptions.map((option) => option.name),
  );

const warningsOf = (args: AgentArgs): string[] => environmentWarnings(args, "agent");

function only(args: AgentArgs): string {
  const warnings = warningsOf(args);
  assert.equal(warnings.length, 1, JSON.stringify(warnings));
  return warnings[0] ?? "";
}

describe("warnings about options and variables", () => {
  it("has nothing to say about known and entirely new options", () => {
    assert.deepEqual(warningsOf({}), []);
    const args = { extraOptions: { "max-procs": "2", "brand-new-feature": "on" } };
    assert.deepEqual(warningsOf({ ...args, env: [{ name: "SIGSCI_LOG_OUT" }, { name: "MAX_PROC" }] }), []);
  });

  it("names the option that a slip means", () => {
    assert.equal(
      only({ extraOptions: { "max-proc": "2" } }),
      'agent.extraOptions["max-proc"]: "max-proc" is no documented option; "max-procs" (SIGSCI_MAX_PROCS) is ' +
        "likely meant.",
    );
    assert.match(
      only({ env: [{ name: "A" }, { name: "SIGSCI_STATSD_ADRESS" }] }),
      /^agent\.env\[1\] .*"statsd-address"/,
    );
  });

  it("knows the names of older examples", () => {
    assert.match(
      only({ env: [{ name: "SIGSCI_DEBUG_ALL_THE_THINGS", value: "1" }] }),
      /^agent\.env\[0\] \(SIGSCI_DEBUG_ALL_THE_THINGS\): .*SIGSCI_DEBUG_LOG_ALL_THE_THINGS/,
    );
    assert.match(only({ extraOptions: { hostname: "a" } }), /"server-hostname"/);
  });

  it("finds every option again after two edits", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...agentOptions),
        fc.nat(),
        fc.constantFrom("", "x", "xx"),
        (option, position, inserted) => {
          const at = position % option.name.length;
          const name = option.name.slice(0, at) + inserted + option.name.slice(at + 1);
          const edits = distance(name, likelyOption(name) ?? "");
          assert.ok(edits <= distance(name, option.name) && edits <= 2, name);
        },
      ),
    );
    assert.equal(likelyOption("brand-new-feature"), undefined);
    assert.equal(likelyOption("cabbig"), undefined);
    assert.equal(likelyOption("context-expirations"), "context-expiration");
    assert.equal(likelyOption("inspection-max-content-len"), "inspection-max-content-length");
  });

  it("warns of a listener that Istio cannot speak to", () => {
    const args = { extraOptions: { "envoy-grpc-cert": "/tls/cert", "envoy-grpc-key": "/tls/key" } };
    assert.match(only(args), /speaks TLS.*every request would pass unchecked/);
    assert.match(only({ env: [{ name: "SIGSCI_ENVOY_GRPC_CERT", value: "/tls/cert" }] }), /speaks TLS/);
  });

  it("warns of external processing that nothing asks for", () => {
    for (const value of ["true", undefined, pulumi.output("true")]) {
      assert.match(
        only({ env: [{ name: "SIGSCI_ENVOY_EXTPROC_ENABLED", value }] }),
        /^agent\.env\[0\] \(SIGSCI_ENVOY_EXTPROC_ENABLED\): .*set enforcement to "ExternalProcessing"\.$/,
      );
    }
    assert.match(
      only({ extraOptions: { "envoy-extproc-enabled": "true" } }),
      /^agent\.extraOptions\["envoy-extproc-enabled"\]: the agent then serves external processing/,
    );
    assert.deepEqual(warningsOf({ env: [{ name: "SIGSCI_ENVOY_EXTPROC_ENABLED", value: "false" }] }), []);
  });

  it("warns of files on the read-only root", () => {
    assert.match(
      only({ options: { wafDataLog: "/var/log/waf.json" } }),
      /wafDataLog: .*only \/sigsci\/tmp can/,
    );
    assert.match(only({ options: { logOut: "/sigsci/tmp/../log" } }), /cannot be written/);
    const moved = {
      temporaryVolume: { mountPath: "/work" },
      options: { sharedCacheDir: "/sigsci/tmp/cache" },
    };
    assert.match(only(moved), /sharedCacheDir: .*only \/work can/);
    const fine = { logOut: "/dev/stdout", wafDataLog: "/sigsci/tmp/waf.json", rpcAddress: "127.0.0.1:737" };
    assert.deepEqual(warningsOf({ options: fine }), []);
  });

  it("warns of metrics that the NetworkPolicy holds back", () => {
    const options = { statsdAddress: "statsd.monitoring:8125" };
    assert.match(only({ networkPolicy: {}, options }), /agent\.options\.statsdAddress: agent\.networkPolicy/);
    assert.match(
      only({ networkPolicy: {}, extraOptions: { "statsd-address": "a:1" } }),
      /extraOptions\["statsd-address"\]/,
    );
    assert.deepEqual(warningsOf({ options }), []);
  });
});
