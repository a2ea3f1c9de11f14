import assert from "node:assert/strict";
import { readCounters, sumOf } from "../../src/status/counters";

// As a proxy with Istio's own tags prints them, and one without, which had a policy before its EnvoyFilter.
const tagged = `
envoy_http_ext_authz_ok{http_conn_manager_prefix="inbound_0.0.0.0_8080;"} 5
envoy_http_ext_authz_denied{http_conn_manager_prefix="inbound_0.0.0.0_8080;"} 2
envoy_http_ext_authz_error{http_conn_manager_prefix="inbound_0.0.0.0_8080;"} 1
envoy_http_ext_authz_failure_mode_allowed{http_conn_manager_prefix="inbound_0.0.0.0_8080;"} 1
envoy_cluster_ext_authz_ok{cluster_name="inbound|8080||;"} 5
istio_requests_total{reporter="destination",response_code="200",destination_app="web"} 8
istio_requests_total{reporter="source",response_code="200"} 100
`;
const untagged = `
envoy_http_0_0_0_8080__ext_authz_ok{envoy_http_conn_manager_prefix="inbound_0"} 5
envoy_http_0_0_0_8080__ext_authz_waf_ok{envoy_http_conn_manager_prefix="inbound_0"} 7
envoy_http_0_0_0_8080__ext_authz_waf_denied{envoy_http_conn_manager_prefix="inbound_0"} 2
envoy_http_0_0_0_8080__rbac_istio_ext_authz__shadow_denied{envoy_http_conn_manager_prefix="inbound_0"} 5
envoy_http_0_0_0_9000__ext_authz_ok{envoy_http_conn_manager_prefix="inbound_0"} 1
`;
const byDefault = `
envoy_http_rbac_istio_ext_authz_{authz_dry_run_result="denied",http_conn_manager_prefix="inbound_0.0.0.0_8080;"} 7
envoy_http_rbac_istio_ext_authz_{authz_dry_run_result="allowed",http_conn_manager_prefix="inbound_0.0.0.0_8080;"} 3
`;

describe("readCounters", () => {
  it("adds up what the filters have counted, each request once", () => {
    assert.deepEqual(readCounters(tagged), {
      checked: 8,
      blocked: 2,
      passed: 5,
      failed: 1,
      isExact: true,
      served: 8,
    });
    assert.deepEqual(readCounters(untagged), {
      checked: 15,
      blocked: 2,
      passed: 13,
      failed: 0,
      isExact: true,
      served: undefined,
    });
  });

  // Counted by Envoy 1.40 of 5 requests, 1 of them an attack; for the last row all after the attack came too late.
  const processing = (counts: Record<string, number>): string =>
    Object.entries({ stream_msgs_sent: 10, override_message_timeout_received: 0, ...counts })
      .map(
        ([name, count]) =>
          `envoy_http_ext_proc_sigsci_agent_${name}{http_conn_manager_prefix="inbound_0.0.0.0_8080;"} ${count}`,
      )
      .join("\n");
  const rows: [string, Record<string, number>, [number, number, number]][] = [
    ["answered", { immediate_responses_sent: 1 }, [1, 4, 0]],
    ["let through for want of an answer", { streams_failed: 5, failure_mode_allowed: 5 }, [0, 0, 5]],
    ["refused for want of an answer", { streams_failed: 5, immediate_responses_sent: 5 }, [0, 0, 5]],
    ["refused after the timeout", { message_timeouts: 4, immediate_responses_sent: 5 }, [1, 0, 4]],
  ];
  for (const [what, counts, [blocked, passed, failed]] of rows) {
    it(`adds up streams of external processing that were ${what}`, () => {
      assert.deepEqual(readCounters(processing({ streams_started: 5, ...counts })), {
        checked: 5,
        blocked,
        passed,
        failed,
        isExact: true,
        served: undefined,
      });
    });
  }

  it("counts what the policy selected where the proxy exposes no more", () => {
    const read = readCounters(byDefault);
    assert.deepEqual([read?.checked, read?.isExact], [7, false]);
    const vanilla =
      'envoy_http_0_0_0_8080__rbac_istio_ext_authz__shadow_denied{envoy_http_conn_manager_prefix="i"} 14';
    assert.equal(readCounters(vanilla)?.checked, 14);
  });

  it("takes counters that are not exposed for no zeros", () => {
    assert.equal(
      readCounters('istio_requests_total{reporter="destination",response_code="200"} 8'),
      undefined,
    );
  });

  it("adds up proxies, and is exact only when all are", () => {
    const sum = sumOf([tagged, byDefault].flatMap((text) => readCounters(text) ?? []));
    assert.deepEqual([sum.checked, sum.blocked, sum.isExact, sum.served], [15, 2, false, 8]);
  });
});
