import { annotateSecrets, isObject, isSecret, makeSecret, plain, type JsonObject } from "../values";
import { gvkOf, stringAt } from "./objects";

/** Keys of the state that are the provider's own. */
const INPUTS = "__inputs";
const INITIAL_API_VERSION = "__initialApiVersion";
const FIELD_MANAGER = "__fieldManager";

/** What the provider needs to remember about an object besides the object itself. */
export interface Bookkeeping {
  readonly initialApiVersion: string;
  readonly fieldManager: string;
}

/**
 * The state of a resource: the **whole live object**, with the inputs, the first apiVersion and the field manager
 * beside it. Secret marks come from the inputs of the program.
 */
export function checkpoint(
  inputs: JsonObject,
  live: JsonObject,
  programInputs: JsonObject,
  bookkeeping: Bookkeeping,
): JsonObject {
  const state = structuredClone(live);
  const storedInputs = structuredClone(inputs);
  annotateSecrets(state, programInputs);
  annotateSecrets(storedInputs, programInputs);
  markSecretData(state, programInputs);
  state[INPUTS] = storedInputs;
  state[INITIAL_API_VERSION] = bookkeeping.initialApiVersion;
  state[FIELD_MANAGER] = bookkeeping.fieldManager;
  return state;
}

/** The API server turns `stringData` into `data`: what was secret there is secret here. */
function markSecretData(state: JsonObject, programInputs: JsonObject): void {
  const gvk = gvkOf(state);
  const { data } = state;
  const { stringData } = programInputs;
  if (gvk.kind !== "Secret" || gvk.group !== "" || data === undefined || stringData === undefined) {
    return;
  }
  if (isSecret(stringData)) {
    state.data = makeSecret(data);
  } else if (isObject(data) && isObject(stringData)) {
    annotateSecrets(data, stringData);
  }
}

/** Splits a state into the inputs and the live object that it holds, both without secret marks. */
export function parseCheckpoint(state: JsonObject): { oldInputs: JsonObject; oldLive: JsonObject } {
  const { [INPUTS]: inputs, ...oldLive } = plain(state);
  return { oldInputs: isObject(inputs) ? inputs : {}, oldLive };
}

/** The field manager in a state, "" when it has none. */
export function storedFieldManager(state: JsonObject): string {
  return stringAt(state, FIELD_MANAGER);
}

/** The apiVersion with which the object was created. */
export function initialApiVersion(state: JsonObject, oldInputs: JsonObject): string {
  return stringAt(state, INITIAL_API_VERSION) || stringAt(oldInputs, "apiVersion");
}
