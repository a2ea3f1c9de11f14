import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import { Enforcement, PreflightCheck, SidecarInjection, SigsciIstioIntegration } from "../../src";
import type { SidecarPlacementArgs, SigsciIstioIntegrationArgs } from "../../src";
import { at } from "../../src/kubernetes/liveObject";
import { recordProgram } from "../../src/offline/recording";
import type { Recording } from "../../src/offline/recording";
import { named, recordRefusal } from "./program";
import { reads, web, withSidecar } from "./sidecarProgram";

interface PodLike {
  name: string;
  containers?: string[];
  labels?: Record<string, string>;
  phase?: string;
  args?: string[];
  initContainers?: object[];
  /** Variables of all containers. */
  env?: string[];
}

const listed = ({
  name,
  containers = ["web", "istio-proxy"],
  labels,
  phase = "Running",
  args,
  initContainers,
  env = [],
}: PodLike) => ({
  metadata: {
    name,
    namespace: "shop",
    labels: { app: "web", "pod-template-hash": "5f7d8", ...labels },
    ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-5f7d8" }],
  },
  spec: {
    containers: containers.map((one) => ({
      name: one,
      args,
      env: env.map((variable) => ({ name: variable })),
    })),
    initContainers,
  },
  status: { phase },
});
const withAgent = ["web", "istio-proxy", "sigsci-agent"];

