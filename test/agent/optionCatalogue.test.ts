import assert from "node:assert/strict";
import fc from "fast-check";
import {
  agentOption,
  agentOptions,
  OptionKind,
  optionVariable,
  variableOption,
} from "../../src/agent/optionCatalogue";
import type { AgentOptionsArgs } from "../../src/args/agentOptions";

describe("catalogue of agent options", () => {
  it("names variables as the guide does", () => {
    assert.equal(optionVariable("max-procs"), "SIGSCI_MAX_PROCS");
    assert.equal(optionVariable("accesskeyid"), "SIGSCI_ACCESSKEYID");
    assert.equal(variableOption("SIGSCI_MAX_PROCS"), "max-procs");
    assert.equal(variableOption("HTTPS_PROXY"), undefined);
  });

  it("finds an option by the variable it became", () => {
    fc.assert(
      fc.property(fc.constantFrom(...agentOptions), (option) => {
        assert.equal(agentOption(variableOption(optionVariable(option.name)) ?? ""), option);
      }),
    );
    assert.equal(agentOption("max-prox"), undefined);
  });

  it("names each option, variable and field once", () => {
    for (const values of [
      agentOptions.map((option) => option.name),
      agentOptions.map((option) => optionVariable(option.name)),
      agentOptions.flatMap((option) => option.field ?? []),
    ]) {
      assert.equal(new Set(values).size, values.length);
    }
  });

  it("has every typed field, under the name that the field spells", () => {
    // Typed, so that a field added to the arguments without an entry here does not compile.
    const fields: Record<keyof Required<AgentOptionsArgs>, string> = {
      maxProcs: "max-procs",
      anonymousIpSecretKey: "anonymous-ip-secret-key",
      clientIpHeader: "client-ip-header",
      contextExpiration: "context-expiration",
      cleanerInterval: "cleaner-interval",
      uploadInterval: "upload-interval",
      inspectionMaxContentLength: "inspection-max-content-length",
      examineUnknownContentType: "examine-unknown-content-type",
      customRequestHeaders: "custom-request-headers",
      bypassEgressProxyForUpstreams: "bypass-egress-proxy-for-upstreams",
      serverHostname: "server-hostname",
      serverFlavor: "server-flavor",
      logOut: "log-out",
      wafDataLog: "waf-data-log",
      wafDataLogAll: "waf-data-log-all",
      statsdAddress: "statsd-address",
      statsdMetrics: "statsd-metrics",
      debugLogAllTheThings: "debug-log-all-the-things",
      debugLogBlockedRequests: "debug-log-blocked-requests",
      rpcAddress: "rpc-address",
      sharedCacheDir: "shared-cache-dir",
    };
    const listed = agentOptions.flatMap(({ name, field }) => (field === undefined ? [] : [[field, name]]));
    assert.deepEqual(Object.fromEntries(listed), fields);
  });

  it("knows the durations", () => {
    assert.deepEqual(
      agentOptions.filter((option) => option.kind === OptionKind.Duration).map((option) => option.name),
      ["context-expiration", "cleaner-interval", "upload-interval"],
    );
  });

  it("knows what the component sets itself", () => {
    assert.deepEqual(
      agentOptions.flatMap(({ name, setBy }) => (setBy === undefined ? [] : [[name, setBy]])),
      [
        ["accesskeyid", "credentials"],
        ["secretaccesskey", "credentials"],
        ["envoy-grpc-address", "port"],
        ["envoy-extproc-enabled", "enforcement"],
        ["envoy-expect-response-data", "expectResponseData"],
        ["startup-probe-listener", "startupProbe"],
      ],
    );
  });
});
