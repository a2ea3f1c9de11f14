import type { AgentArgs } from "../args/agent";
import type { Enforcement } from "../args/integration";
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
export function keepsState({ agent }: Exchange): boolean {
  return agent?.expectResponseData ?? defaultExpectResponseData;
}