describe("holding the enforcement back", () => {
  let server: Server;
  let pods: PodLike[] = [];
  let policy: object | undefined;
  let status = 200;

  before((done) => {
    server = createServer(({ url = "" }, response) => {
      const body = url.includes("/pods?") ? { items: pods.map(listed) } : policy;
      const code = body === undefined ? 404 : status;
      response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body ?? {}));
    }).listen(0, "127.0.0.1", done);
  });
  beforeEach(() => {
    [pods, policy, status] = [[], undefined, 200];
  });
  after((done) => {
    server.closeAllConnections();
    server.close(done);
  });

  const program =
    (sidecar: SidecarPlacementArgs, args: Partial<SigsciIstioIntegrationArgs> = {}) =>
    (): void => {
      Object.assign(pulumi.runtime.getMonitor() ?? {}, { getChannel: () => undefined });
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const kubeconfig = JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": "here",
        clusters: [{ name: "here", cluster: { server: address, "insecure-skip-tls-verify": true } }],
        users: [{ name: "me", user: { token: "t" } }],
        contexts: [{ name: "here", context: { cluster: "here", user: "me" } }],
      });
      const waf = new SigsciIstioIntegration(
        "waf",
        withSidecar({
          targets: [web],
          sidecar: { injection: SidecarInjection.Admission, ...sidecar },
          credentials: { existingSecret: { name: "keys" } },
          enforcement: Enforcement.EnvoyFilter,
          preflight: { kubeconfig, ignore: Object.values(PreflightCheck) },
          ...args,
        }),
      );
      waf.coverage.apply((targets) => percents.push(...targets.map(({ percent }) => percent)));
    };
  const percents: number[] = [];
  const preview = async (
    sidecar: SidecarPlacementArgs,
    args: Partial<SigsciIstioIntegrationArgs> = {},
  ): Promise<Recording> => {
    percents.length = 0;
    return recordProgram(program(sidecar, args), { reads, preview: true });
  };
  const patchesOf = (recording: Recording): unknown[] =>
    at(named(recording, "waf-web-envoy-filter").inputs, "spec", "configPatches") as unknown[];
  const heldOf = (recording: Recording): unknown =>
    at(
      named(recording, "waf-web-envoy-filter").inputs,
      "metadata",
      "annotations",
      "pulumi-sigsci-istio/held-back",
    );

  it("keeps a target without effect until enough of its running pods carry the agent, and says what to do", async () => {
    pods = [
      { name: "web-1", containers: withAgent },
      { name: "web-2" },
      { name: "web-3" },
      { name: "ended", phase: "Succeeded" },
      { name: "outside", containers: ["web"] },
      { name: "other", labels: { app: "api" } },
      { name: "excluded", labels: { waf: "off" } },
    ];
    const excludedPods = [{ matchLabels: { waf: "off" } }];
    const recording = await preview({ enforceFromPercent: 50, excludedPods });
    assert.deepEqual(patchesOf(recording), []);
    assert.equal(heldOf(recording), "until 50 % of its pods carry the agent (sidecar.enforceFromPercent)");
    const warning = recording.logs.find(({ message }) => message.includes("is not inspected yet"));
    assert.equal(
      warning?.message,
      "target web is not inspected yet: 1 of 3 running pods carry the agent, and its policy stays without effect until " +
        "50 % of its pods carry the agent (sidecar.enforceFromPercent). Start the others again, then run `pulumi up` " +
        "once more:\n    kubectl rollout restart deployment/web -n shop",
    );
    assert.deepEqual(percents, [0]);
  });

  it("does not wait for waypoints, which no selector reaches, nor takes an init container that ends for the agent", async () => {
    pods = [
      { name: "web-1", containers: withAgent },
      { name: "waypoint", containers: ["istio-proxy"], args: ["proxy", "waypoint"] },
    ];
    assert.ok(patchesOf(await preview({ enforceFromPercent: 100 })).length > 0);
    pods = [{ name: "web-1", initContainers: [{ name: "sigsci-agent" }] }];
    assert.deepEqual(patchesOf(await preview({ enforceFromPercent: 100 })), []);
    pods = [{ name: "web-1", initContainers: [{ name: "sigsci-agent", restartPolicy: "Always" }] }];
    assert.ok(patchesOf(await preview({ enforceFromPercent: 100 })).length > 0);
  });

  it("lets it take effect once they do, or where there is no pod", async () => {
    pods = [{ name: "web-1", containers: withAgent }, { name: "web-2" }];
    const recording = await preview({ enforceFromPercent: 50 });
    assert.ok(patchesOf(recording).length > 0);
    assert.equal(heldOf(recording), undefined);
    assert.ok(recording.logs.some(({ message }) => message.includes("it is inspected from now on")));
    pods = [];
    assert.ok(patchesOf(await preview({ enforceFromPercent: 100 })).length > 0);
  });

  it("takes no agent for ready that is asked by external processing and does not serve it", async () => {
    const serving = { name: "web-1", containers: withAgent, env: ["SIGSCI_ENVOY_EXTPROC_ENABLED"] };
    pods = [serving, { name: "web-2", containers: withAgent }, { name: "web-3" }];
    const enforcement = Enforcement.ExternalProcessing;
    const recording = await preview({ enforceFromPercent: 50 }, { enforcement });
    assert.deepEqual(patchesOf(recording), []);
    const until =
      "until 50 % of its pods carry an agent that serves external processing (sidecar.enforceFromPercent)";
    assert.equal(heldOf(recording), until);
    const warning = recording.logs.find(({ message }) => message.includes("is not inspected yet"));
    assert.equal(
      warning?.message.split(". Start")[0],
      "target web is not inspected yet: 1 of 3 running pods carry an agent that serves external processing, and its " +
        `policy stays without effect ${until}`,
    );
    pods = [serving, { name: "web-2", containers: withAgent }];
    assert.ok(patchesOf(await preview({ enforceFromPercent: 50 }, { enforcement })).length > 0);
    assert.ok(patchesOf(await preview({ enforceFromPercent: 100 })).length > 0);
  });

  it("keeps a target in effect that has been, whatever its pods carry", async () => {
    pods = [{ name: "web-1" }];
    policy = { spec: { configPatches: [{}] } };
    assert.ok(patchesOf(await preview({ enforceFromPercent: 100 })).length > 0);
    policy = { spec: { configPatches: [] } };
    assert.deepEqual(patchesOf(await preview({ enforceFromPercent: 100 })), []);
  });

  it("makes AuthorizationPolicy and Telemetry without effect", async () => {
    pods = [{ name: "web-1" }];
    const recording = await preview(
      { enforceFromPercent: 100 },
      { enforcement: Enforcement.AuthorizationPolicy },
    );
    const selector = { matchLabels: { app: "web" } };
    assert.deepEqual(named(recording, "waf-web-policy").inputs.spec, { selector, action: "AUDIT" });
    assert.deepEqual(named(recording, "waf-web-telemetry").inputs.spec, { selector });
  });

  it("counts nothing where no share is asked for", async () => {
    pods = [{ name: "web-1" }];
    assert.ok(patchesOf(await preview({})).length > 0);
  });

  it("refuses to guess when the pods cannot be counted, before anything is created", async () => {
    status = 403;
    policy = {};
    const { message, registered } = await recordRefusal(program({ enforceFromPercent: 90 }), {
      reads,
      preview: true,
    });
    assert.match(
      message,
      /sidecar\.enforceFromPercent \(90\): the pods with the agent could not be counted: /,
    );
    assert.match(message, /HTTP status 403/);
    assert.ok(!registered.includes("waf-web-envoy-filter"));
  });
});
