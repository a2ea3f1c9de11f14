import assert from "node:assert/strict";
import { inspectionSettings } from "../../src/settings/inspection";
import { extensionProviders } from "../../src/mesh/providerEntries";

const endpoint = { host: "waf-agent.sigsci.svc.cluster.local", port: 9999 };
const names = { extAuthz: "waf-ext-authz", accessLog: "waf-access-log" };

describe("extensionProviders", () => {
  it("defines the authorizer and the access log with the defaults", () => {
    assert.deepEqual(extensionProviders(endpoint, inspectionSettings(), names, true), [
      {
        name: "waf-ext-authz",
        envoyExtAuthzGrpc: {
          service: "waf-agent.sigsci.svc.cluster.local",
          port: 9999,
          timeout: "200ms",
          failOpen: true,
          includeRequestBodyInCheck: {
            maxRequestBytes: 100_000,
            allowPartialMessage: true,
            packAsBytes: true,
          },
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
    ]);
  });

  it("writes every field", () => {
    const inspection = inspectionSettings({
      timeout: "1s",
      failOpen: false,
      statusOnError: 503,
      body: { maxBytes: 8192, allowPartial: false, packAsBytes: false },
      requestHeadersToLog: ["host"],
      responseHeadersToLog: ["via"],
      responseTrailersToLog: ["grpc-status"],
      filterStateObjectsToLog: ["upstream_peer"],
      logName: "waf",
    });
    assert.deepEqual(extensionProviders({ host: "h", port: 1 }, inspection, names, true), [
      {
        name: "waf-ext-authz",
        envoyExtAuthzGrpc: {
          service: "h",
          port: 1,
          timeout: "1s",
          failOpen: false,
          statusOnError: "503",
          includeRequestBodyInCheck: {
            maxRequestBytes: 8192,
            allowPartialMessage: false,
            packAsBytes: false,
          },
        },
      },
      {
        name: "waf-access-log",
        envoyHttpAls: {
          service: "h",
          port: 1,
          logName: "waf",
          filterStateObjectsToLog: ["upstream_peer"],
          additionalRequestHeadersToLog: ["x-sigsci-request-id", "x-sigsci-waf-response", "host"],
          additionalResponseHeadersToLog: ["via"],
          additionalResponseTrailersToLog: ["grpc-status"],
        },
      },
    ]);
  });

  it("sends no body when that is turned off, whatever else is said about it", () => {
    const inspection = inspectionSettings({ body: { enabled: false, maxBytes: 8192 } });
    assert.deepEqual(extensionProviders(endpoint, inspection, names, true)[0], {
      name: "waf-ext-authz",
      envoyExtAuthzGrpc: { service: endpoint.host, port: 9999, timeout: "200ms", failOpen: true },
    });
  });

  it("has no access log without response data", () => {
    const providers = extensionProviders(endpoint, inspectionSettings(), names, false);
    assert.deepEqual(
      providers.map((provider) => provider.name),
      ["waf-ext-authz"],
    );
  });
});
