import { RequestFailure } from "../kubernetes/requestFailure";
import type { ClusterClient } from "../kubernetes/clusterClient";
import type { AccessQuestion } from "../kubernetes/rbacRules";
import { grouped } from "../kubernetes/rbacRules";
import type { GroupKey } from "../kubernetes/rbacRules";
import type { Right } from "./rights";

/** What the API server says of the rights of a user. */
export interface RightsReview {
  /** What the user may not do. */
  missing: readonly Right[];
  /** What could not be asked, and why; undefined when everything was answered. */
  unknown: { rights: readonly Right[]; failure: RequestFailure } | undefined;
}

/** One question, and the rights that it settles when the answer is yes. */
interface Question {
  asks: AccessQuestion;
  rights: readonly Right[];
}

const everything: AccessQuestion = { verb: "*", group: "*", resource: "*" };

/**
 * Asks whether the user may do all of it. An administrator costs one question; else rights that differ in namespace or
 * name only are asked for together first, and one by one where that is not allowed.
 *
 * @param rights - What the user must be allowed to do; none asks nothing.
 */
export async function reviewRights(
  reader: Pick<ClusterClient, "may">,
  rights: readonly Right[],
): Promise<RightsReview> {
  const missing: Right[] = [];
  const unknown: Right[] = [];
  let failure: RequestFailure | undefined;
  let open: Question[] = rights.length > 0 ? [{ asks: everything, rights }] : [];
  while (open.length > 0) {
    const next: Question[][] = [];
    const askOne = async (question: Question, index: number): Promise<void> => {
      try {
        if (await reader.may(question.asks)) {
          return;
        }
        if (question.asks !== everything && question.rights.length === 1) {
          missing.push(...question.rights);
        } else {
          next[index] = narrower(question);
        }
      } catch (error) {
        if (!(error instanceof RequestFailure)) {
          throw error;
        }
        failure ??= error;
        unknown.push(...question.rights);
      }
    };
    await Promise.all(open.map(askOne));
    open = next.flat();
  }
  // Answers come in any order; what is said of them does not.
  const inOrder = (some: readonly Right[]): Right[] => rights.filter((right) => some.includes(right));
  return { missing: inOrder(missing), unknown: failure && { rights: inOrder(unknown), failure } };
}

/** The questions that follow a no to one for several rights. */
function narrower({ asks, rights }: Question): Question[] {
  if (asks === everything) {
    return questions(rights, ({ verb, group, resource }) => [verb, group, resource]);
  }
  const byNamespace = questions(rights, ({ namespace }) => [namespace]);
  return byNamespace.length > 1
    ? byNamespace
    : rights.map((right) => ({ asks: asked(right), rights: [right] }));
}

function questions(rights: readonly Right[], keyOf: (right: Right) => GroupKey): Question[] {
  return grouped(rights, keyOf).map(([, group]) => ({ asks: common(group), rights: group }));
}

/** The narrowest question that covers rights of one verb and resource. */
function common(rights: readonly Right[]): AccessQuestion {
  const [first, ...others] = rights.map(asked);
  // A group is never empty.
  const { verb, group, resource, namespace, name } = first ?? everything;
  if (others.length === 0) {
    return { verb, group, resource, namespace, name };
  }
  const isOneNamespace = others.every((other) => other.namespace === namespace);
  return { verb, group, resource, namespace: isOneNamespace ? namespace : undefined };
}

function asked({ verb, group, resource, namespace, name }: Right): AccessQuestion {
  // The API server takes a namespace to be in itself. Source: Kubernetes, "Authorization".
  const place = resource === "namespaces" ? name : namespace;
  return { verb, group, resource, namespace: place, name };
}
