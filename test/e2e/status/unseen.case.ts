import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { runCommand } from "../../cli/run";
import { workloadProxy } from "../datapath/envoyBootstrap";
import { without } from "../mesh/documentedRoles";
import { applyObjects, parseObjects } from "../stack/apply";
import { look, policies, rig, untilRow, workload } from "./observed";
import { stateOf, withState } from "./states";

describe("status of what cannot be seen", () => {
  it("never says inspected when no istiod can be reached, unless an address is given", async () => {
    await withState(rig(), await stateOf(policies), async () => {
      await untilRow("web", { status: "inspected", pods: "3 of 3" }, 0);
      rig().cutOff("istiod-a");
      const { report, exitCode } = await look();
      assert.deepEqual([exitCode, workload(report, "web").status], [3, "unknown"]);
      assert.ok(report.workloads.every(({ status }) => status !== "inspected"));
      const address = ["--istiod", rig().istiodUrl("istiod-a")];
      await untilRow("web", { status: "inspected", pods: "3 of 3" }, 0, ...address);
      rig().reconnect("istiod-a");
    });
  });

  it("names the verb and the resource of every right that is missing", async () => {
    const { out, exitCode } = await runCommand([
      "status",
      "--kubeconfig",
      rig().cluster.kubeconfigOf("stranger"),
    ]);
    assert.equal(exitCode, 3);
    const said = out.replaceAll(/\s+/g, " ");
    assert.doesNotMatch(said, /HTTP status/);
    for (const resource of ["pods", "deployments", "authorizationpolicies", "envoyfilters", "gateways"]) {
      assert.match(said, new RegExp(`not permitted: list .*\\b${resource}\\b.*verbs: \\["list"\\]`));
    }
  });

  it("says how to name an istiod that is not where it is looked for", async () => {
    const { report, exitCode } = await look("--istio-namespace", "shop");
    assert.deepEqual([exitCode, report.istiods], [3, []]);
    assert.match(
      report.gaps.join(" "),
      /no pod of istiod .* in namespace shop: .*--istio-namespace.*--istiod/,
    );
  });

  it("needs the documented rights, and no more", async () => {
    const file = resolve(__dirname, "../../../docs/permissions-status.yaml");
    const roles = parseObjects(readFileSync(file, "utf8"));
    const operator = ["--kubeconfig", rig().cluster.kubeconfigOf("operator")];
    await applyObjects(rig().cluster.kubeconfig, roles);
    await withState(rig(), await stateOf(policies), async () => {
      await untilRow("web", { status: "inspected", pods: "3 of 3" }, 0, ...operator);
      for (const verb of ["get", "create"]) {
        await applyObjects(
          rig().cluster.kubeconfig,
          roles.map((role) => without(role, "pods/portforward", verb)),
        );
        const { report, exitCode } = await look(...operator);
        assert.deepEqual([exitCode, workload(report, "web").status], [3, "unknown"]);
        assert.match(report.gaps.join(" "), new RegExp(`${verb} pods/portforward is not permitted`));
      }
    });
  });

  it("says that there is no kubeconfig", async () => {
    const { out, err, exitCode } = await runCommand(["status", "--kubeconfig", "/nowhere/config"]);
    assert.deepEqual([out, exitCode], ["", 3]);
    assert.match(err.replaceAll(/\s+/g, " "), /\/nowhere\/config/);
    assert.doesNotMatch(err, /^ +at /m);
  });
  describe("with two istiods", () => {
    before(async () => {
      await rig().startIstiod("istiod-b");
      const proxy = { ...workloadProxy, pod: "cart-0", address: "10.244.1.5" };
      await rig().runWorkload("cart", [proxy], "istiod-b");
    });

    it("asks both, and says unknown of the proxies of one that does not answer", async () => {
      await withState(rig(), await stateOf(policies), async () => {
        await untilRow("cart", { status: "inspected", pods: "1 of 1" }, 0);
        await untilRow("web", { status: "inspected", pods: "3 of 3" }, 0);
        rig().cutOff("istiod-b");
        const { report, exitCode } = await look();
        rig().reconnect("istiod-b");
        assert.equal(exitCode, 3);
        assert.deepEqual(
          ["cart", "web"].map((name) => workload(report, name).status),
          ["unknown", "inspected"],
        );
        assert.match(report.istiods.map(({ problem }) => problem).join(" "), /istiod-b/);
      });
    });
  });
});
