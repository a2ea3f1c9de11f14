import type * as pulumi from "@pulumi/pulumi";
import type { ArgumentProblem } from "./problem";
import { dnsSubdomain, labelKey, labelValue } from "../kubernetes/syntax";
import type { AgentArgs } from "../args/agent";
import { leafProblems } from "./known";
import { injectionKey, isReservedLabel } from "../agent/metadata";

type Texts = Record<string, pulumi.Input<string>>;

/**
 * Everything that is wrong with names, labels and annotations of the pods; leaves that are known only later are
 * skipped.
 *
 * @param args - The agent's arguments.
 * @param path - Where they stand, for example `agent`.
 */
export function podProblems(args: AgentArgs, path: string): ArgumentProblem[] {
  const objectName = "Give the name of an existing object, in lower case.";
  return [
    ...leafProblems(`${path}.serviceAccountName`, args.serviceAccountName, dnsSubdomain, objectName),
    ...leafProblems(`${path}.priorityClassName`, args.priorityClassName, dnsSubdomain, objectName),
    ...(args.imagePullSecrets ?? []).flatMap((name, index) =>
      leafProblems(`${path}.imagePullSecrets[${index}]`, name, dnsSubdomain, objectName),
    ),
    ...labelProblems(args.nodeSelector, `${path}.nodeSelector`),
    ...labelProblems(args.podLabels, `${path}.podLabels`),
    ...reservedProblems(args.podLabels, `${path}.podLabels`, isReservedLabel),
    ...keyProblems(args.podAnnotations, `${path}.podAnnotations`),
    ...reservedProblems(args.podAnnotations, `${path}.podAnnotations`, (key) => key === injectionKey),
  ];
}

function keyProblems(texts: Texts | undefined, path: string): ArgumentProblem[] {
  return Object.keys(texts ?? {}).flatMap((key) => {
    const reason = labelKey(key);
    const remedy = 'Write a key such as "team" or "example.com/team".';
    return reason === undefined
      ? []
      : [{ path: entryPath(path, key), reason: `as a key, ${reason}`, remedy }];
  });
}

function labelProblems(texts: Texts | undefined, path: string): ArgumentProblem[] {
  const remedy = "Write a label value: up to 63 letters, digits, hyphens, underscores and dots.";
  return [
    ...keyProblems(texts, path),
    ...Object.entries(texts ?? {}).flatMap(([key, value]) =>
      leafProblems(entryPath(path, key), value, labelValue, remedy),
    ),
  ];
}

function reservedProblems(
  texts: Texts | undefined,
  path: string,
  isReserved: (key: string) => boolean,
): ArgumentProblem[] {
  return Object.keys(texts ?? {})
    .filter(isReserved)
    .map((key) => ({
      path: entryPath(path, key),
      reason: "the component sets it itself: the agent's pods are found, and kept out of the mesh, by it",
      remedy: "Remove it, or use a key of your own.",
    }));
}

function entryPath(path: string, key: string): string {
  return `${path}[${JSON.stringify(key)}]`;
}
