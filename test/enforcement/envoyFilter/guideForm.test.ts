import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { localAgent } from "../../../src/enforcement/envoyFilter/agentAddress";
import { envoyFilterSpec } from "../../../src/enforcement/envoyFilter/envoyFilterSpec";
import type { EnvoyFilterSpec } from "../../../src/enforcement/envoyFilter/envoyFilterTypes";
import { planOf } from "./plans";

const fixture = parse(readFileSync(join(__dirname, "guideEnvoyFilter.yaml"), "utf8")) as {
  spec: EnvoyFilterSpec; // a file of ours beside this test
};
const workloads = { labels: { app: "helloworld" } };
const guideBody = { timeout: "0.2s", body: { maxBytes: 8192 } };

describe("the guide's EnvoyFilter", () => {
  it("is made field by field", () => {
    const plan = planOf({ workloads, args: { guideCompatible: true }, inspection: guideBody });
    assert.deepEqual(envoyFilterSpec(plan), fixture.spec);
  });

  it("takes every value that it has a place for", () => {
    const plan = planOf({
      workloads,
      agent: localAgent(9100),
      args: { guideCompatible: true, connectTimeout: "1s", statPrefix: "waf" },
      inspection: {
        timeout: "1500ms",
        failOpen: false,
        body: { maxBytes: 100, allowPartial: false },
        requestHeadersToLog: ["user-agent"],
        responseHeadersToLog: ["date"],
        logName: "waf-log",
      },
    });
    const text = JSON.stringify(fixture.spec)
      .replaceAll('"timeout":"0.2s"', '"timeout":"1.5s"')
      .replace('"failure_mode_allow":true', '"failure_mode_allow":false')
      .replace(
        '"max_request_bytes":8192,"allow_partial_message":true',
        '"max_request_bytes":100,"allow_partial_message":false',
      )
      .replace('"accept","content-type","content-length"', '"user-agent"')
      .replace('"date","server","content-type","content-length"', '"date"')
      .replace('"log_name":"sigsci-agent-grpc"', '"log_name":"waf-log"')
      .replace('"stat_prefix":"sigsci-agent"', '"stat_prefix":"waf"')
      .replace('"connect_timeout":"0.5s"', '"connect_timeout":"1s"')
      .replace("127.0.0.1:9999", "127.0.0.1:9100")
      .replace('"port_value":9999', '"port_value":9100');
    assert.deepEqual(envoyFilterSpec(plan), JSON.parse(text));
  });

  it("has no body settings without a body and no access log without response data", () => {
    const plan = planOf({
      workloads,
      args: { guideCompatible: true },
      inspection: { timeout: "0.2s", body: { enabled: false } },
      responseData: false,
    });
    const [filter, , cluster] = fixture.spec.configPatches;
    const text = JSON.stringify([filter, cluster]).replace(
      ',"with_request_body":{"max_request_bytes":8192,"allow_partial_message":true}',
      "",
    );
    assert.deepEqual(envoyFilterSpec(plan).configPatches, JSON.parse(text));
  });
});
