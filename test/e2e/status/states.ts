import { endpointSlice, agentPort, type ExtensionProvider, type Manifest } from "../datapath/mesh";
import { objectsFor } from "../datapath/objectsFor";
import type { Scenario } from "../datapath/scenario";
import type { StatusRig } from "./statusRig";

/** What is in the mesh for a test; everything of it may be spoiled before it is written. */
export interface State {
  readonly providers: readonly ExtensionProvider[];
  readonly objects: readonly Manifest[];
}

/** The component's own objects for a scenario. */
export async function stateOf(scenario: Scenario): Promise<State> {
  const { service, providers, objects } = await objectsFor(scenario);
  return { providers, objects: [...service, ...objects] };
}

/** The same state with another text at one place of its objects. */
export function spoiled(state: State, pattern: RegExp, text: string): State {
  const before = JSON.stringify(state.objects);
  const after = before.replace(pattern, text);
  if (after === before) {
    throw new Error(`${String(pattern)} is nowhere in ${before}`);
  }
  // The text of objects, changed in place.
  return { ...state, objects: JSON.parse(after) as Manifest[] };
}

/** Writes a state, runs something with it and takes it away again. The agent's Service is part of the mesh and stays. */
export async function withState(rig: StatusRig, state: State, run: () => Promise<void>): Promise<void> {
  await rig.setProviders(state.providers);
  await rig.put(state.objects);
  try {
    await run();
  } finally {
    await rig.take(state.objects.filter(({ kind }) => kind !== "Service"));
    await rig.setProviders([]);
  }
}

/** Endpoints of the agent's Service. */
export function agentEndpoints(...addresses: string[]): Manifest {
  const endpoints = addresses.map((address) => ({ addresses: [address] }));
  return endpointSlice({ namespace: "sigsci", name: "sigsci-agent" }, endpoints, [agentPort]);
}
