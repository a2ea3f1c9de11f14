import assert from "node:assert/strict";
import { camelCased, checksOf, type ExternalCheck } from "../../src/kubernetes/externalChecks";

const metadataInput =
  "type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3.DynamicMetadataInput";
const headerInput = "type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput";

const processor = (more: object = {}): object => ({
  name: "envoy.filters.http.ext_proc",
  typed_config: {
    grpc_service: { envoy_grpc: { cluster_name: "agent" } },
    failure_mode_allow: true,
    message_timeout: "0.2s",
    ...more,
  },
});
const executed = (filter: object, sample_percent?: object): object => ({
  action: { typed_config: { typed_config: filter, ...(sample_percent && { sample_percent }) } },
});
const predicate = (type: string): object => ({
  single_predicate: { input: { typed_config: { "@type": type } } },
});
const matched = (on: object, ...predicates: object[]): object => ({
  predicate: predicates.length === 1 ? predicates[0] : { and_matcher: { predicate: predicates } },
  on_match: on,
});
const composite = (xds_matcher: object): ExternalCheck[] =>
  checksOf(camelCased({ name: "envoy.filters.http.ext_proc", typed_config: { xds_matcher } }));
const shares = (checks: readonly ExternalCheck[]): [number, boolean][] =>
  checks.map(({ percent, isSelective }) => [percent, isSelective]);
const tenth = { default_value: { numerator: 10 } };

describe("checksOf", () => {
  it("reads a filter of external authorization, however its names are written", () => {
    const config = {
      grpc_service: { google_grpc: { target_uri: "agent:9999" } },
      failure_mode_allow: false,
      stat_prefix: "",
      filter_enabled: tenth,
      filter_enabled_metadata: {},
    };
    const [check, ...others] = checksOf(
      camelCased({ name: "envoy.filters.http.ext_authz", typed_config: config }),
    );
    assert.deepEqual(others, []);
    assert.deepEqual(check, {
      filter: "ext_authz",
      cluster: "agent:9999",
      failOpen: false,
      observed: false,
      percent: 10,
      isSelective: true,
      sendsBodies: false,
      fields: ["grpcService", "filterEnabled", "filterEnabledMetadata"],
      config: camelCased(config),
    });
    assert.deepEqual(checksOf({ name: "envoy.filters.http.ext_authz", typedConfig: camelCased(config) }), [
      check,
    ]);
  });

  it("reads a filter of external processing", () => {
    const [check] = checksOf(camelCased(processor()));
    assert.deepEqual(
      [check?.filter, check?.cluster, check?.failOpen, check?.percent, check?.isSelective, check?.fields],
      ["ext_proc", "agent", true, 100, false, ["grpcService", "failureModeAllow", "messageTimeout"]],
    );
  });

  it("reads each case of external processing that depends on the request", () => {
    const webSocket = matched(
      executed(processor({ processing_mode: {} })),
      predicate(headerInput),
      predicate(headerInput),
    );
    const all = composite({ matcher_list: { matchers: [webSocket] }, on_no_match: executed(processor()) });
    assert.deepEqual(shares(all), [
      [100, false],
      [100, false],
    ]);
    assert.deepEqual(
      all.map(({ fields }) => fields.includes("processingMode")),
      [true, false],
    );
    const marked = matched(executed(processor(), tenth), predicate(metadataInput), predicate(headerInput));
    const ofMarked = composite({ matcher_list: { matchers: [marked] } });
    assert.deepEqual(shares(ofMarked), [[10, true]]);
    assert.ok(ofMarked[0]?.fields.includes("samplePercent"));
    const both = composite({
      matcher_list: { matchers: [marked] },
      on_no_match: executed(processor(), { default_value: {} }),
    });
    assert.deepEqual(shares(both), [
      [10, true],
      [0, false],
    ]);
    const byHeader = composite({
      matcher_list: { matchers: [matched(executed(processor()), predicate(headerInput))] },
    });
    assert.deepEqual(shares(byHeader), [[100, true]]);
    assert.deepEqual(composite({ on_no_match: { action: { typed_config: {} } } }), []);
  });

  it("reads no other filter", () => {
    assert.deepEqual(checksOf({ name: "envoy.filters.http.lua", typedConfig: {} }), []);
    assert.deepEqual(checksOf(undefined), []);
  });
});
