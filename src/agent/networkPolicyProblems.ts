import type { ArgumentProblem } from "../validation/problem";
import { dnsLabel } from "../kubernetes/syntax";
import type { NetworkPolicyArgs } from "../args/agent";
import { cidrBlock } from "../kubernetes/cidr";
import { leafProblems } from "../validation/known";

/**
 * Everything that is wrong with the NetworkPolicy; leaves that are known only later are skipped.
 *
 * @param policy - The policy as given.
 * @param path - Where it stands, for example `agent.networkPolicy`.
 */
export function networkPolicyProblems(
  policy: NetworkPolicyArgs | undefined,
  path: string,
): ArgumentProblem[] {
  const namespaces = policy?.fromNamespaces;
  const cidrs = policy?.toCidrs;
  return [
    ...(namespaces?.length === 0
      ? [emptyList(`${path}.fromNamespaces`, "no pod could reach the agent", "every namespace")]
      : []),
    ...(namespaces ?? []).flatMap((namespace, index) =>
      leafProblems(`${path}.fromNamespaces[${index}]`, namespace, dnsLabel, "Give the name of a namespace."),
    ),
    ...(cidrs?.length === 0
      ? [emptyList(`${path}.toCidrs`, "Kubernetes reads an empty list as every address", "every address")]
      : []),
    ...(cidrs ?? []).flatMap((cidr, index) =>
      leafProblems(
        `${path}.toCidrs[${index}]`,
        cidr,
        cidrBlock,
        'Write an address and a prefix length, for example "203.0.113.0/24" or "2001:db8::/32".',
      ),
    ),
  ];
}

function emptyList(path: string, reason: string, meaning: string): ArgumentProblem {
  return { path, value: [], reason, remedy: `Name at least one, or leave it out for ${meaning}.` };
}
