/**
 * Input that a command refuses: an unreadable or wrong file, a program that cannot be run. The message is complete
 * for the user and is shown without a stack. Ends the command with exit code 1.
 */
export class Refusal extends Error {
  public override readonly name: string = "Refusal";
}

/** A command used wrongly: a folder that is not there, flags that contradict each other. Exit code 2. */
export class UsageProblem extends Refusal {
  public override readonly name = "UsageProblem";
}
