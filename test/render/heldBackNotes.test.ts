import assert from "node:assert/strict";
import { Placement, SidecarInjection } from "../../src";
import type { SidecarPlacementArgs, SigsciIstioIntegrationArgs } from "../../src";
import { heldBackNotes } from "../../src/render/heldBackNotes";
import { recordComponent } from "../component/program";

const targets = ["web", "api"].map((name) => ({ name, namespace: "shop", matchLabels: { app: name } }));

async function notes(
  sidecar: SidecarPlacementArgs,
  args: Partial<SigsciIstioIntegrationArgs> = {},
): Promise<string[]> {
  const injection = SidecarInjection.Admission;
  const { resources } = await recordComponent({
    placement: Placement.Sidecar,
    sidecar: { injection, ...sidecar },
    targets,
    ...args,
  });
  return heldBackNotes(resources);
}

describe("render: targets that may be held back", () => {
  it("says what cannot be known of them offline", async () => {
    assert.deepEqual(await notes({ enforceFromPercent: 90 }), [
      "targets web, api: shown as inspected, perhaps too early: offline no pods are counted, and `up` holds each policy " +
        "back that is not in effect yet, until 90 % of its pods carry the agent (sidecar.enforceFromPercent)",
    ]);
  });

  it("is silent where nothing is held back", async () => {
    assert.deepEqual(await notes({}), []);
    assert.deepEqual(await notes({ enforceFromPercent: 0 }), []);
    assert.deepEqual(await notes({ enforceFromPercent: 90 }, { teardown: true }), []);
  });
});
