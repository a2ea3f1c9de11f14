import * as pulumi from "@pulumi/pulumi";
import { isRecord } from "../pulumi/inputs";

/**
 * Component arguments are stored in the stack's state: the keys go in as secrets, also when given in plain text.
 * The arguments are not checked yet, so they may be anything, and a key may stand under a misspelt name.
 */
export function withSecretCredentials(args: unknown): pulumi.Inputs {
  if (!isRecord(args)) {
    return {};
  }
  const { agent, credentials, preflight } = args;
  return {
    ...args,
    preflight: hiddenExcept(preflight, (key) => key !== "kubeconfig"),
    credentials: hiddenExcept(credentials, (key) => key === "site" || key === "existingSecret"),
    agent: isRecord(agent)
      ? { ...agent, options: hiddenExcept(agent.options, (key) => !/secret/i.test(key)) }
      : agent,
  };
}

function hiddenExcept(holder: unknown, shown: (key: string) => boolean): unknown {
  if (!isRecord(holder)) {
    return holder === undefined ? undefined : pulumi.secret(holder);
  }
  return Object.fromEntries(
    Object.entries(holder).map(([key, value]) => [
      key,
      value === undefined || shown(key) ? value : pulumi.secret(value),
    ]),
  );
}
