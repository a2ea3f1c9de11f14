import assert from "node:assert/strict";
import { Enforcement, InspectionMode } from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { describeErrors } from "../../src/preflight/finding";
import type { Finding } from "../../src/preflight/finding";
import { refuseUnseen } from "../../src/preflight/refuseUnseen";
import type { PreflightContext } from "../../src/preflight/subject";
import { PreflightCheck } from "../../src/args/preflight";
import { integrationSettings } from "../../src/settings/integration";
import { recordProgram } from "../../src/offline/recording";
import * as pulumi from "@pulumi/pulumi";

const refused = async (args: Partial<SigsciIstioIntegrationArgs>): Promise<string | undefined> => {
  let message: string | undefined;
  await recordProgram(() => {
    const targets = ["web", "api"].map((name) => ({ name, namespace: "shop" }));
    const settings = integrationSettings("waf", { credentials: {}, targets, ...args });
    const component = new pulumi.ComponentResource("test:index:Waf", "waf");
    const context: Pick<PreflightContext, "component" | "settings"> = { component, settings };
    try {
      refuseUnseen(context, "the API server does not answer.");
    } catch (error) {
      message = error instanceof Error ? error.message : String(error);
    }
  });
  return message;
};

describe("observing in a cluster that nobody has looked at", () => {
  const inspection = { mode: InspectionMode.Observe };

  it("is refused with the reason and the ways out", async () => {
    assert.equal(
      await refused({ inspection }),
      'SigsciIstioIntegration "waf": targets web, api: with enforcement AuthorizationPolicy, an Istio before 1.31 blocks ' +
        "what is to be observed, and preflight has not seen which one runs: the API server does not answer.\n" +
        "    Let preflight look (`preflight.enabled`, `preflight.kubeconfig`), use enforcement ExternalProcessing, which " +
        "observes with every version, or let the targets block.",
    );
    assert.match(
      (await refused({ inspection, enforcement: Enforcement.EnvoyFilter })) ?? "",
      /EnvoyFilter, an/,
    );
  });

  it("does not matter where everything blocks, or nothing is asked", async () => {
    assert.equal(await refused({}), undefined);
    assert.equal(await refused({ inspection, teardown: true }), undefined);
  });
});

describe("describeErrors", () => {
  const finding: Finding = {
    check: PreflightCheck.Observing,
    docs: "observing",
    severity: "error",
    where: "target web",
    message: "it is so.",
    remedy: "Do this.",
  };

  it("offers to ignore a check only where one of those that failed may be ignored", () => {
    assert.doesNotMatch(describeErrors("waf", [finding]), /preflight\.ignore/);
    assert.match(
      describeErrors("waf", [finding, { ...finding, check: PreflightCheck.Provider }]),
      /preflight\.ignore/,
    );
  });
});
