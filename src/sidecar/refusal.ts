import { Refusal } from "../pulumi/refusal";
import { describeProblems } from "../validation/problem";
import type { ArgumentProblem } from "../validation/problem";

/** A refusal to add the agent to a pod: where, which value, why and the way out. */
export class SidecarRefusal extends Refusal {
  /** All reasons. */
  readonly problems: readonly ArgumentProblem[];

  /**
   * @param subject - What is refused, for example `withSigsciAgent`.
   * @param problems - At least one reason.
   */
  constructor(subject: string, problems: readonly ArgumentProblem[]) {
    super(describeProblems(subject, problems));
    this.name = "SidecarRefusal";
    this.problems = problems;
  }
}

/**
 * Throws when there is a reason to.
 *
 * @param subject - What is refused.
 * @param problems - The reasons, possibly none.
 * @throws SidecarRefusal naming all of them.
 */
export function refuse(subject: string, problems: readonly ArgumentProblem[]): void {
  if (problems.length > 0) {
    throw new SidecarRefusal(subject, problems);
  }
}
