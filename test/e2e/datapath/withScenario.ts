import { createHash } from "node:crypto";
import type { Rig } from "./rig";
import type { Scenario } from "./scenario";
import { sharedRig } from "./sharedRig";

/**
 * A group of tests that run while the agent is in the mesh as a scenario says. Each test starts with an agent
 * that is well and has seen nothing.
 *
 * @param define gets a function that gives the rig, to be called inside the tests
 */
export function withScenario(title: string, scenario: Scenario, define: (rig: () => Rig) => void): void {
  describe(title, () => {
    let rig: Rig | undefined;
    const current = (): Rig => {
      if (rig === undefined) {
        throw new Error("the rig is there inside tests and hooks only");
      }
      return rig;
    };
    before(async () => {
      rig = await sharedRig();
      await rig.reset();
      await rig.apply(scenario);
    });
    beforeEach(async () => {
      await current().reset();
    });
    after(async () => {
      await current().remove(scenario);
    });
    define(current);
  });
}

/** Hash of a body, as agent and app report it. */
export function sha256(data: Buffer | string): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Bytes that are no text in any encoding: every value occurs. */
export function binary(size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, index) => (index * 7 + (index >> 8)) % 256));
}
