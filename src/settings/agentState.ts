import type { AgentArgs } from "../args/agent";
import { Enforcement } from "../args/integration";
import { defaultExpectResponseData } from "./agentDefaults";

/** What decides whether an agent keeps something. */
interface Exchange {
  /** How Envoy is told to ask the agent. */
  enforcement?: Enforcement;
  /** The agent. */
  agent?: Pick<AgentArgs, "expectResponseData">;
}

/**
 * Whether an agent keeps what it saw of a request until the response is logged: then it has to be the one that gets both,
 * so there can be one agent only for a proxy to ask.
 */
export function keepsState({ enforcement, agent }: Exchange): boolean {
  if (enforcement === Enforcement.ExternalProcessing) {
    return false;
  }
  return agent?.expectResponseData ?? defaultExpectResponseData;
}
