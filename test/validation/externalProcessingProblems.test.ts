import assert from "node:assert/strict";
import { BodyMode, Enforcement, TargetKind, TargetRefKind } from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { argumentProblems, argumentWarnings } from "../../src/validation";
import { smallest } from "../component/program";

const enforcement = Enforcement.ExternalProcessing;

type Changes = Partial<SigsciIstioIntegrationArgs>;

const refused = (args: object): [string, string][] =>
  argumentProblems("waf", { ...smallest, enforcement, ...args }).map(({ path, reason }) => [path, reason]);
const warned = (args: Changes): string[] =>
  argumentWarnings({ ...smallest, enforcement, ...args }, new Date("2026-11-29"));

const onTheStream =
  "with enforcement ExternalProcessing the response reaches the agent on the stream of its request";

describe("external processing", () => {
  it("takes every argument of its own, and those of the filter that it has a field for", () => {
    assert.deepEqual(refused({}), []);
    assert.deepEqual(
      refused({
        inspection: { timeout: "1s", failOpen: false, statusOnError: 503 },
        envoyFilter: {
          rolloutPercent: 10,
          excludedPaths: ["/healthz"],
          allowedHeaders: ["x-*"],
          priority: 1,
        },
        externalProcessing: {
          requestBody: BodyMode.Buffered,
          responseBody: BodyMode.Streamed,
          changeableHeaders: ["x-team"],
        },
      }),
      [],
    );
    assert.deepEqual(refused({ externalProcessing: { changeableHeaders: [] } }), []);
    assert.deepEqual(refused({ envoyFilter: { guideCompatible: false, failOpenHeader: false } }), []);
  });

  it("refuses its arguments with any other enforcement", () => {
    const externalProcessing = {};
    assert.deepEqual(refused({ enforcement: undefined, externalProcessing }), [
      ["externalProcessing", "it has no effect with enforcement AuthorizationPolicy"],
    ]);
    assert.deepEqual(refused({ enforcement: Enforcement.EnvoyFilter, externalProcessing }), [
      ["externalProcessing", "it has no effect with enforcement EnvoyFilter"],
    ]);
  });

  it("refuses what belongs to checks by ext_authz and to their log", () => {
    assert.deepEqual(
      refused({
        inspection: { body: { maxBytes: 8192 }, logName: "waf", keepAccessLogProviders: ["envoy"] },
        envoyFilter: { failOpenHeader: true, logUncheckedRequests: true, guideCompatible: true },
      }).map(([path]) => path),
      [
        "inspection.logName",
        "inspection.keepAccessLogProviders",
        "inspection.body",
        "envoyFilter.guideCompatible",
        "envoyFilter.failOpenHeader",
        "envoyFilter.logUncheckedRequests",
      ],
    );
    assert.deepEqual(refused({ inspection: { requestHeadersToLog: ["accept"] } }), [
      ["inspection.requestHeadersToLog", `${onTheStream}, with all headers`],
    ]);
  });

  it("refuses waypoints, whose EnvoyFilters Istio ignores", () => {
    const target = {
      name: "way",
      namespace: "shop",
      kind: TargetKind.Waypoint,
      targetRefs: [{ kind: TargetRefKind.Service, name: "web" }],
    };
    assert.deepEqual(refused({ targets: [target] }), [
      [
        "targets[0].kind",
        "Istio ignores an EnvoyFilter for a waypoint without an error, so nothing would be inspected",
      ],
    ]);
  });

  it("refuses the switch of the agent that it sets itself, and response bodies without response data", () => {
    assert.deepEqual(refused({ agent: { extraOptions: { "envoy-extproc-enabled": "true" } } }), [
      [
        'agent.extraOptions["envoy-extproc-enabled"]',
        "SIGSCI_ENVOY_EXTPROC_ENABLED is already set by enforcement",
      ],
    ]);
    assert.deepEqual(
      refused({
        agent: { expectResponseData: false },
        externalProcessing: { responseBody: BodyMode.Streamed },
      }),
      [
        [
          "externalProcessing.responseBody",
          "agent.expectResponseData is false, so the agent is told nothing of a response",
        ],
      ],
    );
  });

  it("lets several agents share the work", () => {
    assert.deepEqual(refused({ agent: { replicas: 3 } }), []);
    assert.equal(refused({ enforcement: undefined, agent: { replicas: 3 } }).length, 1);
  });

  it("warns of body modes that refuse or hold what passes else", () => {
    const about = (text: string): RegExp => new RegExp(text);
    const said = (requestBody?: BodyMode, responseBody?: BodyMode): string =>
      warned({ externalProcessing: { requestBody, responseBody } }).join("\n");
    assert.equal(said(), "");
    assert.match(said(BodyMode.Buffered), about("requestBody is Buffered: .* with 413, also with failOpen"));
    assert.match(said(BodyMode.BufferedPartial), about("requestBody is BufferedPartial: .* hang"));
    assert.match(said(undefined, BodyMode.Buffered), about("responseBody is Buffered: .* hang"));
    assert.match(
      said(undefined, BodyMode.BufferedPartial),
      about("responseBody is BufferedPartial: .* hang"),
    );
    assert.equal(said(BodyMode.None, BodyMode.Streamed), "");
  });
});
