import assert from "node:assert/strict";
import {
  clusterName,
  envoyGrpc,
  googleGrpc,
  localAgent,
  referencedServices,
} from "../../../src/enforcement/envoyFilter/agentAddress";
import { serviceAgent } from "./plans";

describe("the agent's address", () => {
  it("has a cluster in the pod that is named by its port, whoever refers to it", () => {
    const agent = localAgent(9100);
    assert.deepEqual(agent, { place: "pod", port: 9100, cluster: "sigsci-agent-grpc-9100" });
    assert.equal(clusterName(agent), "sigsci-agent-grpc-9100");
    assert.notEqual(clusterName(localAgent(9101)), clusterName(agent));
    assert.deepEqual(envoyGrpc(agent), { cluster_name: "sigsci-agent-grpc-9100" });
    assert.deepEqual(googleGrpc(agent, "waf"), { target_uri: "127.0.0.1:9100", stat_prefix: "waf" });
    assert.deepEqual(referencedServices(agent, "sigsci"), {});
  });

  it("is Istio's cluster for a Service, with a host name as authority", () => {
    const host = "sigsci-agent.sigsci.svc.cluster.local";
    assert.deepEqual(envoyGrpc(serviceAgent), { cluster_name: `outbound|9999||${host}`, authority: host });
    assert.deepEqual(googleGrpc(serviceAgent, "waf"), { target_uri: `${host}:9999`, stat_prefix: "waf" });
    assert.deepEqual(referencedServices(serviceAgent, "sigsci"), {
      "envoyfilter.istio.io/referenced-services": `sigsci/${host}`,
    });
  });
});
