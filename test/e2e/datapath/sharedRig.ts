import { Rig } from "./rig";

let started: Promise<Rig> | undefined;

/** The rig that all files of this suite share; the first call starts it. */
export async function sharedRig(): Promise<Rig> {
  started ??= Rig.start();
  return started;
}

/** Hooks of the test runner for the whole suite. */
export const mochaHooks = {
  /** Ends the rig after the last test. */
  async afterAll(): Promise<void> {
    await (await started)?.stop();
  },
};
