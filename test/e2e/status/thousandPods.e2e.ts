import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { StatusReport } from "../../../src/status/report";
import {
  deployment,
  pod,
  policy,
  policyFilters,
  shop,
  sidecarDump,
  withRecordedCluster,
  type RecordedCluster,
} from "../../status/recordedCluster";
import { packedProject } from "../stack/packed";

const count = 1000;
/** Of CPU time, so that a busy machine does not count: configurations come one after the other. */
const limitSeconds = 30;
const printCpu = `data:text/javascript,process.on("exit",()=>{const{user,system}=process.cpuUsage();console.error("cpu "+(user+system))})`;
/** Together, the configurations take more than five times as much. */
const heapMegabytes = 192;

/** What a proxy of a large mesh has besides: a listener and a cluster for each of some hundred Services. */
function others(): object[] {
  return Array.from({ length: 400 }, (_, index) => ({
    "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
    name: `outbound|8080||service-${index}.shop.svc.cluster.local`,
    type: "EDS",
    transportSocketMatches: Array.from({ length: 2 }, (__, match) => ({
      name: `match-${match}`,
      transportSocket: {
        typedConfig: { commonTlsContext: { alpnProtocols: ["istio", "h2"], text: "x".repeat(1000) } },
      },
    })),
  }));
}

describe("status of a thousand pods", () => {
  it(`takes less than ${limitSeconds} s and ${heapMegabytes} MB of heap`, async function () {
    this.timeout(120_000);
    const pods = Array.from({ length: count }, (_, index) => pod(`web-7d9-${index}`, "web"));
    const proxy = { dump: [...others(), ...sidecarDump(policyFilters("waf-web"))] };
    const recorded: RecordedCluster = {
      lists: {
        namespaces: [shop],
        deployments: [deployment("web")],
        pods,
        authorizationpolicies: [policy("web", "web")],
      },
      proxies: Object.fromEntries(pods.map((_, index) => [`web-7d9-${index}.shop`, proxy])),
    };
    const { folder } = await packedProject();
    const program = join(folder, "node_modules", ".bin", "pulumi-sigsci-istio");
    await withRecordedCluster(recorded, async (flags) => {
      const options = [`--max-old-space-size=${heapMegabytes}`, "--import", printCpu];
      const args = [...options, program, "status", "--json", ...flags];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
      const ended = new Promise((resolve) => child.once("exit", resolve));
      const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
      assert.equal(code, 0, err);
      // The command's own document.
      const { workloads } = JSON.parse(out) as StatusReport;
      assert.deepEqual(
        workloads.map(({ status, pods: seen }) => [status, seen.inspected]),
        [["inspected", count]],
      );
      const seconds = Number(/cpu (\d+)/.exec(err)?.[1]) / 1e6;
      assert.ok(seconds < limitSeconds, `it took ${seconds} s`);
    });
  });
});
