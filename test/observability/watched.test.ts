import assert from "node:assert/strict";
import { InspectionMode } from "../../src/args/inspection";
import { watchedComponent } from "../../src/observability/watched";
import { integrationSettings } from "../../src/settings/integration";
import { smallest } from "../component/program";

const failsOpen = (...modes: InspectionMode[]): boolean => {
  const targets = modes.map((mode, index) => ({ name: `web-${index}`, namespace: "shop", mode }));
  const settings = integrationSettings("waf", { ...smallest, targets, inspection: { failOpen: false } });
  const known = { namespace: "sigsci", rootNamespace: "istio-system", version: undefined, targets: [] };
  return watchedComponent(settings, known, "agent").failOpen;
};

describe("watchedComponent", () => {
  it("knows that requests of observed targets pass without an answer, whatever failOpen says", () => {
    const { Block, Observe } = InspectionMode;
    assert.equal(failsOpen(Observe, Observe), true);
    assert.equal(failsOpen(Observe, Block), false);
    assert.equal(failsOpen(Block), false);
  });
});
