import assert from "node:assert/strict";
import { Enforcement } from "../../src";
import { added } from "./differences";
import { field } from "./guide";
import { agentContainer, fields, rendered, variables } from "./objects";
import { row } from "./row";

describe("current guide: Envoy's external processing", () => {
  row("the switch of external processing", async ({ compare }) => {
    const container = await agentContainer({ enforcement: Enforcement.ExternalProcessing });
    compare(
      { name: "SIGSCI_ENVOY_EXTPROC_ENABLED", value: "true" },
      variables(container).SIGSCI_ENVOY_EXTPROC_ENABLED,
    );
    assert.ok(!("SIGSCI_ENVOY_EXPECT_RESPONSE_DATA" in variables(container)));
  });

  row("the server flavor", async ({ compare }) => {
    const container = await agentContainer({
      enforcement: Enforcement.ExternalProcessing,
      agent: { options: { serverFlavor: "envoy-gateway" } },
    });
    compare(
      { name: "SIGSCI_SERVER_FLAVOR", value: "envoy-gateway" },
      variables(container).SIGSCI_SERVER_FLAVOR,
    );
  });

  row("two agents", async ({ compare }) => {
    const deployment = await rendered("waf-deployment", {
      enforcement: Enforcement.ExternalProcessing,
      agent: { replicas: 2 },
    });
    compare({ replicas: 2 }, fields(field(deployment, "spec"), "replicas"));
  });

  row("readiness by gRPC", async ({ compare }) => {
    const container = await agentContainer({ enforcement: Enforcement.ExternalProcessing });
    compare({ grpc: { port: 9999 } }, field(container, "readinessProbe"), [
      added("", { periodSeconds: 5 }, "an agent that fails is left within seconds"),
    ]);
  });

  row("the processor", async ({ differs }) => {
    const filter = await rendered("waf-web-envoy-filter", { enforcement: Enforcement.ExternalProcessing });
    const text = JSON.stringify(field(filter, "spec"));
    assert.match(text, /ext_proc\.v3\.ExternalProcessor/);
    assert.match(text, /"request_body_mode":"STREAMED"/);
    assert.doesNotMatch(text, /http\.buffer/);
    differs("an EnvoyFilter, as Istio has no such object and no such provider");
    differs("bodies are streamed: nothing is answered with 413, and bodies of any length are inspected");
  });
});
