import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { SigsciIstioIntegration, TargetKind, TargetRefKind } from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import type { RecordOptions } from "../../src/offline/recording";
import { argumentProblems } from "../../src/validation";
import { recordRefusal } from "./program";
import { patched, reads, web, withSidecar } from "./sidecarProgram";

/** Paths of the problems. */
const refusals = (args: Partial<SigsciIstioIntegrationArgs>): string[] =>
  argumentProblems("waf", withSidecar(args)).map(({ path }) => path);

describe("Sidecar placement refuses", () => {
  it("nothing of a plain program", () => {
    assert.deepEqual(refusals({}), []);
  });

  it("arguments about pods of the agent's own", () => {
    assert.deepEqual(refusals({ namespace: "sigsci" }), ["namespace"]);
    assert.deepEqual(refusals({ createNamespace: false }), ["createNamespace"]);
    assert.deepEqual(refusals({ agent: { replicas: 1 } }), ["agent.replicas"]);
    assert.deepEqual(refusals({ agent: { nodeSelector: { a: "b" } } }), ["agent.nodeSelector"]);
  });

  it("waypoints, whose pods nobody can change", () => {
    const waypoint = { name: "w", namespace: "shop", kind: TargetKind.Waypoint };
    const targets = [{ ...waypoint, targetRefs: [{ kind: TargetRefKind.Gateway, name: "waypoint" }] }];
    assert.deepEqual(refusals({ targets }), ["targets[0].kind"]);
  });

  it("workloads of every namespace, as the Secret is in one", () => {
    const target = { name: "all", namespace: "istio-system", matchLabels: { app: "web" } };
    assert.deepEqual(refusals({ targets: [target] }), ["targets[0]"]);
    const root = { istioNamespace: "mesh" };
    assert.deepEqual(refusals({ targets: [target], mesh: root }), []);
    assert.deepEqual(refusals({ targets: [{ ...target, namespace: "mesh" }], mesh: root }), ["targets[0]"]);
  });

  it("a namespace that is known only later, unless the program brings the Secret", () => {
    const targets = [{ ...web, namespace: pulumi.output("shop") }];
    assert.deepEqual(refusals({ targets }), ["targets[0].namespace"]);
    assert.deepEqual(refusals({ targets, credentials: { existingSecret: { name: "own" } } }), []);
  });

  it("a workload without the labels of its pods, and one that two targets patch", () => {
    const whole = { ...patched, matchLabels: undefined };
    assert.deepEqual(refusals({ targets: [whole] }), ["targets[0].workload"]);
    const other = { ...patched, name: "other", matchLabels: { tier: "web" } };
    assert.deepEqual(refusals({ targets: [patched, other] }), ["targets[1].workload"]);
    const name = { ...patched, workload: { name: "Not A Name" } };
    assert.deepEqual(refusals({ targets: [name] }), ["targets[0].workload.name"]);
  });

  it("a workload that cannot take the agent, before anything is created", async () => {
    const taken: RecordOptions["reads"] = (type, id) => {
      const found = reads(type, id);
      return found !== undefined && type.endsWith(":Deployment")
        ? {
            ...found,
            spec: {
              template: {
                metadata: { labels: { app: "web" } },
                spec: { hostNetwork: true, containers: [{ name: "web", ports: [{ containerPort: 9999 }] }] },
              },
            },
          }
        : found;
    };
    const { message, registered } = await recordRefusal(
      () => {
        new SigsciIstioIntegration("waf", withSidecar());
      },
      { reads: taken },
    );
    assert.match(message, /Deployment shop\/web-v1: 2 arguments are refused, nothing was changed/);
    assert.match(message, /spec\.template\.spec\.hostNetwork = true/);
    assert.match(message, /containers\[0\]\.ports\[0\]\.containerPort = 9999/);
    assert.deepEqual(registered, ["waf", "waf-id"]);
  });
});
