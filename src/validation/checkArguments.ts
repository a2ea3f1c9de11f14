import * as pulumi from "@pulumi/pulumi";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
import { containsDeferred, isDeferred, secretTexts } from "../pulumi/inputs";
import { isComponentHost } from "../pulumi/componentHost";
import { ComponentRefusal } from "../pulumi/refusal";
import { argumentProblems, argumentWarnings } from ".";
import { otherSpellings } from "./otherLanguages";
import { describeProblems, hidingSecrets } from "./problem";

/**
 * Refuses plain arguments at once; what is known only later is checked before anything is created. Warnings are logged.
 *
 * @returns rejects when an argument that is known only later is refused.
 * @throws ComponentRefusal naming every argument that is refused.
 */
export function checkArguments(
  component: pulumi.ComponentResource,
  name: string,
  args: SigsciIstioIntegrationArgs,
): pulumi.Output<boolean> {
  const check = (known: unknown, secrets: readonly string[] = []): boolean => {
    const problems = argumentProblems(name, known).map((problem) => hidingSecrets(problem, secrets));
    if (problems.length > 0) {
      const spellings = isComponentHost() ? otherSpellings(problems) : "";
      throw new ComponentRefusal(
        describeProblems(`SigsciIstioIntegration "${name}"`, problems) + spellings,
        component,
      );
    }
    return true;
  };
  check(args);
  for (const warning of argumentWarnings(args, new Date())) {
    void pulumi.log.warn(warning, component);
  }
  // Without labels a target is for its whole namespace: an Output must not say so by being undefined.
  const targets = args.targets.map(({ matchLabels, ...target }) =>
    isDeferred(matchLabels)
      ? {
          ...target,
          matchLabels: pulumi.output(matchLabels).apply((labels: object | undefined) => labels ?? {}),
        }
      : { ...target, matchLabels },
  );
  return containsDeferred(args)
    ? pulumi
        .all([pulumi.output({ ...args, targets }), secretTexts(args)])
        .apply(([known, secrets]) => check(known, secrets))
    : pulumi.output(true);
}
